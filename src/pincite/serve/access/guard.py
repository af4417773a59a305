"""One guard round the whole application: caller, host, origin, rate, body size, headers.

It is plain ASGI, because a dependency of FastAPI's leaves the mounted chat open.
"""

import logging
import re
import secrets
from collections.abc import Callable
from ipaddress import ip_address

from anyio import CancelScope
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from pincite.errors import LibraryError
from pincite.serve.access.config import ServerConfig
from pincite.serve.access.cors import Cors
from pincite.serve.access.exchange import Exchange
from pincite.serve.access.keys import Access
from pincite.serve.access.limits import RateLimit, is_limited
from pincite.serve.api.versions import unversioned
from pincite.serve.problems import RETRY_AFTER

logger = logging.getLogger(__name__)

JSON_BYTES = 64 * 1024
# A history of 32,000 Chinese characters is 192 KB as most clients write JSON.
LONGER_BODIES = {
    "/ask": 4 * JSON_BYTES,
    "/ask/batch": 16 * JSON_BYTES,
    "/chat/completions": 16 * JSON_BYTES,
}
# What needs no key. The last two look at one that is sent.
OPEN_PATHS = frozenset({"/health", "/favicon.ico", "/login", "/logout"})
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

    Behind it ``scope["state"]`` holds ``request_id``, and ``caller``: None on ``OPEN_PATHS`` only.

    Args:
        app: The whole application, the chat included.
        access: Tells who is calling.
        config: The limits, and the origins whose pages may call. An upload's body may have 64 KiB
            more than ``max_upload_bytes``, for its part headers.
        limit: Counts the requests; by default as ``config`` says.
        watch: Wraps what handles the requests, to see those refused as well.
    """

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        config: ServerConfig,
        *,
        limit: RateLimit | None = None,
        watch: Callable[[ASGIApp], ASGIApp] = lambda handle: handle,
    ) -> None:
        self.app = app
        self._handle = watch(self._http)
        self._access = access
        self._max_upload = config.max_upload_bytes + JSON_BYTES
        self._cors = Cors(config.cors_origins)
        if limit is None and config.rate_limit:
            limit = RateLimit("default", config.rate_limit)
        self._limit = limit
        self._heartbeats: set[CancelScope] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with a problem."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._handle(scope, receive, send)
        else:
            # Nothing here speaks WebSocket.
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        request_id = _request_id(headers)
        scope.setdefault("state", {})["request_id"] = request_id
        exchange = Exchange(receive, send, request_id, self._cap(scope, headers))
        exchange.headers += self._cors.headers(scope["method"], headers)
        refusal = await self._refusal(scope, headers, exchange)
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

    async def _pass_on(self, scope: Scope, exchange: Exchange) -> None:
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
        if _is_upload(scope, headers):
            return self._max_upload
        return LONGER_BODIES.get(unversioned(scope["path"]), JSON_BYTES)

    async def _refusal(self, scope: Scope, headers: Headers, exchange: Exchange) -> ASGIApp | None:
        try:
            refusal = self._misdirected(scope, headers, exchange) or await self._unwelcome(
                scope, headers, exchange
            )
        except LibraryError as error:
            # Who cannot be told from a stranger is not let in.
            logger.error("the keys cannot be read: %s", error)
            return exchange.refuse(
                503, "the server cannot read its keys now; its log says why", headers=RETRY_AFTER
            )
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length[:20]) > exchange.cap:
            return refusal or exchange.too_large()
        return refusal

    def _misdirected(self, scope: Scope, headers: Headers, exchange: Exchange) -> ASGIApp | None:
        if not self._known_host(scope, headers):
            return exchange.refuse(
                421,
                f"the Host header is {headers.get('host', '')[:100]!r}, and a server that listens "
                "on this machine only answers to 127.0.0.1, localhost and [::1]; set an API key "
                "to serve it under another name",
            )
        if self._cors.asks(scope["method"], headers):
            return Response(status_code=204)
        if (
            scope["method"] not in _SAFE_METHODS
            and _from_another_site(headers)
            and not self._cors.allows(headers)
        ):
            return exchange.refuse(403, "a page of another site must not change anything here")
        return None

    async def _unwelcome(
        self, scope: Scope, headers: Headers, exchange: Exchange
    ) -> ASGIApp | None:
        path = unversioned(scope["path"])
        scope["state"]["caller"] = None
        if path in {"/health", "/favicon.ico"}:
            return None
        # A session is for Pincite's own pages, also where others may come with a key.
        foreign = self._cors.allows(headers) and _from_another_site(headers)
        caller = self._access.caller(headers, cookies=not foreign)
        scope["state"]["caller"] = caller
        if caller is None:
            return None if path in OPEN_PATHS else _unauthorized(scope, headers, exchange)
        await self._access.note_use(caller)
        if self._limit is None or not is_limited(path, upload=_is_upload(scope, headers)):
            return None
        client = scope.get("client")
        verdict = self._limit.take(client[0] if caller.id == "local" and client else caller.id)
        exchange.headers += self._limit.headers(verdict)
        if verdict.allowed:
            return None
        return exchange.refuse(
            429,
            f"{caller.name} has sent too many requests; the next may come in {verdict.seconds} s",
            headers={"retry-after": str(verdict.seconds)},
        )

    def _known_host(self, scope: Scope, headers: Headers) -> bool:
        """Stop DNS rebinding: another site's name that leads to this machine.

        With a key there is nothing to gain by it: the browser holds no session for that name.
        """
        if _PORT.sub("", headers.get("host", "").lower()) in _LOOPBACK_NAMES:
            return True
        server = scope.get("server")
        return not server or not is_loopback(server[0]) or not self._access.open


def _is_upload(scope: Scope, headers: Headers) -> bool:
    multipart = headers.get("content-type", "").lower().startswith("multipart/form-data")
    return multipart and unversioned(scope["path"]) in UPLOAD_PATHS


def _unauthorized(scope: Scope, headers: Headers, exchange: Exchange) -> ASGIApp:
    if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
        return RedirectResponse("/login", 303)
    return exchange.refuse(
        401,
        "send a key of this server as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'",
        headers={"www-authenticate": "Bearer"},
    )


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
