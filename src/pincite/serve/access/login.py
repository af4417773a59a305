"""``/login`` and ``/logout``: what a person proves once is remembered for a browser session."""

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from pincite.serve.access.keys import COOKIE, SESSION_SECONDS, Access, Holder
from pincite.serve.access.limits import RateLimit
from pincite.serve.gate import Gate
from pincite.serve.ui.sign_in import render_sign_in
from pincite.serve.ui.strings import strings_for_request

# Of one client address in a minute; a person who forgot the password needs no more.
TRIES = 10
_Field = Annotated[str, Form(max_length=1000)]


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
        words = strings_for_request(request)
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


def _page(
    request: Request, access: Access, status: int, error: str = "", *, by_key: bool = False
) -> Response:
    words = strings_for_request(request)
    page = render_sign_in(words, by_name=access.has_users, by_key=by_key, error=error)
    return HTMLResponse(page, status, {"vary": "accept-language, cookie"})
