"""A server of chat completions that does what its script says, one line a request.

    with scripted([status(500), says("Yes [1].")]) as server:
        ...  # ask a model at server.base_url
        assert server.requests[1].messages[-1]["content"] == "…"

The last line of the script holds for all further requests. ``behaviours.py`` has the lines.
"""

import json
import select
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any

MODEL = "scripted"


@dataclass
class Request:
    """What was asked, header names in lower case.

    ``gone`` is set once the client has closed the connection early.
    """

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    started: float
    gone: threading.Event = field(default_factory=threading.Event)

    @property
    def messages(self) -> list[dict[str, str]]:
        messages: list[dict[str, str]] = self.body["messages"]
        return messages


class Exchange:
    """One request and the connection to answer it on."""

    def __init__(self, request: Request, handler: BaseHTTPRequestHandler) -> None:
        self.request = request
        self._handler = handler

    def start(
        self, status: int = 200, content_type: str = "text/event-stream", **headers: str
    ) -> None:
        self._handler.send_response(status)
        self._handler.send_header("Content-Type", content_type)
        self._handler.send_header("Connection", "close")
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.end_headers()

    def send(self, data: str | bytes) -> None:
        """Send raw bytes; ``OSError`` if the client has gone."""
        self._handler.wfile.write(data.encode() if isinstance(data, str) else data)
        self._handler.wfile.flush()

    def event(self, payload: object) -> None:
        self.send(f"data: {json.dumps(payload)}\n\n")

    def text(self, text: str) -> None:
        self.event(chunk({"content": text}))

    def end(self, reason: str = "stop") -> None:
        self.event(chunk({}, reason))
        self.send("data: [DONE]\n\n")

    def wait(self, seconds: float) -> bool:
        """Wait; return False at once when the client closes the connection."""
        readable, _, _ = select.select([self._handler.connection], [], [], seconds)
        return not (readable and not self._handler.connection.recv(1, socket.MSG_PEEK))


Behaviour = Callable[[Exchange], None]


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "model": MODEL, "choices": [choice]}


class ScriptedServer:
    """The server; ``requests`` are the chat completions asked for, in order."""

    def __init__(self, script: Sequence[Behaviour], models: Sequence[str]) -> None:
        self._script = list(script)
        self._models = models
        self._lock = threading.Lock()
        self.requests: list[Request] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def _next(self, request: Request) -> Behaviour:
        with self._lock:
            self.requests.append(request)
            return self._script[min(len(self.requests), len(self._script)) - 1]

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                names = server._models
                listed = {
                    "object": "list",
                    "data": [{"id": name} for name in names],
                    "models": [{"name": name, "context_length": 4096} for name in names],
                }
                exchange = Exchange(Request(self.path, {}, {}, monotonic()), self)
                exchange.start(content_type="application/json")
                exchange.send(json.dumps(listed))
                self.close_connection = True

            def do_POST(self) -> None:
                self.close_connection = True
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.path, headers, body, monotonic())
                behaviour = server._next(request)
                try:
                    behaviour(Exchange(request, self))
                except OSError:
                    request.gone.set()

            def log_message(self, *args: Any) -> None:
                pass

        return Handler

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def scripted(
    script: Sequence[Behaviour], models: Sequence[str] = (MODEL,)
) -> Iterator[ScriptedServer]:
    """Yield a running server that goes through the script; its list of models is ``models``.

    It answers Ollama's ``/api/tags`` and ``/api/ps`` with the same list.
    """
    server = ScriptedServer(script, models)
    server.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            server.stop()
