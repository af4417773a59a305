"""The only importer of apsw: connections to one SQLite file, and its errors in Pincite's terms."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from pincite.errors import LibraryBusyError, LibraryCorruptError, LibraryError

Connection = apsw.Connection

# Earlier versions can lose a committed transaction: https://sqlite.org/wal.html#walresetbug
_MINIMUM_SQLITE = (3, 51, 3)
_BUSY_MS = 5000
_PRAGMAS = """
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
PRAGMA trusted_schema = OFF;
"""


def sqlite_version() -> str:
    """Return the version of SQLite in use.

    Raises:
        LibraryError: If it is too old to be trusted with a library.
    """
    found = tuple(map(int, apsw.sqlite_lib_version().split(".")))
    if found < _MINIMUM_SQLITE:
        wanted = ".".join(map(str, _MINIMUM_SQLITE))
        raise LibraryError(
            f"SQLite {apsw.sqlite_lib_version()} is too old, {wanted} is needed:"
            " pip install --upgrade apsw"
        )
    return apsw.sqlite_lib_version()


@contextmanager
def _translated(path: Path, remedy: str) -> Iterator[None]:
    try:
        yield
    except (apsw.CorruptError, apsw.NotADBError) as exc:
        raise LibraryCorruptError(
            f"{path} is damaged ({exc}): restore it from a backup, or {remedy}"
        ) from exc
    except apsw.BusyError as exc:
        raise LibraryBusyError(
            f"{path} stayed locked for {_BUSY_MS / 1000:g} s ({exc}): try again later"
        ) from exc
    except apsw.FullError as exc:
        raise LibraryError(f"{path}: the disk is full; free some space and try again") from exc
    except apsw.Error as exc:
        raise LibraryError(f"{path}: SQLite failed: {exc}") from exc


@dataclass(frozen=True, slots=True)
class Schema:
    """What a kind of file holds, and the marks that tell it from others.

    ``name`` is what a message calls such a file, ``remedy`` what it says to do about a bad one;
    ``upgrades`` lead from each earlier version to the next.
    """

    name: str
    application_id: int
    version: int
    tables: str
    upgrades: Mapping[int, str]
    remedy: str


class Database:
    """A pool of connections to one SQLite file. Safe to use from several threads.

    The pool grows to as many connections as threads used it at once.
    """

    def __init__(self, path: Path, schema: Schema) -> None:
        sqlite_version()
        self.path = path
        self._schema = schema
        self._idle: deque[Connection] = deque()
        self._closed = False
        self._local = threading.local()

    def close(self) -> None:
        """Close the connections; those in use are closed when they are handed back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def create(self, *, meta: Mapping[str, object] | None = None) -> None:
        """Make the file: the tables, and the one row of ``meta`` if there is such a table.

        Raises:
            LibraryError: If it cannot be written.
        """
        with _translated(self.path, self._schema.remedy), self._opened(create=True) as connection:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            with connection:
                connection.execute(self._schema.tables)
                if meta:
                    columns = ", ".join(meta)
                    places = ", ".join(f":{name}" for name in meta)
                    row = f"INSERT INTO meta ({columns}) VALUES ({places})"
                    connection.execute(row, dict(meta))
                connection.execute(f"PRAGMA application_id = {self._schema.application_id}")
                connection.execute(f"PRAGMA user_version = {self._schema.version}")

    def check(self) -> bool:
        """Make sure that the file is of this kind, and tell whether it is of this version.

        Returns:
            False if it is of an earlier version that ``upgrade`` brings up to this one.

        Raises:
            LibraryCorruptError: If it is of another kind, or of an unknown version.
        """
        wanted = self._schema
        with self.connection() as connection:
            application = connection.pragma("application_id")
            version = connection.pragma("user_version")
        if application != wanted.application_id:
            raise LibraryCorruptError(
                f"{self.path} is not {wanted.name} (application id {application:#x}, wanted"
                f" {wanted.application_id:#x}): restore it from a backup, or {wanted.remedy}"
            )
        if version != wanted.version and version not in wanted.upgrades:
            raise LibraryCorruptError(
                f"{self.path} has version {version} and this Pincite reads version"
                f" {wanted.version}: use the Pincite that made it, or {wanted.remedy}"
            )
        return bool(version == wanted.version)

    def upgrade(self) -> None:
        """Bring a file of an earlier version up to this one, in one transaction."""
        with self.connection() as connection, transaction(connection):
            # Read again: another process may have done it meanwhile.
            for version in range(connection.pragma("user_version"), self._schema.version):
                connection.execute(self._schema.upgrades[version])
                connection.execute(f"PRAGMA user_version = {version + 1}")

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection with no transaction open."""
        with _translated(self.path, self._schema.remedy):
            if self._closed:
                raise LibraryError(f"{self.path} was closed: open it again")
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._open()
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._idle.append(connection)
                if self._closed:
                    self.close()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Lend this thread's connection; all that is read through it is of one moment.

        The moment is that of the first read in the outermost ``with`` of the thread.
        """
        current: Connection | None = getattr(self._local, "connection", None)
        if current is not None:
            yield current
            return
        with self.connection() as connection:
            connection.execute("BEGIN DEFERRED")
            self._local.connection = connection
            try:
                yield connection
            finally:
                self._local.connection = None

    @contextmanager
    def _opened(self, *, create: bool) -> Iterator[Connection]:
        connection = self._open(create=create)
        try:
            yield connection
        finally:
            connection.close()

    def _open(self, *, create: bool = False) -> Connection:
        flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
        connection = Connection(str(self.path), flags=flags)
        connection.set_busy_timeout(_BUSY_MS)
        connection.execute(_PRAGMAS)
        return connection


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Commit what is done inside as one, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
