"""The only importer of apsw: connections to one SQLite file, and its errors in Pincite's terms."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import apsw

from pincite.errors import LibraryBusyError, LibraryCorruptError, LibraryError
from pincite.library.schema import APPLICATION_ID, UPGRADES, VERSION

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


def _check_sqlite_version() -> None:
    found = tuple(map(int, apsw.sqlite_lib_version().split(".")))
    if found < _MINIMUM_SQLITE:
        wanted = ".".join(map(str, _MINIMUM_SQLITE))
        raise LibraryError(
            f"SQLite {apsw.sqlite_lib_version()} is too old, {wanted} is needed:"
            " pip install --upgrade apsw"
        )


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (apsw.CorruptError, apsw.NotADBError) as exc:
        raise LibraryCorruptError(
            f"{path} is damaged ({exc}): restore it from a backup,"
            " or delete it and ingest the documents again"
        ) from exc
    except apsw.BusyError as exc:
        raise LibraryBusyError(
            f"{path} stayed locked for {_BUSY_MS / 1000:g} s ({exc}): try again later"
        ) from exc
    except apsw.FullError as exc:
        raise LibraryError(f"{path}: the disk is full; free some space and try again") from exc
    except apsw.Error as exc:
        raise LibraryError(f"{path}: SQLite failed: {exc}") from exc


class Database:
    """A pool of connections to one SQLite file. Safe to use from several threads.

    The pool grows to as many connections as threads used it at once.
    """

    def __init__(self, path: Path) -> None:
        _check_sqlite_version()
        self.path = path
        self._idle: deque[Connection] = deque()
        self._closed = False
        self._local = threading.local()

    def close(self) -> None:
        """Close the connections; those in use are closed when they are handed back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def create(self, statements: str, *, meta: Mapping[str, object]) -> None:
        """Make the file: the tables, and the one row of ``meta``.

        Raises:
            LibraryError: If it cannot be written.
        """
        columns = ", ".join(meta)
        places = ", ".join(f":{name}" for name in meta)
        with _translated(self.path), self._opened(create=True) as connection:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            with connection:
                connection.execute(statements)
                connection.execute(f"INSERT INTO meta ({columns}) VALUES ({places})", dict(meta))
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {VERSION}")

    def check(self) -> bool:
        """Make sure that the file is a library, and tell whether it is of this version.

        Returns:
            False if it is of an earlier version that ``upgrade`` brings up to this one.

        Raises:
            LibraryCorruptError: If it is no library, or of an unknown version.
        """
        with self.connection() as connection:
            application = connection.pragma("application_id")
            version = connection.pragma("user_version")
        if application != APPLICATION_ID:
            raise LibraryCorruptError(
                f"{self.path} is not a Pincite library (application id {application:#x}, wanted"
                f" {APPLICATION_ID:#x}): restore it from a backup, or delete it and ingest again"
            )
        if version != VERSION and version not in UPGRADES:
            raise LibraryCorruptError(
                f"{self.path} has version {version} and this Pincite reads version {VERSION}:"
                " use the Pincite that made it, or delete it and ingest again"
            )
        return bool(version == VERSION)

    def upgrade(self) -> None:
        """Bring a library of an earlier version up to this one, in one transaction."""
        with self.connection() as connection, transaction(connection):
            # Read again: another process may have done it meanwhile.
            for version in range(connection.pragma("user_version"), VERSION):
                connection.execute(UPGRADES[version])
                connection.execute(f"PRAGMA user_version = {version + 1}")

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection with no transaction open."""
        with _translated(self.path):
            if self._closed:
                raise LibraryError(f"{self.path} was closed: open the library again")
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
