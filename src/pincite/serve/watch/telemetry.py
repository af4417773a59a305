"""Where the server's surfaces tell what they did: metrics, traces and logs."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from pincite.errors import CancelledError, PinciteError
from pincite.serve.watch.metrics import Metrics

Attributes = Mapping[str, str | bool | int | float]

# The state of the request that is being answered, which the guard fills: its id and its caller.
CURRENT: ContextVar[Mapping[str, Any] | None] = ContextVar("pincite_request", default=None)


class Span(Protocol):
    """One piece of work in a trace."""

    def tell(self, attributes: Attributes) -> None:
        """Add attributes."""
        ...

    def rename(self, name: str) -> None:
        """Give it another name."""
        ...

    def fail(self, code: str) -> None:
        """Mark it as failed."""
        ...

    def stages(self, timings_ms: Mapping[str, float]) -> None:
        """Add a child for each stage; they follow one another from the start of this one."""
        ...

    def current(self) -> AbstractContextManager[object]:
        """Make it the parent of what is begun in the block."""
        ...


class Tracer(Protocol):
    """Begins spans."""

    def span(
        self,
        name: str,
        kind: Literal["server", "client", "internal"],
        attributes: Attributes,
        headers: Mapping[str, str] | None = None,
    ) -> AbstractContextManager[Span]:
        """Open a span for the length of a block; ``headers`` may name a caller's trace."""
        ...


class _NoSpan:
    def tell(self, attributes: Attributes) -> None: ...

    def rename(self, name: str) -> None: ...

    def fail(self, code: str) -> None: ...

    def stages(self, timings_ms: Mapping[str, float]) -> None: ...

    def current(self) -> AbstractContextManager[object]:
        return nullcontext()


class NoTracer:
    """Traces nothing."""

    @contextmanager
    def span(
        self,
        name: str,
        kind: Literal["server", "client", "internal"],
        attributes: Attributes,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Span]:
        """Open a span that keeps nothing."""
        yield _NoSpan()


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What every surface tells; ``log_questions``: whether logs hold the questions' text."""

    metrics: Metrics = field(default_factory=Metrics)
    tracer: Tracer = field(default_factory=NoTracer)
    log_questions: bool = False


def code_of(error: BaseException) -> str:
    """Return the stable code of whatever ended a piece of work."""
    if isinstance(error, PinciteError):
        return error.code
    if isinstance(error, GeneratorExit | asyncio.CancelledError):
        return CancelledError.code
    return "internal_error"


def request_fields() -> dict[str, str | None]:
    """Return what a log line tells of the request that is being answered, if any is."""
    state = CURRENT.get() or {}
    caller = state.get("caller")
    return {
        "request_id": state.get("request_id"),
        "caller": getattr(caller, "name", caller),
    }
