import threading
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from fastapi import Request, Response
from fastapi.testclient import TestClient

from pincite.errors import IdempotencyKeyReusedError, LibraryBusyError
from pincite.records import Question
from pincite.serve.api import idempotency
from pincite.serve.api.idempotency import KeptResponses
from tests.serve.memory import MemoryWorkspace

ASK = {"question": "What did the court rule on Acme?"}


def _keyed(key: str) -> dict[str, str]:
    return {"idempotency-key": key}


@pytest.mark.parametrize(
    ("path", "body"), [("/ask", ASK), ("/ask/batch", {"questions": [ASK, {"question": ""}]})]
)
def test_the_same_request_gets_the_same_response_once_more(
    client: TestClient, workspace: MemoryWorkspace, path: str, body: dict[str, Any]
) -> None:
    asked: list[Question] = []
    workspace.before_asking = asked.append
    first = client.post(path, json=body, headers=_keyed(f"same-{path}"))
    assert "idempotency-replayed" not in first.headers
    workspace.reset()
    again = client.post(f"/v1{path}", json=body, headers=_keyed(f'"same-{path}"'))
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert len(asked) == 1


def test_a_key_is_not_used_for_another_request(client: TestClient) -> None:
    assert client.post("/ask", json=ASK, headers=_keyed("other")).is_success
    refused = client.post("/ask", json={**ASK, "top_k": 3}, headers=_keyed("other"))
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


def test_a_request_under_way_is_not_begun_again(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    begun, released = threading.Event(), threading.Event()

    def block(_: object) -> None:
        begun.set()
        released.wait(10)

    workspace.while_answering = block
    responses = []
    first = threading.Thread(
        target=lambda: responses.append(client.post("/ask", json=ASK, headers=_keyed("slow")))
    )
    first.start()
    try:
        assert begun.wait(10)
        second = client.post("/ask", json=ASK, headers=_keyed("slow"))
    finally:
        released.set()
        first.join()
    assert (second.status_code, second.json()["code"]) == (409, "idempotency_in_progress")
    assert second.headers["retry-after"] == "1"
    third = client.post("/ask", json=ASK, headers=_keyed("slow"))
    assert third.content == responses[0].content


def test_what_may_go_better_next_time_is_not_kept(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    def fail(_: Question) -> None:
        raise LibraryBusyError("busy")

    workspace.before_asking = fail
    assert client.post("/ask", json=ASK, headers=_keyed("busy")).status_code == 503
    workspace.before_asking = lambda question: None
    assert client.post("/ask", json=ASK, headers=_keyed("busy")).status_code == 200


def test_an_upload_is_told_by_its_files_and_not_by_its_boundary(client: TestClient) -> None:
    def upload(content: bytes) -> Any:
        files = [("files", ("a.txt", content))]
        return client.post("/documents", files=files, headers=_keyed("upload"))

    first, again, other = upload(b"One."), upload(b"One."), upload(b"Two.")
    assert first.status_code == 201
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert other.json()["code"] == "idempotency_key_reused"


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "schlüssel", '"'])
def test_what_is_no_key_is_refused(client: TestClient, key: str) -> None:
    response = client.post("/ask", json=ASK, headers={b"idempotency-key": key.encode()})
    assert (response.status_code, response.json()["code"]) == (422, "bad_input")


def test_a_stream_takes_no_key(client: TestClient) -> None:
    response = client.post("/ask", json={**ASK, "stream": True}, headers=_keyed("stream"))
    assert (response.status_code, response.json()["code"]) == (422, "bad_input")


def _request(key: str, caller: object) -> Request:
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/ask",
        "headers": [(b"idempotency-key", key.encode()), (b"host", b"x")],
        "query_string": b"",
        "state": {"caller": caller} if caller else {},
    }
    return Request(scope)


class _Counted:
    """Responds with how often it was asked."""

    def __init__(self, responses: KeptResponses) -> None:
        self.responses = responses
        self.times = 0

    async def _respond(self) -> Response:
        self.times += 1
        return Response(b"%010d" % self.times)

    def __call__(self, key: str, caller: object = None, content: bytes = b"x") -> int:
        async def once() -> Response:
            return await self.responses.once(_request(key, caller), content, self._respond)

        return int(bytes(anyio.run(once).body))


def test_keys_belong_to_their_caller() -> None:
    respond = _Counted(KeptResponses())
    assert [respond("k"), respond("k", "ann"), respond("k", "bob")] == [1, 2, 3]
    assert [respond("k", "bob"), respond("k", "ann"), respond("k")] == [3, 2, 1]
    with pytest.raises(IdempotencyKeyReusedError):
        respond("k", "ann", b"other")


def test_the_oldest_make_room_for_new_ones() -> None:
    for responses in (KeptResponses(most=2), KeptResponses(most_bytes=20)):
        respond = _Counted(responses)
        assert [respond("a"), respond("b"), respond("c")] == [1, 2, 3]
        assert [respond("b"), respond("c"), respond("a")] == [2, 3, 4]


def test_responses_are_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(idempotency, "time", SimpleNamespace(monotonic=lambda: now))
    respond = _Counted(KeptResponses(seconds=60))
    assert [respond("a"), respond("a")] == [1, 1]
    now = 160.1
    assert respond("a") == 2
