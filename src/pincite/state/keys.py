"""API keys: who may ask, and who may change the library."""

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from pincite.errors import InputError
from pincite.library.database import Database, transaction
from pincite.state.errors import KeyNotFoundError
from pincite.state.values import now

KeyRole = Literal["ask", "manage"]

# So that people and secret scanners know one when they see it.
PREFIX = "pincite_"
_NAME = re.compile(r"[^\W_](?:[\w .@+-]{0,98}[\w.@+-])?")
_COLUMNS = "id, name, role, created, last_used, revoked"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret; ``last_used`` is the day, in UTC.

    ``ask`` may ask, search, read documents and rate answers; ``manage`` may also change the
    library and read the feedback.
    """

    id: str
    name: str
    role: KeyRole
    created: str
    last_used: str | None
    revoked: str | None


def digest_of(secret: str) -> bytes:
    """Return the SHA-256 under which a secret is kept; secrets of 256 random bits need no salt."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def sound_name(name: str) -> str:
    """Return the name of a key or a user without white space around it.

    Raises:
        InputError: If it is empty, too long, or has characters that would mislead in a list.
    """
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name[:120]!r} is no name for a key or a user: use up to 100 letters, digits,"
            " spaces and . _ @ + -, with a letter or digit first"
        )
    return name


class Keys:
    """The keys of the state file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, role: KeyRole) -> tuple[ApiKey, str]:
        """Make a key; what it is is returned here and can never be read again.

        Raises:
            InputError: If the name is unsound, or a live key has it.
        """
        name = sound_name(name)
        secret = PREFIX + secrets.token_urlsafe(32)
        key = ApiKey(secrets.token_hex(6), name, role, now(), None, None)
        with self._database.connection() as connection, transaction(connection):
            query = "SELECT 1 FROM keys WHERE name = ? AND revoked IS NULL"
            if connection.execute(query, (name,)).fetchone():
                raise InputError(
                    f"a key is named {name!r} already: take another name, or revoke that one first"
                )
            row = "INSERT INTO keys (id, name, role, digest, created) VALUES (?, ?, ?, ?, ?)"
            connection.execute(row, (key.id, name, role, digest_of(secret), key.created))
        return key, secret

    def all(self) -> list[ApiKey]:
        """List the keys in the order they were made, the revoked ones too."""
        return [_key(row) for row in self._rows(f"SELECT {_COLUMNS} FROM keys ORDER BY rowid")]

    def with_digests(self) -> list[tuple[ApiKey, bytes]]:
        """List the keys, the revoked ones too, with their digests, for comparing."""
        rows = self._rows(f"SELECT digest, {_COLUMNS} FROM keys")
        return [(_key(row[1:]), row[0]) for row in rows]

    def revoke(self, name_or_id: str) -> ApiKey:
        """Make a key worthless, and with it the sessions that it opened.

        Raises:
            KeyNotFoundError: If no live key has the name or id.
        """
        with self._database.connection() as connection, transaction(connection):
            found = connection.execute(
                "UPDATE keys SET revoked = ? WHERE revoked IS NULL AND (name = ? OR id = ?)"
                f" RETURNING {_COLUMNS}",
                (now(), name_or_id, name_or_id),
            ).fetchone()
        if not found:
            raise KeyNotFoundError(
                f"no live key is named {name_or_id!r}: `pincite keys list` shows them"
            )
        return _key(found)

    def used(self, key_id: str, day: str) -> None:
        """Note the day of a key's last use."""
        with self._database.connection() as connection, transaction(connection):
            connection.execute("UPDATE keys SET last_used = ? WHERE id = ?", (day, key_id))

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._database.connection() as connection:
            return connection.execute(query).fetchall()


def _key(row: tuple[Any, ...]) -> ApiKey:
    return ApiKey(*row)
