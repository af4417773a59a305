"""``/login`` and ``/logout``: what a person proves once is remembered for a browser session."""

from functools import partial
from html import escape
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from pincite.serve.gate import Gate
from pincite.serve.keys import COOKIE, SESSION_SECONDS, Access, Holder
from pincite.serve.limits import RateLimit
from pincite.serve.ui.strings import Strings, strings_for_browser

# Of one client address in a minute; a person who forgot the password needs no more.
TRIES = 10
_Field = Annotated[str, Form(max_length=1000)]

# The colours are those of the chat, whose style sheets are not for strangers.
_PAGE = """<!doctype html>
<html lang="{tag}"><head><meta charset="utf-8"><title>Pincite</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>
body {{ font: 16px/1.5 system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif;
  background: light-dark(#fcfbf8, #131816); color: light-dark(#1d2422, #e9ece7);
  display: grid; place-items: center; min-height: 90vh; margin: 0 1rem; }}
main, form {{ display: grid; gap: .75rem; }}
main {{ width: min(22rem, 100%); gap: 1.25rem; }}
h1 {{ display: flex; align-items: center; gap: .75rem; margin: 0; }}
h1 img {{ width: 2.25rem; height: 2.25rem; }}
label {{ margin-bottom: -.5rem; }}
input, button {{ font: inherit; padding: .6rem .8rem; border-radius: 8px; }}
input {{ border: 1px solid light-dark(#8c8a80, #7d8a86); color: inherit;
  background: light-dark(#fffefb, #202826); }}
button {{ border: 0; background: light-dark(#1f4b46, #8fd0c3);
  color: light-dark(#fffdf6, #0f1614); cursor: pointer; }}
:focus-visible {{ outline: 2px solid light-dark(#1f4b46, #8fd0c3); outline-offset: 2px; }}
summary {{ cursor: pointer; }}
details form {{ margin-top: .75rem; }}
p {{ color: light-dark(#a1301f, #f0978a); margin: 0; }}
</style></head>
<body><main><h1><img src="/favicon.ico" alt="">Pincite</h1>{error}{forms}</main></body></html>"""
_FORM = '<form method="post" action="/login">{fields}<button>{button}</button></form>'
_FIELD = """<label for="{name}">{label}</label>
<input id="{name}" name="{name}" type="{kind}" autocomplete="{fill}" required{more}>"""
_OTHERWISE = "<details{more}><summary>{label}</summary>{form}</details>"


def login_router(access: Access) -> APIRouter:
    """Return the sign-in page and what ends a session; an open server leads to the chat."""
    router = APIRouter(include_in_schema=False)
    tries = RateLimit("sign-in", TRIES)
    # Checking a password takes 16 MiB and a core: few at once, whoever asks.
    passwords = Gate(running=2, waiting=16)

    @router.get("/login")
    async def page(request: Request) -> Response:
        if request.state.caller:
            return RedirectResponse("/", 303)
        return _page(request, access, 200)

    @router.post("/login")
    async def sign_in(
        request: Request, key: _Field = "", name: _Field = "", password: _Field = ""
    ) -> Response:
        words = _words(request)
        verdict = tries.take(request.client.host if request.client else "")
        if not verdict.allowed:
            told = words.too_many_tries.format(seconds=verdict.seconds)
            waiting = _page(request, access, 429, told, by_key=bool(key))
            waiting.headers["retry-after"] = str(verdict.seconds)
            return waiting
        holder: Holder | None
        if key:
            holder = access.holder_of_key(key.strip())
        else:
            holder = await passwords.run(partial(access.holder_of_password, name, password))
        if holder is None:
            told = words.wrong_key if key else words.wrong_password
            return _page(request, access, 401, told, by_key=bool(key))
        response = RedirectResponse("/", 303)
        response.set_cookie(
            COOKIE,
            await to_thread.run_sync(access.sign_in, holder),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    @router.post("/logout")
    async def sign_out(request: Request) -> Response:
        await to_thread.run_sync(access.sign_out, request.headers)
        response = RedirectResponse("/" if access.open else "/login", 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    return router


def _words(request: Request) -> Strings:
    return strings_for_browser(request.headers.get("accept-language"))


def _page(
    request: Request, access: Access, status: int, error: str = "", *, by_key: bool = False
) -> Response:
    words = _words(request)
    if access.has_users:
        forms = _form(
            words,
            _field("name", words.name, kind="text", fill="username", first=not by_key),
            _field("password", words.password, fill="current-password"),
        ) + _OTHERWISE.format(
            more=" open" if by_key else "",
            label=escape(words.with_key),
            form=_form(words, _field("key", words.key, fill="off", first=by_key)),
        )
    else:
        forms = _form(words, _field("key", words.key, fill="current-password", first=True))
    told = f'<p role="alert">{escape(error)}</p>' if error else ""
    return HTMLResponse(_PAGE.format(tag=words.tag, error=told, forms=forms), status)


def _form(words: Strings, *fields: str) -> str:
    return _FORM.format(fields="".join(fields), button=escape(words.sign_in))


def _field(name: str, label: str, *, kind: str = "password", fill: str, first: bool = False) -> str:
    more = " autofocus" if first else ""
    return _FIELD.format(name=name, label=escape(label), kind=kind, fill=fill, more=more)
