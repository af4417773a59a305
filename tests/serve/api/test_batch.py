import threading

from fastapi.testclient import TestClient

from pincite.errors import ModeUnavailableError
from pincite.records import Question
from pincite.serve.api.batch import AT_ONCE
from tests.serve.memory import MemoryWorkspace

RULING_QUESTION = "What did the court rule on Acme?"


def test_results_come_in_the_order_of_the_questions(client: TestClient) -> None:
    texts = [RULING_QUESTION, "今年的小麦收成价格怎么样？", "Who painted the ceiling?"] * 4
    response = client.post("/ask/batch", json={"questions": [{"question": t} for t in texts]})
    assert response.status_code == 200
    results = response.json()["results"]
    for text, result in zip(texts, results, strict=True):
        assert result == {
            "status": 200,
            "answer": client.post("/ask", json={"question": text}).json(),
            "problem": None,
        }


def test_one_that_fails_stops_no_other(client: TestClient, workspace: MemoryWorkspace) -> None:
    def fail(question: Question) -> None:
        if question.mode == "llm":
            raise ModeUnavailableError("no LLM is configured")

    workspace.before_asking = fail
    questions = [
        {"question": RULING_QUESTION},
        {"question": RULING_QUESTION, "mode": "llm"},
        {"question": "x" * 4001},
        {"question": RULING_QUESTION, "stream": True},
        "What?",
        {"question": RULING_QUESTION, "top_k": 3},
    ]
    response = client.post("/ask/batch", json={"questions": questions})
    assert response.status_code == 200
    first, unavailable, long, stream, text, last = response.json()["results"]
    assert [first["status"], last["status"]] == [200, 200]
    assert unavailable["problem"]["code"] == "mode_unavailable"
    assert unavailable["problem"]["request_id"] == response.headers["x-request-id"]
    for wrong, field in ((long, "question"), (stream, "stream"), (text, "body")):
        assert (wrong["status"], wrong["answer"]) == (422, None)
        assert wrong["problem"]["code"] == "bad_input"
        assert [error["field"] for error in wrong["problem"]["errors"]] == [field]


def test_a_batch_leaves_room_for_others(client: TestClient, workspace: MemoryWorkspace) -> None:
    running, most, lock = 0, 0, threading.Lock()
    full = threading.Event()

    def count(_: object) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == AT_ONCE:
                full.set()
        assert full.wait(10)
        with lock:
            running -= 1

    workspace.while_answering = count
    questions = [{"question": RULING_QUESTION}] * 12
    assert client.post("/ask/batch", json={"questions": questions}).status_code == 200
    assert most == AT_ONCE


def test_a_batch_has_bounds(client: TestClient) -> None:
    for count, status in ((0, 422), (50, 200), (51, 422)):
        body = {"questions": [{"question": "x"}] * count}
        assert client.post("/ask/batch", json=body).status_code == status
    large = {"questions": [{"question": "收" * 4000}] * 50}
    refused = client.post("/ask/batch", json=large, headers={"content-length": "1100000"})
    assert (refused.status_code, refused.json()["limit_bytes"]) == (413, 1024 * 1024)
