"""How long each stage of one question takes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter


class Timings:
    """Milliseconds by stage, from when this is made; a stage done twice counts in full."""

    def __init__(self) -> None:
        self._started = perf_counter()
        self._stages: dict[str, float] = {}

    def add(self, timings_ms: Mapping[str, float]) -> None:
        """Count stages that were measured elsewhere."""
        for name, milliseconds in timings_ms.items():
            self._stages[name] = self._stages.get(name, 0.0) + milliseconds

    @contextmanager
    def measured(self, stage: str) -> Iterator[None]:
        """Count the time that the block takes, also if it fails."""
        begun = perf_counter()
        try:
            yield
        finally:
            self.add({stage: 1000 * (perf_counter() - begun)})

    def rounded(self) -> dict[str, float]:
        """Return the stages so far and their ``total``, rounded."""
        total = 1000 * (perf_counter() - self._started)
        return {name: round(ms, 2) for name, ms in {**self._stages, "total": total}.items()}
