"""Telling who sends a request: by an API key, or by the session that signing in opened."""

import hmac
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from anyio import to_thread
from starlette.requests import cookie_parser

from pincite.errors import InputError, LibraryError
from pincite.serve.access.callers import LOCAL, Caller
from pincite.serve.access.config import ServerConfig
from pincite.state.keys import digest_of
from pincite.state.sessions import Session
from pincite.state.store import State
from pincite.state.users import User, read_users, right_password

logger = logging.getLogger(__name__)

COOKIE = "pincite_session"
SESSION_SECONDS = 12 * 3600
# A key that is added or revoked counts after so long at most.
FRESH_SECONDS = 0.5
_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_FORWARDING = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_ENVIRONMENT = Caller("key:environment", "PINCITE_API_KEY", "manage")


@dataclass(frozen=True, slots=True)
class Holder:
    """A caller and the digest of what proves it, to which sessions are bound."""

    caller: Caller
    proof: bytes


def key_in(headers: Mapping[str, str]) -> str | None:
    """Return the key that a request carries: the one parser of all that does.

    It is that of ``Authorization: Bearer``, else that of ``X-API-Key``.
    """
    bearer = _BEARER.fullmatch(headers.get("authorization", ""))
    return bearer[1] if bearer else headers.get("x-api-key")


def session_in(headers: Mapping[str, str]) -> str:
    """Return the session token of a request's cookie, or nothing."""
    return cookie_parser(headers.get("cookie", "")).get(COOKIE, "")


class Access:
    """Everyone who may call, as of half a second ago at most.

    Args:
        state: Holds keys and sessions.
        config: Names a further key and the file of users.
        clock: Seconds that only rise.
    """

    def __init__(
        self, state: State, config: ServerConfig, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._state = state
        self._config = config
        self._clock = clock
        self._read_at = float("-inf")
        self._ever_keys = False
        self._keys: list[Holder] = []
        self._users: dict[str, User] = {}
        self._used: dict[str, str] = {}

    @property
    def open(self) -> bool:
        """Whether all of this machine are let in: as long as no key was ever made.

        A server whose last key was revoked stays shut: it may be behind a proxy by then.
        """
        self._refresh()
        config = self._config
        return config.loopback and not (self._ever_keys or config.api_key or config.users)

    @property
    def has_users(self) -> bool:
        """Whether people sign in with a name and a password."""
        return self._config.users is not None

    def caller(self, headers: Mapping[str, str], *, cookies: bool = True) -> Caller | None:
        """Return who sent the request, None if that is not known.

        A request with a key is judged by the key, whatever its cookie.

        Args:
            headers: Of the request.
            cookies: Whether a session's cookie counts.
        """
        key = key_in(headers)
        if key is not None:
            holder = self.holder_of_key(key)
        else:
            token = session_in(headers) if cookies else ""
            holder = self._holder_of_session(token) if token else None
        if holder:
            return holder.caller
        return LOCAL if self.open and not _forwarded(headers) else None

    def holder_of_key(self, key: str) -> Holder | None:
        """Return whose key it is. All keys are compared, each in constant time."""
        self._refresh()
        digest = digest_of(key)
        found = [h for h in self._keys if hmac.compare_digest(h.proof, digest)]
        return found[0] if found else None

    def holder_of_password(self, name: str, password: str) -> Holder | None:
        """Return the user of a name and a password; takes a while, so that guessing does too."""
        self._refresh()
        user = self._users.get(name.strip())
        return _holder(user) if right_password(user, password) and user else None

    def sign_in(self, holder: Holder) -> str:
        """Open a session; the token for its cookie."""
        return self._state.sessions.begin(Session(holder.caller.id, holder.proof), SESSION_SECONDS)

    def sign_out(self, headers: Mapping[str, str]) -> None:
        """End the session of a request's cookie, for everyone who has that cookie."""
        if token := session_in(headers):
            self._state.sessions.end(token)

    async def note_use(self, caller: Caller) -> None:
        """Note the day on which a key was used, once a day."""
        kind, _, key_id = caller.id.partition(":")
        day = datetime.now(UTC).date().isoformat()
        if kind != "key" or self._used.get(key_id) == day:
            return
        self._used[key_id] = day
        try:
            await to_thread.run_sync(self._state.keys.used, key_id, day)
        except LibraryError as error:
            logger.warning("the use of the key %s could not be noted: %s", caller.name, error)

    def _holder_of_session(self, token: str) -> Holder | None:
        session = self._state.sessions.find(token)
        if session is None:
            return None
        self._refresh()
        known = [*self._keys, *map(_holder, self._users.values())]
        return next((h for h in known if _opened(session, h)), None)

    def _refresh(self) -> None:
        at = self._clock()
        if at - self._read_at < FRESH_SECONDS:
            return
        stored = self._state.keys.with_digests()
        live = [
            Holder(Caller(f"key:{key.id}", key.name, key.role), digest)
            for key, digest in stored
            if key.revoked is None
        ]
        if self._config.api_key:
            live.append(Holder(_ENVIRONMENT, digest_of(self._config.api_key)))
        # Put in place whole: other threads read it.
        self._keys, self._ever_keys = live, bool(stored)
        self._users = self._read_users()
        self._read_at = at

    def _read_users(self) -> dict[str, User]:
        if self._config.users is None:
            return {}
        try:
            return read_users(self._config.users)
        except InputError as error:
            logger.error("nobody can sign in by password: %s", error)
            return {}


def _forwarded(headers: Mapping[str, str]) -> bool:
    """Tell whether a proxy passed the request on, so that it may come from anywhere."""
    return any(name in headers for name in _FORWARDING)


def _holder(user: User) -> Holder:
    return Holder(Caller(f"user:{user.name}", user.name, user.role), user.proof)


def _opened(session: Session, holder: Holder) -> bool:
    same = hmac.compare_digest(session.proof, holder.proof)
    return same and session.holder == holder.caller.id
