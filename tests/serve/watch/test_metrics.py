"""``GET /metrics``, read with Prometheus's own parser."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from fastapi.testclient import TestClient

from pincite import __version__
from pincite.errors import LibraryCorruptError
from pincite.records import Question
from pincite.serve.watch.metrics import Metrics
from pincite.state.store import State
from tests.serve.conftest import KEY, client_of, listening
from tests.serve.memory import MemoryWorkspace
from tests.serve.telling import QUESTION, reader, samples, telling_app


@pytest.fixture
def client(workspace: MemoryWorkspace, state: State) -> TestClient:
    return client_of(telling_app(workspace, state))


def test_requests_and_questions_are_counted(client: TestClient) -> None:
    for question in (QUESTION, "Who won the cup?", "小麦收成怎么样？"):
        assert client.post("/ask", json={"question": question}).status_code == 200
    assert client.post("/ask", json={"question": ""}).status_code == 422
    assert client.get("/documents/a-secret-name").status_code == 404
    assert client.get("/nothing/a-secret-name").status_code == 404
    assert client.get("/manifest.json").status_code == 200
    assert client.request("BREW", "/ask").status_code == 405
    # Only a server that has been started answers there.
    assert client.post("/mcp", json={}).json()["code"] == "not_ready"
    client.get("/health", headers={"host": "evil.example"})
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    assert "secret" not in response.text
    assert "court" not in response.text

    value = reader(response.text)
    requests = "pincite_http_requests_total"
    assert value(requests, route="/ask", method="POST", status="200") == 3
    assert value(requests, route="/ask", method="POST", status="422") == 1
    assert value(requests, route="/documents/{document_id}", method="GET", status="404") == 1
    assert value(requests, route="none", method="GET", status="404") == 1
    assert value(requests, route="none", method="_OTHER", status="405") == 1
    assert value(requests, route="none", method="GET", status="421") == 1
    assert value(requests, route="/mcp", method="POST", status="503") == 1
    assert value(requests, route="chat", method="GET", status="200") == 1
    seconds = "pincite_http_request_duration_seconds"
    assert value(f"{seconds}_count", route="/ask", method="POST") == 4
    assert value(f"{seconds}_sum", route="/ask", method="POST") > 0

    asked = {"mode": "extractive", "status": "answered", "reason": "none"}
    assert value("pincite_questions_total", language="en", **asked) == 1
    assert value("pincite_questions_total", language="zh", **asked) == 1
    refused = {**asked, "status": "not_found", "reason": "nothing_relevant"}
    assert value("pincite_questions_total", language="en", **refused) == 1
    stage = "pincite_question_stage_duration_seconds"
    assert value(f"{stage}_count", stage="total") == 3
    assert value(f"{stage}_sum", stage="total") == pytest.approx(3 * 0.0064)
    assert value("pincite_build_info", version=__version__, python=_python(response.text)) == 1
    assert value("process_resident_memory_bytes") > 1e6


def _python(text: str) -> str:
    (labels,) = (dict(labels) for name, labels in samples(text) if name == "pincite_build_info")
    return labels["python"]


def test_each_server_counts_for_itself(
    client: TestClient, workspace: MemoryWorkspace, state: State
) -> None:
    client.get("/health")
    counted = ("pincite_http_requests_total", {"route": "/health", "method": "GET"})
    for server, count in ((client, 1), (client_of(telling_app(workspace, state)), 0)):
        value = reader(server.get("/metrics").text)
        assert value(counted[0], status="200", **counted[1]) == count


def test_the_librarys_size_is_that_of_now(client: TestClient, workspace: MemoryWorkspace) -> None:
    before = reader(client.get("/metrics").text)
    workspace.add("Third", "One paragraph.\n\nAnother.", "/srv/third.txt")
    after = reader(client.get("/metrics").text)
    assert before("pincite_library_documents") == 2
    assert after("pincite_library_documents") == 3
    assert after("pincite_library_passages") == before("pincite_library_passages") + 2
    assert after("pincite_library_generation") == before("pincite_library_generation") + 1


def test_a_library_that_cannot_be_read_leaves_the_counters(
    workspace: MemoryWorkspace, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    def corrupt() -> None:
        raise LibraryCorruptError("damaged")

    monkeypatch.setattr(workspace, "status", corrupt)
    client = client_of(telling_app(workspace, state))
    client.get("/health")
    value = reader(client.get("/metrics").text)
    assert value("pincite_library_readable") == 0
    assert value("pincite_http_requests_total", route="/health", method="GET", status="200") == 1


def test_the_crowd_at_the_gate_is_seen_while_it_waits(
    workspace: MemoryWorkspace, state: State
) -> None:
    go, begun = threading.Event(), threading.Semaphore(0)

    def hold(_: Question) -> None:
        begun.release()
        go.wait(30)

    workspace.before_asking = hold
    with listening(telling_app(workspace, state)) as url, ThreadPoolExecutor(10) as pool:

        def ask(_: int) -> int:
            sent = {"question": QUESTION}
            return httpx.post(f"{url}/ask", json=sent, trust_env=False, timeout=60).status_code

        asked = [pool.submit(ask, number) for number in range(10)]
        try:
            assert all(begun.acquire(timeout=20) for _ in range(8))
            waiting = 0.0
            while waiting < 2:
                value = reader(httpx.get(f"{url}/metrics", trust_env=False).text)
                waiting = value("pincite_gate_waiting")
            assert value("pincite_gate_running") == 8
        finally:
            go.set()
        assert {future.result() for future in asked} == {200}


def test_a_question_that_fails_is_counted_by_its_code(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    def broken(question: Question) -> None:
        raise ZeroDivisionError if question.text == "x" else LibraryCorruptError("damaged")

    workspace.before_asking = broken
    for question in ("x", "y"):
        assert client.post("/ask", json={"question": question}).status_code == 500
    value = reader(client.get("/metrics").text)
    assert value("pincite_question_errors_total", code="internal_error") == 1
    assert value("pincite_question_errors_total", code="library_corrupt") == 1


def test_labels_cannot_be_made_up_by_callers(workspace: MemoryWorkspace) -> None:
    answer = workspace.ask(Question(QUESTION))
    metrics = Metrics()
    for number in range(50):
        metrics.answered(replace(answer, language=f"en-x{number}"))
        metrics.answered(replace(answer, language=f"x{number:02}", degraded="no LLM"))
    value = reader(metrics.exposition("")[0].decode())
    asked = {"mode": "extractive", "status": "answered", "reason": "none"}
    assert value("pincite_questions_total", language="en", **asked) == 50
    assert value("pincite_questions_total", language="other", **asked) == 50
    assert value("pincite_questions_degraded_total") == 50


def test_the_key_guards_it_and_openmetrics_is_spoken(
    workspace: MemoryWorkspace, state: State
) -> None:
    client = client_of(telling_app(workspace, state, key=KEY))
    assert client.get("/metrics").status_code == 401
    # As Prometheus sends it, with `authorization: {credentials_file: …}`.
    headers = {
        "authorization": f"Bearer {KEY}",
        "accept": "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.1",
    }
    response = client.get("/metrics", headers=headers)
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")
