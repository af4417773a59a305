"""The optional API key, and the browser session it opens."""

import hmac
import re
import time
from collections.abc import Mapping
from hashlib import sha256

from starlette.requests import cookie_parser

COOKIE = "pincite_session"
SESSION_SECONDS = 12 * 3600
_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)


class Key:
    """Tells whether a request carries the key, or a session signed with it."""

    def __init__(self, key: str) -> None:
        self._digest = sha256(key.encode("utf-8", "surrogatepass")).digest()

    def matches(self, candidate: str) -> bool:
        """Compare in constant time."""
        digest = sha256(candidate.encode("utf-8", "surrogatepass")).digest()
        return hmac.compare_digest(digest, self._digest)

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Tell whether the headers carry the key (bearer or ``X-API-Key``) or a live session."""
        bearer = _BEARER.fullmatch(headers.get("authorization", ""))
        if bearer and self.matches(bearer[1]):
            return True
        if "x-api-key" in headers and self.matches(headers["x-api-key"]):
            return True
        return self._live(cookie_parser(headers.get("cookie", "")).get(COOKIE, ""))

    def new_session(self) -> str:
        """Return the cookie value of a session that lasts ``SESSION_SECONDS``.

        It is a signed date, not the key, and ends when the key is changed.
        """
        return self._signed(str(int(time.time()) + SESSION_SECONDS))

    def _signed(self, expires: str) -> str:
        signature = hmac.digest(self._digest, f"session until {expires}".encode(), "sha256")
        return f"{expires}.{signature.hex()}"

    def _live(self, session: str) -> bool:
        expires = session.partition(".")[0]
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
            return False
        genuine = hmac.compare_digest(session.encode(), self._signed(expires).encode())
        return genuine and time.time() < int(expires)
