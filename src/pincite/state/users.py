"""The file of users who sign in with a name and a password."""

import hmac
import os
import re
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import scrypt, sha256
from pathlib import Path
from typing import cast

from pincite.errors import InputError
from pincite.state.keys import KeyRole, sound_name

SHORTEST_PASSWORD = 10
# OWASP, Password Storage Cheat Sheet: 16 MiB, and some 0.2 s of one core.
_N, _R, _P = 2**14, 8, 5
_LINE = re.compile(
    rf"([^:]+):(ask|manage):scrypt\${_N}\${_R}\${_P}\$([\w+/=]{{24}})\$([\w+/=]{{44}})", re.ASCII
)
_WHAT = f"NAME:ask|manage:scrypt${_N}${_R}${_P}$SALT$HASH"


@dataclass(frozen=True, slots=True)
class User:
    """One line of the file; ``proof`` changes with the password and with the role."""

    name: str
    role: KeyRole
    salt: bytes
    digest: bytes

    @property
    def proof(self) -> bytes:
        """What a session of the user is bound to."""
        return sha256(self.role.encode() + self.salt + self.digest).digest()


_NOBODY = User("", "ask", bytes(16), bytes(32))


def read_users(path: Path) -> dict[str, User]:
    """Read the file: a user by name; blank lines and lines with ``#`` first are left out.

    Raises:
        InputError: If it cannot be read or a line is wrong; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(
            f"{path} cannot be read ({exc}): make it with `pincite keys passwd NAME --role ask`"
        ) from exc
    users: dict[str, User] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        user = _user(line)
        if user is None:
            raise InputError(f"{path}, line {number}: no user of the form {_WHAT}")
        if user.name in users:
            raise InputError(f"{path}, line {number}: {user.name!r} is also on a line above")
        users[user.name] = user
    return users


def right_password(user: User | None, password: str) -> bool:
    """Tell whether a password is the user's; a user who is not there takes as long to refuse."""
    known = user or _NOBODY
    return hmac.compare_digest(_hash(password, known.salt), known.digest) and user is not None


def set_password(path: Path, name: str, role: KeyRole, password: str) -> None:
    """Put a user into the file, which is made if need be, or give one another password or role.

    Raises:
        InputError: If the name or the password is unsound, or the file cannot be written.
    """
    name = sound_name(name)
    if len(password) < SHORTEST_PASSWORD:
        raise InputError(
            f"the password has {len(password)} characters; take at least {SHORTEST_PASSWORD}"
        )
    users = read_users(path) if path.exists() else {}
    salt = secrets.token_bytes(16)
    users[name] = User(name, role, salt, _hash(password, salt))
    text = "".join(f"{_line(user)}\n" for user in users.values())
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.unlink(missing_ok=True)
        with open(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:  # noqa: PTH123 - with its rights from the first moment on
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as exc:
        raise InputError(f"{path} cannot be written: {exc.strerror}; name another file") from exc


def _user(line: str) -> User | None:
    match = _LINE.fullmatch(line.strip())
    if not match:
        return None
    name, role, salt, digest = match.groups()
    return User(name, cast("KeyRole", role), b64decode(salt), b64decode(digest))


def _line(user: User) -> str:
    salt, digest = (b64encode(part).decode() for part in (user.salt, user.digest))
    return f"{user.name}:{user.role}:scrypt${_N}${_R}${_P}${salt}${digest}"


def _hash(password: str, salt: bytes) -> bytes:
    data = password.encode("utf-8", "surrogatepass")
    return scrypt(data, salt=salt, n=_N, r=_R, p=_P, dklen=32)
