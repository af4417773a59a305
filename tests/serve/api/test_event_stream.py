"""Streams over a real connection: as they are made, alive while nothing is, cancelled in time."""

import json
import socket
from collections.abc import Callable
from threading import Event
from typing import Any

import anyio
import httpx
import pytest
from starlette.types import Message

from pincite.errors import CancelledError, LLMIncompleteError
from pincite.serve.api import event_stream
from pincite.serve.api.event_stream import sent_event
from pincite.serve.api.waiting import while_connected
from pincite.serve.gate import Gate
from tests.serve.calls import events_in
from tests.serve.memory import MemoryWorkspace

BODY = {"question": "What did the court rule on Acme?"}
# Cancelling may take two seconds; a machine under load gets more.
CANCELLED_WITHIN_S = 5.0


def _post_and_hang_up(address: str, body: dict[str, Any], path: str, asked: Event) -> None:
    """Send a request, wait until it is being answered, and close the connection."""
    host, port = address.removeprefix("http://").split(":")
    data = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(data)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + data)
        assert asked.wait(10)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/ask", BODY),
        ("/ask", {**BODY, "stream": True}),
        ("/ask/batch", {"questions": [BODY, BODY]}),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "Acme?"}]}),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "x"}], "stream": True}),
    ],
)
def test_a_client_that_hangs_up_cancels_the_work(
    address: str, workspace: MemoryWorkspace, path: str, body: dict[str, Any]
) -> None:
    begun, cancelled = Event(), Event()

    def block(cancel: Event | None) -> None:
        assert cancel is not None
        begun.set()
        if cancel.wait(30):
            cancelled.set()

    workspace.while_answering = block
    model = {"model": "pincite"} if "chat" in path else {}
    _post_and_hang_up(address, {**body, **model}, path, begun)
    assert cancelled.wait(CANCELLED_WITHIN_S)
    workspace.while_answering = lambda cancel: None
    assert httpx.post(f"{address}/ask", json=BODY, trust_env=False).status_code == 200


def test_who_hangs_up_leaves_the_line() -> None:
    released, done = Event(), []

    async def ask(gate: Gate, name: str, hangs_up: anyio.Event) -> None:
        async def receive() -> Message:
            await hangs_up.wait()
            return {"type": "http.disconnect"}

        def work() -> None:
            released.wait(30)
            done.append(name)

        try:
            async with while_connected(receive):
                await gate.run(work)
        except CancelledError:
            done.append(f"{name} is gone")

    async def crowd() -> None:
        gate, first, second, third = Gate(running=1, waiting=1), *(anyio.Event() for _ in "abc")
        async with anyio.create_task_group() as group:
            for name, hangs_up in (("first", first), ("second", second), ("third", third)):
                group.start_soon(ask, gate, name, hangs_up)
                await anyio.wait_all_tasks_blocked()
                if name == "second":
                    second.set()
                    await anyio.wait_all_tasks_blocked()
            released.set()

    anyio.run(crowd)
    assert done == ["second is gone", "first", "third"]


def test_events_are_sent_as_they_are_made_with_heartbeats_between(
    address: str, workspace: MemoryWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_SECONDS", 0.05)
    released = Event()
    workspace.while_answering = lambda cancel: released.wait(30)
    body = {**BODY, "stream": True}
    lines = []
    with httpx.stream("POST", f"{address}/ask", json=body, trust_env=False) as response:
        for line in response.iter_lines():
            lines.append(line)
            if lines.count(": waiting") == 3:
                released.set()
    assert lines[:2] == ["event: stage", 'data: {"name": "retrieving"}']
    assert "event: answer" in lines


def _fail(error: Exception) -> Callable[[Event | None], None]:
    def fail(_: Event | None) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (LLMIncompleteError("cut off"), "llm_incomplete", 502),
        (RuntimeError("password=hunter2"), "internal_error", 500),
    ],
)
def test_an_error_after_the_beginning_is_the_last_event(
    address: str, workspace: MemoryWorkspace, error: Exception, code: str, status: int
) -> None:
    workspace.while_answering = _fail(error)
    body = {**BODY, "stream": True}
    response = httpx.post(f"{address}/ask", json=body, trust_env=False)
    assert response.status_code == 200
    [stage, (name, problem)] = events_in(response.text)
    assert stage[0] == "stage"
    assert (name, problem["code"], problem["status"]) == ("error", code, status)
    assert problem["request_id"] == response.headers["x-request-id"]
    assert "hunter2" not in response.text


def test_no_character_of_the_data_ends_a_line() -> None:
    text = "a\x85b\u2028c\u2029d\ne\x0bf"
    event = sent_event(json.dumps({"text": text}, ensure_ascii=False).encode(), "token")
    assert len(event.decode().splitlines()) == 3
    assert events_in(event.decode()) == [("token", {"text": text})]
