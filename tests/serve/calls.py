"""Calls a guard as a server does, in chunks."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
from starlette.types import Message, Receive, Scope, Send

from pincite.serve.access.config import ServerConfig
from pincite.serve.access.guard import Guard
from pincite.serve.access.keys import Access
from pincite.state.store import State

UPLOAD_BYTES = 200_000


def events_in(stream: str) -> list[tuple[str, Any]]:
    """Return the names and the data of a whole stream's events."""
    events = []
    for block in stream.strip().split("\n\n"):
        name, data = block.split("\n", 1)
        events.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


def configured(**changes: Any) -> ServerConfig:
    """A server on the loopback, without a key or a limit save those given."""
    return replace(ServerConfig(max_upload_bytes=UPLOAD_BYTES, loopback=True), **changes)


async def count(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the number of bytes received, and with headers that a guard must not pass."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    headers = [
        (b"content-type", b"text/plain"),
        (b"Access-Control-Allow-Origin", b"*"),
        (b"access-control-allow-credentials", b"true"),
        (b"server", b"inner"),
        (b"X-Frame-Options", b"ALLOWALL"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": str(size).encode()})


def call(
    path: str,
    headers: dict[str, str],
    chunks: list[bytes],
    *,
    app: Any = count,
    key: str | None = None,
    server: str = "127.0.0.1",
    method: str = "POST",
    config: ServerConfig | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """Send a request in chunks, without a Content-Length unless one is given."""
    config = config or configured(api_key=key)
    with TemporaryDirectory() as home, State.open(Path(home)) as state:
        guard = Guard(app, Access(state, config), config)
        return sent_to(guard, path, headers, chunks, server=server, method=method)


def sent_to(
    guard: Guard,
    path: str,
    headers: dict[str, str],
    chunks: list[bytes],
    *,
    server: str = "127.0.0.1",
    method: str = "POST",
    client: str = "127.0.0.1",
) -> tuple[int, dict[str, str], bytes]:
    """Send a request in chunks to a guard that is there."""
    raw = {"host": "127.0.0.1", **headers}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in raw.items()],
        "query_string": b"",
        "server": (server, 80),
        "client": (client, 50_000),
    }
    sent: list[Message] = []
    bodies: Iterator[bytes] = iter(chunks)
    left = len(chunks)

    async def receive() -> Message:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": next(bodies, b""), "more_body": left > 0}

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(guard, scope, receive, send)
    assert [m["type"] for m in sent].count("http.response.start") == 1
    names = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], names, b"".join(m.get("body", b"") for m in sent[1:])
