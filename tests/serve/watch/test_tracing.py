"""Traces: what they hold in memory, and that they reach a collector."""

import asyncio
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from pincite.errors import LLMTimeoutError
from pincite.records import Question
from pincite.serve.watch.observed import ObservedModel, observed
from pincite.serve.watch.telemetry import Telemetry
from pincite.serve.watch.tracing import OtelTracer
from pincite.state.store import State
from pincite.workspace import Workspace
from tests.program import REFERENCE_QUESTIONS
from tests.serve.conftest import client_of
from tests.serve.memory import MemoryWorkspace
from tests.serve.telling import QUESTION, telling_app
from tests.serve.watch.test_observed import FERRY, Scripted

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Traced:
    """Telemetry whose spans are kept in memory."""

    def __init__(self) -> None:
        self._kept = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._kept))
        self.telemetry = Telemetry(tracer=OtelTracer(provider))

    def spans(self) -> dict[str, ReadableSpan]:
        finished = self._kept.get_finished_spans()
        assert max(Counter(span.name for span in finished).values()) == 1
        return {span.name: span for span in finished}


@pytest.fixture
def traced() -> Traced:
    return Traced()


def _within(child: ReadableSpan, parent: ReadableSpan) -> bool:
    assert child.context
    assert parent.context
    same_trace = child.context.trace_id == parent.context.trace_id
    return (
        same_trace and child.parent is not None and child.parent.span_id == parent.context.span_id
    )


def test_a_request_holds_its_question_and_that_its_stages(
    traced: Traced, workspace: MemoryWorkspace, state: State
) -> None:
    client = client_of(telling_app(workspace, state, traced.telemetry))
    client.post("/ask", json={"question": QUESTION}, headers={"traceparent": CALLER})
    client.get("/health")
    spans = traced.spans()
    assert sorted(spans) == ["POST /ask", "ask", "search"]
    request, ask, stage = spans["POST /ask"], spans["ask"], spans["search"]
    assert request.parent
    assert f"{request.parent.trace_id:032x}" == CALLER.split("-")[1]
    assert request.kind is SpanKind.SERVER
    assert request.attributes
    assert request.attributes["http.route"] == "/ask"
    assert request.attributes["http.response.status_code"] == 200
    assert _within(ask, request)
    assert ask.attributes
    assert ask.attributes["pincite.answer.status"] == "answered"
    assert _within(stage, ask)
    assert stage.end_time
    assert stage.start_time
    assert stage.end_time - stage.start_time == 500_000
    told = "".join(span.to_json() for span in spans.values())
    assert not any(word in told for word in ("court", "Acme", "deposit"))


def test_the_stages_of_a_streamed_answer_follow_one_another(
    traced: Traced, articles: Workspace
) -> None:
    list(observed(articles, traced.telemetry).stream(Question(FERRY)))
    spans = traced.spans()
    names = ["embed", "search", "read", "answer"]
    assert sorted(spans) == sorted([*names, "ask"])
    stages = [spans[name] for name in names]
    assert all(_within(stage, spans["ask"]) for stage in stages)
    for before, after in pairwise(stages):
        assert before.end_time == after.start_time
    assert spans["embed"].attributes == {"gen_ai.operation.name": "embeddings"}


def test_failures_are_marked(traced: Traced, workspace: MemoryWorkspace, state: State) -> None:
    def broken(_: Question) -> None:
        raise ZeroDivisionError("a secret")

    workspace.before_asking = broken
    client = client_of(telling_app(workspace, state, traced.telemetry))
    client.post("/ask", json={"question": QUESTION})
    client.post("/nothing")
    spans = traced.spans()
    assert [(spans[n].status.status_code, (spans[n].attributes or {}).get("error.type")) for n in
            ("ask", "POST /ask", "POST")] == [
        (StatusCode.ERROR, "internal_error"),
        (StatusCode.ERROR, "500"),
        (StatusCode.UNSET, None),
    ]  # fmt: skip
    assert "secret" not in spans["ask"].to_json()


def test_a_call_of_the_model_is_a_span_of_the_question_that_needs_it(
    traced: Traced, articles: Workspace
) -> None:
    model = ObservedModel(Scripted(["a", "b"], LLMTimeoutError("silent")), traced.telemetry)

    class Asking:
        def stream(self, question: Question, cancel: threading.Event | None) -> Iterator[object]:
            try:
                list(model.stream([]))
            except LLMTimeoutError:
                yield from articles.stream(question, cancel)

    list(observed(Asking(), traced.telemetry).stream(Question(FERRY)))  # type: ignore[arg-type]
    spans = traced.spans()
    call = spans["chat scripted"]
    assert _within(call, spans["ask"])
    assert call.kind is SpanKind.CLIENT
    attributes = dict(call.attributes or {})
    assert attributes.pop("gen_ai.response.time_to_first_chunk")
    assert attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "scripted",
        "gen_ai.request.max_tokens": 100,
        "gen_ai.request.stream": True,
        "error.type": "llm_timeout",
    }
    assert spans["ask"].status.status_code is StatusCode.UNSET


@contextmanager
def _collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Stand in for a collector: its address, and what was posted to it."""
    posted: list[tuple[str, bytes]] = []

    class _Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            posted.append((self.path, self.rfile.read(length)))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", posted
        finally:
            server.shutdown()
            thread.join()


def test_a_real_process_sends_its_traces(seeded_home: Path) -> None:
    async def ask(collector: str) -> None:
        environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": collector}
        arguments = ["-m", "pincite", "--home", str(seeded_home), "mcp"]
        server = StdioServerParameters(command=sys.executable, args=arguments, env=environment)
        async with Client(stdio_client(server)) as client:
            await client.call_tool("ask", {"question": REFERENCE_QUESTIONS[0]})

    with _collector() as (address, posted):
        asyncio.run(ask(address))
    assert {path for path, _ in posted} == {"/v1/traces"}
    sent = b"".join(body for _, body in posted)
    # The names of our spans and of the SDK's, the service's, and no question.
    for name in (b"ask", b"embed", b"tools/call ask", b"pincite.answer.status", b"service.name"):
        assert name in sent
    assert REFERENCE_QUESTIONS[0].encode() not in sent


_CHECK = """
import sys
sys.modules.update({"opentelemetry.sdk": None} if sys.argv[1] == "missing" else {})
from pincite.cli.telemetry import telemetry_of
from pincite.errors import MissingExtraError
from pincite.settings import Settings
try:
    with telemetry_of(Settings()) as telemetry:
        print(type(telemetry.tracer).__name__, "opentelemetry.exporter" in sys.modules)
except MissingExtraError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("sdk", "variables", "printed"),
    [
        ("there", {}, "NoTracer False"),
        ("missing", {}, "NoTracer False"),
        ("there", {"PINCITE_OTEL": "true"}, "OtelTracer True"),
        ("there", {"PINCITE_OTEL": "false", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, "NoTracer"),
        ("there", {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "x"}, "NoTracer"),
        ("missing", {"PINCITE_OTEL": "true"}, "pincite[otel]"),
        ("missing", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, "NoTracer"),
    ],
)
def test_the_sdk_is_loaded_only_when_asked_for(
    sdk: str, variables: dict[str, str], printed: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CHECK, sdk],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **variables},
    )
    assert printed in done.stdout
    if sdk == "missing" and "NoTracer" in printed and variables:
        assert "pincite[otel]" in done.stderr
