"""Traces for OpenTelemetry: only this module knows its SDK, which the extra ``otel`` brings.

No span holds a question's text or an article's.

Source:
    https://opentelemetry.io/docs/specs/semconv/ (HTTP and generative AI).
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from threading import Thread
from typing import Literal

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import (
    SERVICE_NAME,
    SERVICE_VERSION,
    OTELResourceDetector,
    Resource,
)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from pincite import __version__
from pincite.serve.watch.telemetry import Attributes, Span

FLUSH_SECONDS = 3
_KINDS = {"server": SpanKind.SERVER, "client": SpanKind.CLIENT, "internal": SpanKind.INTERNAL}
_PROPAGATOR = TraceContextTextMapPropagator()
_STAGES: Mapping[str, Attributes] = {
    "embed": {"gen_ai.operation.name": "embeddings"},
    "search": {"gen_ai.operation.name": "retrieval"},
}


class OtelTracer:
    """Begins spans of one provider."""

    def __init__(self, provider: trace.TracerProvider) -> None:
        self._tracer = provider.get_tracer("pincite", __version__)

    @contextmanager
    def span(
        self,
        name: str,
        kind: Literal["server", "client", "internal"],
        attributes: Attributes,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Span]:
        """Open a span for the length of a block; ``headers`` may name a caller's trace."""
        parent = _PROPAGATOR.extract(headers) if headers else None
        begun = self._tracer.start_span(name, parent, _KINDS[kind], dict(attributes))
        try:
            yield _OtelSpan(self._tracer, begun)
        finally:
            begun.end()


class _OtelSpan:
    def __init__(self, tracer: trace.Tracer, span: trace.Span) -> None:
        self._tracer = tracer
        self._span = span
        self._begun_ns = time.time_ns()

    def tell(self, attributes: Attributes) -> None:
        self._span.set_attributes(dict(attributes))

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def fail(self, code: str) -> None:
        self._span.set_attribute("error.type", code)
        self._span.set_status(Status(StatusCode.ERROR))

    def stages(self, timings_ms: Mapping[str, float]) -> None:
        within = trace.set_span_in_context(self._span)
        at = self._begun_ns
        for name, milliseconds in timings_ms.items():
            if name == "total":
                continue
            stage = self._tracer.start_span(
                name, within, attributes=dict(_STAGES.get(name, {})), start_time=at
            )
            at += int(milliseconds * 1e6)
            stage.end(at)

    def current(self) -> AbstractContextManager[object]:
        return trace.use_span(self._span, record_exception=False, set_status_on_exception=False)


@contextmanager
def tracing() -> Iterator[OtelTracer]:
    """Send traces by OTLP over HTTP, as the standard ``OTEL_*`` variables say, during a block.

    The provider is the process's own, so that the MCP SDK's spans join these.
    """
    named = {SERVICE_NAME: "pincite", SERVICE_VERSION: __version__}
    resource = Resource.create(named).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    try:
        yield OtelTracer(provider)
    finally:
        # A collector that does not answer must not hold up the end, and the SDK's own time limits
        # do not hold for a request under way.
        last = Thread(target=provider.shutdown, daemon=True)
        last.start()
        last.join(FLUSH_SECONDS)
