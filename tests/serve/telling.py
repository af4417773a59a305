"""A server whose telemetry a test reads."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from pincite.serve.access.guard import Guard
from pincite.serve.app import create_app
from pincite.serve.watch.telemetry import Telemetry
from pincite.state.store import State
from tests.serve.calls import configured
from tests.serve.memory import MemoryWorkspace

QUESTION = "What did the court rule on Acme?"


def telling_app(
    workspace: MemoryWorkspace,
    state: State,
    telemetry: Telemetry | None = None,
    key: str | None = None,
) -> Guard:
    """A new server, with counters of its own."""
    return create_app(workspace.as_workspace, state, configured(api_key=key), telemetry)


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Read an exposition with Prometheus's own parser, by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def reader(text: str) -> Callable[..., float]:
    """Look samples up as ``value(name, label=value)``; what is not there is 0."""
    found = samples(text)
    return lambda name, **labels: found.get((name, frozenset(labels.items())), 0.0)


@contextmanager
def logged(logger: str) -> Iterator[list[dict[str, Any]]]:
    """Collect what a logger's records carry in ``fields``."""
    kept: list[dict[str, Any]] = []

    class _Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append({"level": record.levelname, **record.__dict__.get("fields", {})})

    handler, source = _Keep(), logging.getLogger(logger)
    before = source.level
    source.addHandler(handler)
    source.setLevel(logging.DEBUG)
    try:
        yield kept
    finally:
        source.removeHandler(handler)
        source.setLevel(before)
