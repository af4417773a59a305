"""Sessions of browsers that signed in."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from pincite.library.database import Database, transaction
from pincite.state.keys import digest_of


@dataclass(frozen=True, slots=True)
class Session:
    """Who signed in; ``proof`` is the digest of the key or password as it was then."""

    holder: str
    proof: bytes


class Sessions:
    """The sessions of the state file. They are kept there, and not in signed cookies.

    So signing out ends a session for whoever has its cookie, and the file holds nothing with
    which one could be forged.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def begin(self, session: Session, seconds: int) -> str:
        """Start a session that lasts so long; the token that its cookie holds."""
        token = secrets.token_urlsafe(32)
        at = int(self._clock())
        row = (digest_of(token), session.holder, session.proof, at + seconds)
        with self._database.connection() as connection, transaction(connection):
            connection.execute("DELETE FROM sessions WHERE expires <= ?", (at,))
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", row)
        return token

    def find(self, token: str) -> Session | None:
        """Return the session of a token, if it has not ended."""
        query = "SELECT holder, proof FROM sessions WHERE digest = ? AND expires > ?"
        with self._database.connection() as connection:
            found = connection.execute(query, (digest_of(token), int(self._clock()))).fetchone()
        return Session(*found) if found else None

    def end(self, token: str) -> None:
        """End the session of a token, if there is one."""
        with self._database.connection() as connection, transaction(connection):
            connection.execute("DELETE FROM sessions WHERE digest = ?", (digest_of(token),))
