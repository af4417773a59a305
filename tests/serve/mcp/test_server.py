"""How the server is reached, by whom, and how it ends."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import httpx
import pytest
from mcp import Client

from pincite.errors import CancelledError
from pincite.records import Answer, Question
from pincite.state.store import State
from tests.serve.conftest import KEY, listening
from tests.serve.mcp.clients import ERAS, over_http, run
from tests.serve.memory import MemoryWorkspace
from tests.serve.telling import QUESTION, telling_app

_ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def test_stdio_needs_a_library_and_ends_when_interrupted(tmp_path: Path, seeded_home: Path) -> None:
    command = [sys.executable, "-m", "pincite", "--home"]
    missing = subprocess.run(
        [*command, str(tmp_path / "none"), "mcp"], capture_output=True, text=True, check=False
    )
    assert (missing.returncode, missing.stdout) == (3, "")
    assert "library_missing" in missing.stderr
    process = subprocess.Popen(
        [*command, str(seeded_home), "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == -signal.SIGINT
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def keyed(workspace: MemoryWorkspace, state: State) -> Iterator[str]:
    with listening(telling_app(workspace, state, key=KEY)) as url:
        yield url


def test_the_key_guards_it(keyed: str) -> None:
    async def check(client: Client) -> None:
        assert not (await client.call_tool("ask", {"question": QUESTION})).is_error

    run(over_http(keyed, KEY), check)
    with pytest.raises(ExceptionGroup):
        run(over_http(keyed, "wrong"), check)
    assert _post(keyed, {"authorization": "Bearer wrong"}).status_code == 401
    assert _post(keyed, {}).status_code == 401
    # With a key the server may be reached by any name.
    named = {"x-api-key": KEY, "host": "pincite.example"}
    assert _post(keyed, named).status_code == 200


def _post(address: str, headers: dict[str, str]) -> httpx.Response:
    sent = {"accept": "application/json, text/event-stream", **headers}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    return httpx.post(f"{address}/mcp", json=message, headers=sent, trust_env=False)


def test_other_sites_reach_nothing_and_only_post_is_there(address: str) -> None:
    assert _post(address, {}).json()["result"]["tools"]
    assert _post(address, {"host": "evil.example"}).status_code == 421
    assert _post(address, {"origin": "https://evil.example"}).status_code == 403
    for method in ("GET", "DELETE"):
        refused = httpx.request(method, f"{address}/mcp", trust_env=False)
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


_CALL = (
    '{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask", "arguments": '
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 20_000,
        b'{"jsonrpc": "2.0", "id": 1' + b"0" * 5_000 + b', "method": "ping"}',
        b'{"jsonrpc": "2.0", "id": {}, "method": "ping"}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "tools/none"}',
        *(
            (_CALL + arguments + "}}").encode()
            for arguments in (
                "1",
                "[]",
                '{"question": "\\ud800"}',
                '{"question": NaN}',
                '{"question": "x", "top_k": Infinity}',
                '{"question": "x", "top_k": 1e400}',
                '{"question": "x", "filters": "{"}',
                '{"question": "x", "other": 1}',
                '{"question": "\\u0000\\u202e"}',
                '{"question": ["x"]}',
            )
        ),
    ],
)
@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28", "none"])
def test_nothing_sent_is_the_servers_fault(address: str, body: bytes, version: str) -> None:
    headers = {
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": version,
        "mcp-method": "tools/call",
        "mcp-name": "ask",
    }
    if b"tools/call" in body and version.startswith("2026"):
        body = body[:-2] + f', "_meta": {json.dumps(_ENVELOPE)}'.encode() + b"}}"
    response = httpx.post(f"{address}/mcp", content=body, headers=headers, trust_env=False)
    assert response.status_code < 500
    assert "Traceback" not in response.text
    assert "internal_error" not in response.text


@dataclass
class Waiting:
    """Answers nothing until it is told to stop."""

    begun: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)

    def ask(self, question: Question, cancel: threading.Event | None = None) -> Answer:
        assert cancel is not None
        self.begun.set()
        if cancel.wait(30):
            self.stopped.set()
        raise CancelledError("given up")


@pytest.fixture
def waiting(workspace: MemoryWorkspace, monkeypatch: pytest.MonkeyPatch) -> Waiting:
    made = Waiting()
    monkeypatch.setattr(workspace, "ask", made.ask)
    return made


@pytest.mark.parametrize("mode", ERAS)
def test_a_client_that_gives_up_cancels_the_work(address: str, waiting: Waiting, mode: str) -> None:
    async def check(client: Client) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "ask", {"question": QUESTION})
            assert await anyio.to_thread.run_sync(waiting.begun.wait, 20)
            group.cancel_scope.cancel()

    run(over_http(address, mode=mode), check)
    assert waiting.stopped.wait(20)


@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28"])
def test_shutting_down_cancels_the_work(
    workspace: MemoryWorkspace, state: State, waiting: Waiting, version: str
) -> None:
    call = {"name": "ask", "arguments": {"question": QUESTION}, "_meta": _ENVELOPE}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    headers = {
        "accept": "application/json",
        "mcp-protocol-version": version,
        "mcp-method": "tools/call",
        "mcp-name": "ask",
    }
    with ThreadPoolExecutor(1) as pool:
        with listening(telling_app(workspace, state)) as url:
            sent = pool.submit(
                httpx.post, f"{url}/mcp", json=message, headers=headers, trust_env=False, timeout=60
            )
            assert waiting.begun.wait(20)
        assert waiting.stopped.wait(20)
        assert sent.exception() or sent.result().status_code >= 400
