"""Puts the page that Pincite renders into the page that Gradio serves, which works behind it.

Gradio's own page is empty until its scripts have run, and draws everything anew with each event.
So the page that is seen is rendered here, is there with the first bytes and in the browser's
language, and Gradio carries the events, the queue and the session.
"""

import re

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pincite.serve.access.callers import caller_of
from pincite.serve.ui.home import render_chat
from pincite.serve.ui.shell import head
from pincite.serve.ui.strings import strings_for_request

_MODULES = (
    "words.js",
    "composer.js",
    "dialogs.js",
    "events.js",
    "filters.js",
    "history.js",
    "sources.js",
    "turns.js",
)
_HEAD = re.compile(rb"<head\b[^>]*>")
_BODY = re.compile(rb"<body\b[^>]*>")
_LANGUAGE = re.compile(rb'(<html\s+lang=)"en"')


class Framed:
    """Gradio's application, with the chat's page in it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the page with the chat in it, and everything else as it is."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def framed(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if start is None or message.get("more_body"):
                return
            headers = MutableHeaders(raw=list(start["headers"]))
            if headers.get("content-type", "").startswith("text/html"):
                body = with_chat(body, Request(scope))
                headers["content-length"] = str(len(body))
                headers["vary"] = "accept-language, cookie"
                headers["cache-control"] = "no-store"
            await send({**start, "headers": headers.raw})
            await send({"type": "http.response.body", "body": body})

        await self._app(_uncompressed(scope), receive, framed)


def with_chat(page: bytes, request: Request) -> bytes:
    """Return Gradio's page with the chat before it, in the asker's language.

    Raises:
        ValueError: If the page is none that we know.
    """
    words = strings_for_request(request)
    page, languages = _LANGUAGE.subn(rb'\1"%s"' % words.tag.encode(), page, count=1)
    opening = bool(request.query_params.get("c"))
    chat = render_chat(words, caller_of(request), opening=opening).encode()
    parts = head("chat.js", modules=_MODULES).encode()
    page, heads = _HEAD.subn(lambda match: match[0] + parts, page, count=1)
    page, bodies = _BODY.subn(lambda match: match[0] + chat, page, count=1)
    if not (languages and heads and bodies):
        raise ValueError(
            "Gradio's page lacks <html lang>, <head> or <body>; install a version that"
            " pyproject.toml names"
        )
    return page


def _uncompressed(scope: Scope) -> Scope:
    kept = [pair for pair in scope["headers"] if pair[0].lower() != b"accept-encoding"]
    return {**scope, "headers": kept}
