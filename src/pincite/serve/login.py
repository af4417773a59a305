"""``/login``: a page that changes the API key for a browser session."""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from pincite.serve.keys import COOKIE, SESSION_SECONDS, Key
from pincite.serve.ui.strings import Strings, strings_for_browser

_PAGE = """<!doctype html>
<html lang="{tag}"><head><meta charset="utf-8"><title>Pincite</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>
body {{ font: 16px/1.5 system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif;
  display: grid; place-items: center; min-height: 90vh; margin: 0 1rem; }}
form {{ display: grid; gap: .75rem; width: min(22rem, 100%); }}
input, button {{ font: inherit; padding: .6rem .8rem; border-radius: 8px; border: 1px solid #888; }}
button {{ background: #1f4b46; border-color: #1f4b46; color: #fff; cursor: pointer; }}
p {{ color: #b3261e; margin: 0; }}
</style></head>
<body><form method="post" action="/login"><h1>Pincite</h1><label for="key">{label}</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button>{button}</button>{error}</form></body></html>"""


def login_router(api_key: str | None) -> APIRouter:
    """Return the sign-in page; without a key it leads to the chat."""
    router = APIRouter(include_in_schema=False)
    key = Key(api_key) if api_key else None

    @router.get("/login")
    async def page(request: Request) -> Response:
        if not key or key.admits(request.headers):
            return RedirectResponse("/", 303)
        return _page(_words(request), 200)

    @router.post("/login")
    async def sign_in(
        request: Request, given: Annotated[str, Form(alias="key", max_length=1000)]
    ) -> Response:
        if not key:
            return RedirectResponse("/", 303)
        words = _words(request)
        if not key.matches(given.strip()):
            return _page(words, 401, f'<p role="alert">{escape(words.wrong_key)}</p>')
        response = RedirectResponse("/", 303)
        response.set_cookie(
            COOKIE,
            key.new_session(),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    return router


def _words(request: Request) -> Strings:
    return strings_for_browser(request.headers.get("accept-language"))


def _page(words: Strings, status: int, error: str = "") -> Response:
    page = _PAGE.format(
        tag=words.tag, label=escape(words.key), button=escape(words.sign_in), error=error
    )
    return HTMLResponse(page, status)
