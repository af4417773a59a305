"""The library: one SQLite file, the truth of which the search indexes are caches."""

import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pincite.closing import Closing
from pincite.embed.encoder import EncoderSpec
from pincite.errors import LibraryError, LibraryMissingError, ModelMismatchError
from pincite.library.database import Database
from pincite.library.documents import DocumentReads
from pincite.library.lock import locked
from pincite.library.passages import IndexRow, PassageReads
from pincite.library.schema import DATABASE, SCHEMA, LibrarySpec
from pincite.library.writer import Writer, spec_values

__all__ = ["Counts", "IndexRow", "Library", "LibrarySpec", "bytes_on_disk"]

_log = logging.getLogger(__name__)
_LOCK = "writer.lock"
_UPGRADE_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a library holds."""

    documents: int
    passages: int
    sentences: int


class Library(DocumentReads, PassageReads, Closing):
    """Reads and writes one library. Safe to use from several threads."""

    def __init__(self, home: Path, database: Database) -> None:
        super().__init__(database)
        self.home = home

    @staticmethod
    def exists(home: Path) -> bool:
        """Tell whether a library is in the folder ``home``."""
        return (home / DATABASE).is_file()

    @classmethod
    def create(cls, home: Path, spec: LibrarySpec) -> "Library":
        """Make an empty library in the folder ``home``, which is made if need be.

        Raises:
            LibraryBusyError: If another process is making one there.
            LibraryError: If one is there, or the folder cannot be written.
        """
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as exc:
            raise LibraryError(f"{home} cannot be made: {exc.strerror}") from exc
        with locked(home / _LOCK):
            if cls.exists(home):
                raise LibraryError(f"a library is already in {home}: open that one")
            # Made under another name: a library that is there is a whole one.
            unfinished = home / f"{DATABASE}.new"
            unfinished.unlink(missing_ok=True)
            identity = {"one": 1, "identity": uuid.uuid4().hex, "generation": 0}
            Database(unfinished, SCHEMA).create(meta={**identity, **spec_values(spec)})
            unfinished.replace(home / DATABASE)
        return cls.open(home)

    @classmethod
    def open(cls, home: Path) -> "Library":
        """Open the library in the folder ``home``; one of an earlier version is upgraded.

        Raises:
            LibraryBusyError: If it has to be upgraded and another process writes to it.
            LibraryMissingError: If there is none.
            LibraryCorruptError: If the file is damaged or of an unknown version.
        """
        if not cls.exists(home):
            raise LibraryMissingError(
                f"there is no library in {home} yet: make one with `pincite ingest`"
            )
        database = Database(home / DATABASE, SCHEMA)
        try:
            if not database.check():
                with locked(home / _LOCK, wait_s=_UPGRADE_WAIT_S):
                    database.upgrade()
                _log.info("the library in %s was made by an earlier Pincite; upgraded", home)
        except LibraryError:
            database.close()
            raise
        return cls(home, database)

    def close(self) -> None:
        """Close the database file."""
        self._database.close()

    def snapshot(self) -> AbstractContextManager[object]:
        """Within it, all reads of this thread see the library as of one moment."""
        return self._database.snapshot()

    @contextmanager
    def writing(self, *, wait_s: float = 0.0) -> Iterator[Writer]:
        """Hold the right to write, which one thread of one process has at a time.

        Each change is committed by itself and is durable when its method returns.

        Args:
            wait_s: Seconds to wait for another writer before giving up.

        Raises:
            LibraryBusyError: If another has it; names that process and since when.
        """
        with (
            locked(self.home / _LOCK, wait_s=wait_s),
            self._database.connection() as connection,
        ):
            yield (writer := Writer(connection))
            writer.erase_removed()

    @property
    def generation(self) -> int:
        """The number of changes committed so far."""
        return int(self._meta("generation")[0])

    @property
    def identity(self) -> str:
        """A random name that no other library has."""
        return str(self._meta("identity")[0])

    @property
    def spec(self) -> LibrarySpec:
        """What made the passages and vectors."""
        name, revision, dimension, max_length, version, tokens = self._meta(
            "encoder_name",
            "encoder_revision",
            "dimension",
            "max_length",
            "splitter_version",
            "passage_tokens",
        )
        return LibrarySpec(EncoderSpec(name, revision, dimension, max_length), version, tokens)

    def require(self, spec: LibrarySpec) -> None:
        """Make sure that the library was made with ``spec``.

        Raises:
            ModelMismatchError: If it was not.
        """
        if (found := self.spec) != spec:
            raise ModelMismatchError(
                f"the library in {self.home} was made with {found}; the settings name {spec}:"
                " choose the first again, or convert the library with `pincite reindex`"
            )

    def require_encoder(self, encoder: EncoderSpec) -> None:
        """Make sure that the library's vectors were made by ``encoder``.

        Raises:
            ModelMismatchError: If they were not.
        """
        self.require(replace(self.spec, encoder=encoder))

    def counts(self) -> Counts:
        """Count what the library holds."""
        with self._database.snapshot() as connection:
            tables = ("documents", "passages", "sentences")
            query = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
            return Counts(*next(connection.execute(f"SELECT {query}")))

    def size_bytes(self) -> int:
        """The size of the database's files on disk."""
        return bytes_on_disk(self.home.glob(f"{DATABASE}*"))

    def _meta(self, *columns: str) -> tuple[Any, ...]:
        with self._database.snapshot() as connection:
            return next(connection.execute(f"SELECT {', '.join(columns)} FROM meta"))


def bytes_on_disk(paths: Iterable[Path]) -> int:
    """Add up the sizes of files; those that vanish meanwhile, as caches do, count nothing."""
    total = 0
    for path in paths:
        with suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total
