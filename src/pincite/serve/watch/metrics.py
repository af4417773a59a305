"""Counts and durations for Prometheus: only this module knows its client.

No label holds anything that a caller can choose freely, so that their number stays bounded.

Source:
    https://prometheus.io/docs/practices/naming/
"""

import logging
import platform
from collections.abc import Callable, Iterator
from typing import Protocol

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    Metric,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from pincite import __version__
from pincite.errors import PinciteError
from pincite.records import Answer
from pincite.serve.gate import Gate
from pincite.serve.problems import described

logger = logging.getLogger(__name__)

# When a counter began is told by the process's start; a series for each would double their number.
disable_created_metrics()  # type: ignore[no-untyped-call]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_LANGUAGES = frozenset({"zh", "en"})


class Sizes(Protocol):
    """What is told of the library."""

    @property
    def generation(self) -> int:
        """The number of its present state."""
        ...

    @property
    def documents(self) -> int:
        """How many it holds."""
        ...

    @property
    def passages(self) -> int:
        """How many it holds."""
        ...


class Metrics:
    """All that is counted in one server."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Info("pincite_build", "The version that runs.", registry=registry).info(
            {"version": __version__, "python": platform.python_version()}
        )
        by_request = ("route", "method", "status")
        self._requests = Counter(
            "pincite_http_requests", "Requests answered or refused.", by_request, registry=registry
        )
        self._request_seconds = Histogram(
            "pincite_http_request_duration_seconds",
            "From a request's headers to its response's end.",
            ("route", "method"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._questions = Counter(
            "pincite_questions",
            "Questions answered, not_found among them.",
            ("status", "mode", "language", "reason"),
            registry=registry,
        )
        self._failures = Counter(
            "pincite_question_errors",
            "Questions that ended in an error, by its code.",
            ("code",),
            registry=registry,
        )
        self._degraded = Counter(
            "pincite_questions_degraded",
            "Questions answered otherwise than configured, such as without the LLM.",
            registry=registry,
        )
        self._stages = Histogram(
            "pincite_question_stage_duration_seconds",
            "Each stage of answering, and all of it (total).",
            ("stage",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._llm_errors = Counter(
            "pincite_llm_errors", "Calls of the LLM that failed.", ("code",), registry=registry
        )
        self._llm_seconds = Histogram(
            "pincite_llm_call_duration_seconds",
            "Calls of the LLM, failed ones too.",
            buckets=_SECONDS,
            registry=registry,
        )

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request; ``route`` is its template and never its path."""
        self._requests.labels(route, method, str(status)).inc()
        self._request_seconds.labels(route, method).observe(seconds)

    def answered(self, answer: Answer) -> None:
        """Count an answer."""
        language = answer.language.partition("-")[0].lower()
        self._questions.labels(
            answer.status,
            answer.mode,
            language if language in _LANGUAGES else "other",
            answer.reason or "none",
        ).inc()
        if answer.degraded:
            self._degraded.inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)

    def failed(self, code: str) -> None:
        """Count a question that ended in an error."""
        self._failures.labels(code).inc()

    def llm_called(self, seconds: float, code: str | None) -> None:
        """Count a call of the LLM and, if it failed, its error's code."""
        self._llm_seconds.observe(seconds)
        if code:
            self._llm_errors.labels(code).inc()

    def watch(self, gate: Gate, sizes: Callable[[], Sizes]) -> None:
        """Show the work in a gate and the library's size, both as they are at each scrape."""
        running = Gauge("pincite_gate_running", "Work being done.", registry=self._registry)
        running.set_function(lambda: gate.running)
        waiting = Gauge("pincite_gate_waiting", "Work waiting in line.", registry=self._registry)
        waiting.set_function(lambda: gate.waiting)
        self._registry.register(_LibraryCollector(sizes))

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics, in the format that the scraper accepts, and its media type."""
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type


class _LibraryCollector(Collector):
    def __init__(self, sizes: Callable[[], Sizes]) -> None:
        self._sizes = sizes

    def collect(self) -> Iterator[Metric]:
        readable = "Whether the library could be read for this scrape."
        try:
            sizes = self._sizes()
        except PinciteError as error:
            # The counters are wanted most when something is wrong.
            logger.error("metrics without the library: %s", error)
            yield GaugeMetricFamily("pincite_library_readable", readable, 0)
            return
        yield GaugeMetricFamily("pincite_library_readable", readable, 1)
        for name, told, value in (
            ("documents", "Documents stored.", sizes.documents),
            ("passages", "Passages stored.", sizes.passages),
            ("generation", "Rises with each change of the library.", sizes.generation),
        ):
            yield GaugeMetricFamily(f"pincite_library_{name}", told, value)


def metrics_router(metrics: Metrics) -> APIRouter:
    """Return ``GET /metrics``."""
    router = APIRouter(tags=["server"])

    @router.get(
        "/metrics",
        summary="Metrics for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}, **described(500)},
    )
    def scrape(request: Request) -> Response:
        # Not through the gate: a crowd there is what one wants to see.
        content, media_type = metrics.exposition(request.headers.get("accept", ""))
        return Response(content, headers={"content-type": media_type})

    return router
