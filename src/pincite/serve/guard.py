"""One guard round the whole application: key, host, origin, body size, response headers.

It is plain ASGI, because a dependency of FastAPI's leaves the mounted chat open.
"""

import re
import secrets
from ipaddress import ip_address

from anyio import CancelScope
from fastapi.responses import RedirectResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pincite.serve.headers import content_security_policy, secured
from pincite.serve.keys import Key
from pincite.serve.problems import problem
from pincite.serve.versions import PREFIX, unversioned

JSON_BYTES = 64 * 1024
# A history of 32,000 Chinese characters is 192 KB as most clients write JSON.
LONGER_BODIES = {
    "/ask": 4 * JSON_BYTES,
    "/ask/batch": 16 * JSON_BYTES,
    "/chat/completions": 16 * JSON_BYTES,
}
OPEN_PATHS = frozenset({"/health", f"{PREFIX}/health", "/login", "/favicon.ico"})
UPLOAD_PATHS = frozenset({"/documents"})
HEARTBEAT = "/gradio_api/heartbeat/"
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PORT = re.compile(r":\d*$")


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this machine only."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """Wraps the application; every request passes here first.

    Args:
        app: The whole application, the chat included.
        api_key: The key every request must carry, save to ``OPEN_PATHS``; None: no key.
        max_upload_bytes: Most bytes of an upload's body, besides 64 KiB for its part headers.
    """

    def __init__(self, app: ASGIApp, *, api_key: str | None, max_upload_bytes: int) -> None:
        self.app = app
        self._key = Key(api_key) if api_key else None
        self._max_upload = max_upload_bytes + JSON_BYTES
        self._heartbeats: set[CancelScope] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with a problem."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            # Nothing here speaks WebSocket.
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        request_id = _request_id(headers)
        scope.setdefault("state", {})["request_id"] = request_id
        exchange = _Exchange(receive, send, request_id, self._cap(scope, headers))
        refusal = self._refusal(scope, headers, exchange)
        if refusal:
            await refusal(scope, receive, exchange.send)
            return
        if not scope["path"].startswith(HEARTBEAT):
            await self._pass_on(scope, exchange)
            return
        with CancelScope() as heartbeat:
            self._heartbeats.add(heartbeat)
            try:
                await self._pass_on(scope, exchange)
            finally:
                self._heartbeats.discard(heartbeat)
        if heartbeat.cancelled_caught:
            await exchange.end()

    async def _pass_on(self, scope: Scope, exchange: "_Exchange") -> None:
        try:
            await self.app(scope, exchange.receive, exchange.send)
        except ClientDisconnect:
            if not exchange.refused:
                raise

    def end_heartbeats(self) -> None:
        """End the streams that open pages hold, so that shutting down waits for real work only."""
        for heartbeat in self._heartbeats:
            heartbeat.cancel()

    def _cap(self, scope: Scope, headers: Headers) -> int:
        path = unversioned(scope["path"])
        multipart = headers.get("content-type", "").lower().startswith("multipart/form-data")
        if multipart and path in UPLOAD_PATHS:
            return self._max_upload
        return LONGER_BODIES.get(path, JSON_BYTES)

    def _refusal(self, scope: Scope, headers: Headers, exchange: "_Exchange") -> ASGIApp | None:
        def refuse(status: int, detail: str, **extra: str) -> ASGIApp:
            return problem(status, detail, request_id=exchange.request_id, headers=extra)

        if not self._known_host(scope, headers):
            return refuse(
                421,
                f"the Host header is {headers.get('host', '')[:100]!r}, and a server that listens "
                "on this machine only answers to 127.0.0.1, localhost and [::1]; set an API key "
                "to serve it under another name",
            )
        if scope["method"] not in _SAFE_METHODS and _from_another_site(headers):
            return refuse(403, "a page of another site must not change anything here")
        if self._key and scope["path"] not in OPEN_PATHS and not self._key.admits(headers):
            if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
                return RedirectResponse("/login", 303)
            return refuse(
                401,
                "send the server's API key as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'",
                **{"www-authenticate": "Bearer"},
            )
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length[:20]) > exchange.cap:
            return exchange.too_large()
        return None

    def _known_host(self, scope: Scope, headers: Headers) -> bool:
        """Stop DNS rebinding: another site's name that leads to this machine.

        With a key there is nothing to gain by it: the browser holds no session for that name.
        """
        server = scope.get("server")
        if self._key or not server or not is_loopback(server[0]):
            return True
        return _PORT.sub("", headers.get("host", "").lower()) in _LOOPBACK_NAMES


class _Exchange:
    """One request's body, counted, and its response, completed."""

    def __init__(self, receive: Receive, send: Send, request_id: str, cap: int) -> None:
        self.request_id = request_id
        self.cap = cap
        self.refused = False
        self._receive = receive
        self._send = send
        self._received = 0
        self._started = False
        self._ended = False
        self._page: Message | None = None
        self._html = b""

    def too_large(self) -> ASGIApp:
        return problem(
            413,
            f"the body is larger than the {self.cap:,} bytes allowed here",
            request_id=self.request_id,
            headers={"connection": "close"},
            limit_bytes=self.cap,
        )

    async def receive(self) -> Message:
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
        await self._send({**message, "headers": headers})


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _from_another_site(headers: Headers) -> bool:
    """Tell whether a browser says that a page of another origin sent the request.

    Source:
        W3C, Fetch Metadata Request Headers; over plain HTTP browsers send only ``Origin``.
    """
    site = headers.get("sec-fetch-site")
    if site:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return (
        origin is not None and origin.lower().partition("://")[2] != headers.get("host", "").lower()
    )
