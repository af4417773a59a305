"""One request and its response, as the guard passes them on."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Send

from pincite.serve.access.headers import RawHeaders, content_security_policy, secured
from pincite.serve.problems import problem


class Exchange:
    """One request's body, counted, and its response, completed.

    ``headers`` are added to the response; ``refused`` tells that the body was too large.

    Args:
        receive: Gives the body.
        send: Takes the response.
        request_id: Of the request.
        cap: Most bytes of the body.
    """

    def __init__(self, receive: Receive, send: Send, request_id: str, cap: int) -> None:
        self.request_id = request_id
        self.cap = cap
        self.headers: RawHeaders = []
        self.refused = False
        self._receive = receive
        self._send = send
        self._received = 0
        self._started = False
        self._ended = False
        self._page: Message | None = None
        self._html = b""

    def refuse(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> ASGIApp:
        """Return the problem that answers the request."""
        return problem(status, detail, request_id=self.request_id, headers=headers, **members)

    def too_large(self) -> ASGIApp:
        """Return the problem that answers a body past the cap."""
        return self.refuse(
            413,
            f"the body is larger than the {self.cap:,} bytes allowed here",
            headers={"connection": "close"},
            limit_bytes=self.cap,
        )

    async def receive(self) -> Message:
        """Pass a piece of the body on, up to the cap."""
        if self.refused:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > self.cap:
            if not self._started:
                await self.too_large()({"type": "http"}, self._receive, self.send)
            self.refused = True
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        """Pass a piece of the response on, with the headers that every response carries."""
        if self.refused:
            return
        if message["type"] == "http.response.start":
            self._started = True
            kind = MutableHeaders(raw=list(message["headers"])).get("content-type", "")
            if kind.startswith("text/html"):
                self._page = message
            else:
                await self._start(message, content_security_policy())
        elif self._page:
            # The policy names the page's scripts, so the page is read before its headers go out.
            self._html += message.get("body", b"")
            if not message.get("more_body"):
                await self._start(self._page, content_security_policy(self._html))
                await self._send({"type": "http.response.body", "body": self._html})
        else:
            self._ended = not message.get("more_body")
            await self._send(message)

    async def end(self) -> None:
        """Complete a response that was cut off."""
        if self._started and not self._ended:
            await self._send({"type": "http.response.body", "body": b""})

    async def _start(self, message: Message, policy: bytes) -> None:
        headers = secured(message["headers"], self.request_id, policy)
        await self._send({**message, "headers": [*headers, *self.headers]})
