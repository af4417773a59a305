import json
from dataclasses import asdict, fields

import pytest
from fastapi.testclient import TestClient

from pincite.errors import (
    LibraryBusyError,
    LibraryCorruptError,
    LLMOverloadedError,
    LLMTimeoutError,
    LLMUnreachableError,
    ModeUnavailableError,
    PinciteError,
)
from pincite.records import Answer, Message, Question
from tests.serve.calls import events_in
from tests.serve.memory import MemoryWorkspace

RULING_QUESTION = "What did the court rule on Acme?"


def test_an_answer_is_the_record_as_it_is(client: TestClient, workspace: MemoryWorkspace) -> None:
    response = client.post("/ask", json={"question": RULING_QUESTION})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    assert answer == json.loads(json.dumps(asdict(workspace.ask(Question(RULING_QUESTION)))))
    assert list(answer) == [field.name for field in fields(Answer)]
    assert answer["status"] == "answered"
    for citation in answer["citations"]:
        text = workspace.document(citation["document_id"]).text
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_timings_are_told_to_the_browser_too(client: TestClient) -> None:
    response = client.post("/ask", json={"question": RULING_QUESTION})
    assert response.headers["server-timing"] == "search;dur=0.50, total;dur=6.40"


def test_options_reach_the_assistant(client: TestClient, workspace: MemoryWorkspace) -> None:
    asked: list[Question] = []
    workspace.before_asking = asked.append
    body = {"question": " 收成怎么样？ ", "mode": "extractive", "top_k": 3, "language": "en"}
    answer = client.post("/ask", json={**body, "explain": True}).json()
    assert asked == [Question("收成怎么样？", "extractive", 3, "en", True)]
    assert answer["language"] == "en"
    assert len(answer["explain"]) == 3


def test_the_conversation_reaches_the_assistant(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    asked: list[Question] = []
    workspace.before_asking = asked.append
    history = [
        {"role": "user", "content": "What did the court rule?"},
        {"role": "assistant", "content": "Against Acme [1]."},
    ]
    assert client.post("/ask", json={"question": "And then?", "history": history}).is_success
    assert asked[0].history == tuple(Message(**message) for message in history)  # type: ignore[arg-type]


def test_the_longest_conversation_is_taken_however_it_is_written(client: TestClient) -> None:
    history = [{"role": "user", "content": "收" * 640}] * 50
    body = json.dumps({"question": "收成怎么样？", "history": history})
    headers = {"content-type": "application/json"}
    assert client.post("/ask", content=body, headers=headers).status_code == 200
    longer = {"question": "x", "history": [*history[1:], {"role": "user", "content": "收" * 641}]}
    refused = client.post("/ask", json=longer)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "history")


def test_not_found_is_an_ordinary_answer(client: TestClient, workspace: MemoryWorkspace) -> None:
    response = client.post("/ask", json={"question": "Who painted the ceiling?"})
    assert (response.status_code, response.json()["status"]) == (200, "not_found")
    assert response.json()["reason"] == "nothing_relevant"
    assert response.json()["closest"]
    workspace.reset()
    empty = client.post("/ask", json={"question": RULING_QUESTION}).json()
    assert (empty["status"], empty["reason"]) == ("not_found", "no_documents")


@pytest.mark.parametrize("question", [RULING_QUESTION, "今年的小麦收成价格怎么样？", "Nothing?"])
def test_the_last_event_equals_the_plain_answer(client: TestClient, question: str) -> None:
    plain = client.post("/ask", json={"question": question}).json()
    response = client.post("/ask", json={"question": question, "stream": True})
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "no"
    stage, *tokens, last = events_in(response.text)
    assert stage == ("stage", {"name": "retrieving"})
    assert last == ("answer", plain)
    assert {name for name, _ in tokens} == {"token"}
    assert "".join(data["text"] for _, data in tokens) == plain["answer"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": ""}, "question"),
        ({"question": " \n\t"}, "question"),
        ({"question": "x" * 4001}, "question"),
        ({"question": 7}, "question"),
        ({"question": None}, "question"),
        ({"question": "x", "top_k": 0}, "top_k"),
        ({"question": "x", "top_k": 21}, "top_k"),
        ({"question": "x", "top_k": 1.5}, "top_k"),
        ({"question": "x", "mode": "magic"}, "mode"),
        ({"question": "x", "language": "zh; drop"}, "language"),
        ({"question": "x", "surprise": 1}, "surprise"),
        ({"question": "x", "history": "before"}, "history"),
        ({"question": "x", "history": [{"role": "user", "content": "x"}] * 51}, "history"),
        ({"question": "x", "history": [{"role": "system", "content": "x"}]}, "history.0.role"),
    ],
)
def test_a_wrong_request_names_the_field(
    client: TestClient, body: dict[str, object], field: str
) -> None:
    response = client.post("/ask", json=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert list(problem)[:6] == ["type", "title", "status", "detail", "code", "request_id"]
    assert (problem["type"], problem["code"]) == ("urn:pincite:error:bad_input", "bad_input")
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["request_id"] == response.headers["x-request-id"]


def test_a_broken_bound_is_told(client: TestClient) -> None:
    [error] = client.post("/ask", json={"question": "x" * 4001}).json()["errors"]
    assert error["maxLength"] == 4000
    [error] = client.post("/ask", json={"question": "x", "top_k": 21}).json()["errors"]
    assert error["maximum"] == 20
    body = b'{"question": "' + b"x" * 300_000 + b'"}'
    large = client.post("/ask", content=body, headers={"content-type": "application/json"})
    assert (large.status_code, large.json()["limit_bytes"]) == (413, 256 * 1024)


def test_the_longest_question_is_taken(client: TestClient) -> None:
    assert client.post("/ask", json={"question": "收" * 4000}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b'{"question": "\\ud800"}',
        b'{"question": "x", "\\udfff": 1}',
        b'{"question": "x", "top_k": NaN}',
        b'{"question": NaN}',
        b'{"question": Infinity}',
        b'{"question": -Infinity}',
        b'{"question": "x", "top_k": 1' + b"0" * 5000 + b"}",
        b'{"question": ' + b"[" * 20000 + b"]" * 20000 + b"}",
        b'{"question": "\xff\xfe"}',
        b'{"question": "x"',
        b"[1, 2]",
        b"null",
        b"",
        b"\0\0\0",
    ],
)
def test_hostile_bodies_are_refused_in_good_order(client: TestClient, body: bytes) -> None:
    response = client.post("/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code in {400, 422}
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] in {"bad_request", "bad_input"}


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", None])
def test_only_json_is_taken(client: TestClient, kind: str | None) -> None:
    headers = {"content-type": kind} if kind else {}
    response = client.post("/ask", content=b'{"question": "x"}', headers=headers)
    assert response.status_code == 415
    assert response.json()["code"] == "unsupported_media_type"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ModeUnavailableError("no LLM"), 422),
        (LibraryBusyError("busy"), 503),
        (LibraryCorruptError("broken"), 500),
        (LLMUnreachableError("no connection"), 502),
        (LLMOverloadedError("busy"), 503),
        (LLMTimeoutError("silent"), 504),
    ],
)
def test_errors_keep_their_stable_code(
    client: TestClient, workspace: MemoryWorkspace, error: PinciteError, status: int
) -> None:
    def fail(_: Question) -> None:
        raise error

    workspace.before_asking = fail
    for stream in (False, True):
        response = client.post("/ask", json={"question": "x", "stream": stream})
        assert response.status_code == status
        assert (response.json()["code"], response.json()["detail"]) == (error.code, str(error))
        assert ("retry-after" in response.headers) == (status == 503)


def test_an_unexpected_error_tells_nothing_of_the_inside(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    def fail(_: Question) -> None:
        raise RuntimeError("password=hunter2")

    workspace.before_asking = fail
    response = client.post("/ask", json={"question": "x"})
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert "hunter2" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("leg", ["dense", "lexical", "fused"])
def test_search_gives_passages_with_ranks(client: TestClient, leg: str) -> None:
    body = {"query": "court ruled against Acme", "top_k": 2, "leg": leg}
    hits = client.post("/search", json=body).json()["hits"]
    assert len(hits) == 2
    best = hits[0]
    assert "The court ruled against Acme" in best["text"]
    assert (best["dense_rank"] is None) == (leg == "lexical")
    assert (best["lexical_rank"] is None) == (leg == "dense")
    stored = client.get(f"/documents/{best['document']['id']}").json()
    assert stored["text"][best["start"] : best["end"]] == best["text"]


def test_search_refuses_an_unknown_leg(client: TestClient) -> None:
    assert client.post("/search", json={"query": "x", "leg": "third"}).status_code == 422
