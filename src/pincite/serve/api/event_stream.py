"""Server-sent events, sent as a question is answered."""

import logging
from collections.abc import Callable, Iterator
from contextlib import aclosing
from threading import Event as Flag
from typing import Protocol

from fastapi import Response
from starlette.types import Receive, Scope, Send

from pincite.errors import CancelledError, PinciteError
from pincite.records import Event
from pincite.serve.api.waiting import while_connected
from pincite.serve.gate import Gate
from pincite.serve.problems import INTERNAL_ERROR, members, of_pincite
from pincite.serve.streaming import Failed, stream

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10.0
_HEARTBEAT = b": waiting\n\n"
# JSON may hold these as they are, and some clients take them for the ends of lines.
_LINE_ENDS = {"\x85": b"\\u0085", "\u2028": b"\\u2028", "\u2029": b"\\u2029"}


class Encoding(Protocol):
    """Turns what happens into the bytes of server-sent events."""

    def event(self, event: Event) -> bytes:
        """Encode one event of the answering, or nothing; the answer is the last."""
        ...

    def failure(self, problem: dict[str, object]) -> bytes:
        """Encode the problem that ends a stream already begun."""
        ...


def sent_event(data: bytes, name: str | None = None) -> bytes:
    """Write JSON as a server-sent event."""
    for character, escaped in _LINE_ENDS.items():
        data = data.replace(character.encode(), escaped)
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + data + b"\n\n"


class EventStream(Response):
    """Answers a question on a thread of the gate and sends each event as it is made.

    Before the first event or heartbeat an error becomes a response of its own; after it, the
    stream's last event. A client that goes away cancels the work.

    Args:
        gate: Where the work waits for its turn.
        answering: Called with a flag that is set once nobody waits any longer.
        encoding: What the events look like.
    """

    media_type = "text/event-stream"

    def __init__(
        self, gate: Gate, answering: Callable[[Flag], Iterator[Event]], encoding: Encoding
    ) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        # Nobody knows the length yet.
        del self.headers["content-length"]
        self._gate = gate
        self._answering = answering
        self._encoding = encoding
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream to its end."""
        request_id = scope["state"]["request_id"]
        try:
            async with while_connected(receive) as gone:
                await self._send_all(gone, send)
        except CancelledError:
            return
        except PinciteError as error:
            if not self._started:
                raise
            logger.error("%s, in a stream: %s", scope["path"], error)
            await self._end(of_pincite(error, request_id=request_id), send)
        except Exception:
            if self._started:
                await self._end(members(500, INTERNAL_ERROR, request_id=request_id), send)
            raise

    async def _end(self, problem: dict[str, object], send: Send) -> None:
        await self._send(self._encoding.failure(problem), send)
        await self._send(b"", send, more=False)

    async def _send_all(self, gone: Flag, send: Send) -> None:
        made = stream(self._gate, lambda: self._answering(gone), gone, HEARTBEAT_SECONDS)
        async with aclosing(made):
            async for item in made:
                if isinstance(item, Failed):
                    raise item.error
                piece = self._encoding.event(item) if item else _HEARTBEAT
                if piece:
                    await self._send(piece, send)
        await self._send(b"", send, more=False)

    async def _send(self, body: bytes, send: Send, *, more: bool = True) -> None:
        if not self._started:
            self._started = True
            head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(head)
        await send({"type": "http.response.body", "body": body, "more_body": more})
