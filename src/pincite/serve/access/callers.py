"""Who is calling, as the guard found out, and what that caller may do."""

from dataclasses import dataclass
from typing import Any

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from pincite.state.keys import KeyRole


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of a key, a user, or on a server without either the one local person.

    ``id`` is stable ("key:…", "user:…" or "local"): it owns conversations and feedback.
    """

    id: str
    name: str
    role: KeyRole

    @property
    def may_manage(self) -> bool:
        """Whether the caller may change the library and read the feedback."""
        return self.role == "manage"


LOCAL = Caller("local", "local", "manage")


def caller_of(request: HTTPConnection) -> Caller:
    """Return who sent a request; the guard lets nobody unknown through to the application."""
    caller = request.state.caller
    assert isinstance(caller, Caller)
    return caller


def _require_manage(request: HTTPConnection) -> None:
    caller = caller_of(request)
    if not caller.may_manage:
        raise HTTPException(
            403,
            f"{caller.name!r} has the role {caller.role!r}, and this takes 'manage'; ask whoever"
            " runs the server for such a key",
        )


def requires_manage() -> Any:
    """Return the dependency that refuses callers of any other role with 403.

    Every route that changes the library has it; a test walks the routes and finds those without.
    """
    return Depends(_require_manage)
