"""Whose each of the chat's streams is.

Gradio delivers what a page's events give to whoever names the page's ``session_hash``, which the
browser makes up and is no secret of its caller.
"""

import json
from collections import OrderedDict
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pincite.serve.access.callers import caller_of

_MOST_STREAMS = 10_000
_HEARTBEAT = "/gradio_api/heartbeat/"
_DATA = "/gradio_api/queue/data"
_SENDERS = frozenset({"/gradio_api/queue/join", "/gradio_api/cancel"})


class OwnStreams:
    """Binds each stream to the caller who used it first, before Gradio sees the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._owners: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if the stream it names is its caller's.

        Raises:
            HTTPException: If it is another's.
        """
        path = scope["path"]
        if path.startswith(_HEARTBEAT):
            self._claim(scope, path.removeprefix(_HEARTBEAT))
        elif path == _DATA:
            for name in parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", []):
                self._claim(scope, name)
        elif path in _SENDERS:
            body = await Request(scope, receive).body()
            self._claim(scope, _named_in(body))
            receive = _again(body, receive)
        await self._app(scope, receive, send)

    def _claim(self, scope: Scope, name: object) -> None:
        if not isinstance(name, str) or not name:
            return
        caller = caller_of(Request(scope)).id
        if self._owners.setdefault(name, caller) != caller:
            raise HTTPException(404, "there is no such stream")
        self._owners.move_to_end(name)
        if len(self._owners) > _MOST_STREAMS:
            self._owners.popitem(last=False)


def _named_in(body: bytes) -> object:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return None  # Gradio refuses it.
    return sent.get("session_hash") if isinstance(sent, dict) else None


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read once more, then what comes after it."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay
