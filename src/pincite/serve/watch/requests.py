"""Counts, traces and logs every request, those that the guard refuses too."""

import logging
from time import perf_counter

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pincite.serve.watch.telemetry import CURRENT, NoTracer, Span, Telemetry, request_fields

logger = logging.getLogger(__name__)

CLIENT_GONE = 499
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# What machines ask all the time, and the chat page's own requests: neither traced nor logged,
# save for debugging.
_QUIET = ("/health", "/ready", "/metrics", "/favicon.ico", "/ui/", "/assets/", "/static/", "/theme")
_QUIET_CHAT = ("/gradio_api/", "/manifest.json")


class RequestWatch:
    """Wraps an application; plain ASGI, so that streams pass as they are made.

    Args:
        app: What answers the requests.
        api: The application whose routes are told apart; those of another inside it, such as the
            chat, are all one.
        telemetry: Where it is told.
    """

    def __init__(self, app: ASGIApp, api: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._api = api
        self._metrics = telemetry.metrics
        self._tracer = telemetry.tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and tell how it went."""
        token = CURRENT.set(scope.setdefault("state", {}))
        quiet = scope["path"].startswith(_QUIET + _QUIET_CHAT)
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        started = perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        tracer = NoTracer() if quiet else self._tracer
        attributes = {"http.request.method": method, "url.scheme": scope.get("scheme", "http")}
        with tracer.span(method, "server", attributes, Headers(scope=scope)) as span:
            try:
                with span.current():
                    await self._app(scope, receive, noting)
            except Exception:
                status = status or 500
                raise
            finally:
                seconds = perf_counter() - started
                self._told(scope, method, status or CLIENT_GONE, seconds, span, quiet=quiet)
                CURRENT.reset(token)

    def _told(
        self, scope: Scope, method: str, status: int, seconds: float, span: Span, *, quiet: bool
    ) -> None:
        route = self._route(scope)
        fields = {
            "method": method,
            "route": route,
            "status": status,
            "ms": round(1000 * seconds, 1),
            **request_fields(),
        }
        self._metrics.request(route, method, status, seconds)
        span.rename(method if route == "none" else f"{method} {route}")
        span.tell({"http.route": route, "http.response.status_code": status})
        if status >= 500:
            span.fail(str(status))
        level = logging.DEBUG if quiet else logging.INFO
        logger.log(level, "request", extra={"fields": fields})

    def _route(self, scope: Scope) -> str:
        endpoint = scope.get("endpoint")
        route = getattr(scope.get("route"), "path", None) or getattr(endpoint, "path", None)
        if route is None:
            return "none"
        return str(route) if scope.get("app") is self._api else "chat"
