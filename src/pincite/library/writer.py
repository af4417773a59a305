"""Changing a library: each change is one transaction and raises the generation by one."""

import hashlib
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from pincite.embed.encoder import Matrix
from pincite.errors import DocumentNotFoundError, IndexMismatchError, LibraryError
from pincite.library.database import Connection, transaction
from pincite.library.schema import LibrarySpec
from pincite.library.tags import change_tags, tags_of
from pincite.records import Chunk, ParsedDocument

_log = logging.getLogger(__name__)
_UNIT_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class EmbeddedChunks:
    """A document's passages with their vectors.

    ``vectors`` has shape (chunks, d); ``sentence_vectors``, where there are any, one array of
    shape (sentences, d) per chunk. All float32 with unit rows.
    """

    chunks: Sequence[Chunk]
    vectors: Matrix
    sentence_vectors: Sequence[Matrix] | None = None


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to be stored; ``sha256`` is the hex digest of its source's bytes.

    ``tags`` are added to those of the document it replaces.
    """

    source: str
    sha256: str
    parsed: ParsedDocument
    embedded: EmbeddedChunks
    tags: Sequence[str] = ()


def document_id(source: str) -> str:
    """The id of the document of this source: the same on every machine and at every ingest."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def spec_values(spec: LibrarySpec) -> dict[str, str | int]:
    """A specification as the columns of ``meta``."""
    return {
        "encoder_name": spec.encoder.name,
        "encoder_revision": spec.encoder.revision,
        "dimension": spec.encoder.dimension,
        "max_length": spec.encoder.max_length,
        "splitter_version": spec.splitter_version,
        "passage_tokens": spec.passage_tokens,
    }


class Writer:
    """The changes of a library; from ``Library.writing()``, for the thread that asked for it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, new: NewDocument) -> str:
        """Store a document and return its id; see ``put_many``."""
        return self.put_many([new])[0]

    def put_many(self, documents: Sequence[NewDocument]) -> list[str]:
        """Store documents in one transaction and return their ids.

        A stored document of the same source, or of the same bytes, is replaced.

        Raises:
            IndexMismatchError: If vectors do not fit the library or the passages.
            LibraryError: If it cannot be stored; nothing is changed.
        """
        with self._change():
            return [self._put(new) for new in documents]

    def remove(self, document_id: str) -> None:
        """Delete a document for good; its bytes are overwritten when the writing ends.

        Raises:
            DocumentNotFoundError: If the library does not hold it.
        """
        with self._change():
            self._require(document_id)
            self._execute("DELETE FROM documents WHERE id = ?", document_id)
            self._execute("UPDATE meta SET erase_pending = 1")

    def touch(self, old_id: str, sha256: str, source: str) -> str:
        """Note that a document's bytes or source changed but its content did not.

        Another document of that source or of these bytes is replaced by this one.

        Returns:
            The document's id, which is another if the source is.

        Raises:
            DocumentNotFoundError: If the library does not hold it.
        """
        new_id = document_id(source)
        with self._change():
            self._require(old_id)
            self._execute(
                "DELETE FROM documents WHERE id <> ? AND (source = ? OR sha256 = ?)",
                old_id,
                source,
                sha256,
            )
            self._execute(
                "UPDATE documents SET id = ?, source = ?, sha256 = ? WHERE id = ?",
                new_id,
                source,
                sha256,
                old_id,
            )
        return new_id

    def tag(
        self, identifier: str, *, add: Collection[str] = (), remove: Collection[str] = ()
    ) -> list[str]:
        """Give a document tags and take others away; its passages and vectors stay.

        Args:
            identifier: The document's id.
            add: Tags as ``clean_tag`` gives them; those it has already change nothing.
            remove: Tags to take away; those it does not have change nothing.

        Returns:
            The tags that are new, sorted.

        Raises:
            DocumentNotFoundError: If the library does not hold it.
        """
        self._require(identifier)
        present = tags_of(self._connection, "id = ?", identifier)
        new, gone = set(add) - present, set(remove) & present
        if new or gone:
            with self._change():
                change_tags(self._connection, identifier, add=new, remove=gone)
        return sorted(new)

    def rebuild(self, spec: LibrarySpec, contents: Iterable[tuple[str, EmbeddedChunks]]) -> None:
        """Replace the passages and vectors of all documents by ones made with ``spec``.

        Args:
            spec: What made them.
            contents: Each stored document's id with its new passages, taken one at a time.

        Raises:
            DocumentNotFoundError: If the library does not hold one of them.
            LibraryError: If a document is left out; nothing is changed.
        """
        with self._change():
            self._execute("UPDATE meta SET erase_pending = 1")
            self._execute("DELETE FROM passages")
            values = spec_values(spec)
            places = ", ".join(f"{column} = ?" for column in values)
            self._execute(f"UPDATE meta SET {places}", *values.values())
            for identifier, embedded in contents:
                self._add_passages(identifier, self._require(identifier), embedded)
            ((left_out,),) = self._execute(
                "SELECT count(*) FROM documents WHERE id NOT IN (SELECT document_id FROM passages)"
            )
            if left_out:
                raise LibraryError(f"{left_out} documents were left out of the rebuilt library")

    def erase_removed(self) -> None:
        """Overwrite what removed documents left in the file and in its write-ahead log."""
        if not next(self._execute("SELECT erase_pending FROM meta"))[0]:
            return
        # secure_delete alone left copies of 1 row in 5,000, where SQLite had moved rows.
        self._execute("VACUUM")
        busy, _, _ = next(self._execute("PRAGMA wal_checkpoint(TRUNCATE)"))
        if busy:
            _log.warning(
                "the removed text is gone from the library, but a reader keeps its bytes in the"
                " write-ahead log: they are overwritten by the next change of the library"
            )
            return
        self._execute("UPDATE meta SET erase_pending = 0")

    def _put(self, new: NewDocument) -> str:
        parsed = new.parsed
        identifier = document_id(new.source)
        kept = next(self._execute("SELECT added FROM documents WHERE id = ?", identifier), None)
        added = kept[0] if kept else datetime.now(UTC).isoformat(timespec="seconds")
        replaced = (new.source, new.sha256)
        tags = {*new.tags, *tags_of(self._connection, "source = ? OR sha256 = ?", *replaced)}
        self._execute("DELETE FROM documents WHERE source = ? OR sha256 = ?", *replaced)
        self._execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            identifier,
            new.source,
            parsed.title,
            parsed.published,
            parsed.lang,
            parsed.media_type,
            parsed.encoding,
            new.sha256,
            added,
            len(parsed.text),
            parsed.text,
        )
        change_tags(self._connection, identifier, add=tags)
        self._add_passages(identifier, len(parsed.text), new.embedded)
        return identifier

    def _add_passages(self, identifier: str, characters: int, embedded: EmbeddedChunks) -> None:
        ((dimension,),) = self._execute("SELECT dimension FROM meta")
        _check(identifier, characters, embedded, dimension)
        # Where no passage was ever stored the table has no row yet.
        ((last,),) = self._execute(
            "SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'passages'"
        )
        self._connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (last + 1 + i, identifier, i, chunk.start, chunk.end, chunk.heading, vector)
                for i, (chunk, vector) in enumerate(
                    zip(embedded.chunks, _blobs(embedded.vectors, "<f4"), strict=True)
                )
            ),
        )
        self._connection.executemany(
            "INSERT INTO sentences VALUES (?, ?, ?, ?, ?)",
            (
                (last + 1 + i, ordinal, span.start, span.end, vector)
                for i, chunk in enumerate(embedded.chunks)
                for ordinal, (span, vector) in enumerate(
                    zip(chunk.sentences, _sentence_blobs(embedded, i), strict=True)
                )
            ),
        )

    def _require(self, identifier: str) -> int:
        found = self._execute("SELECT characters FROM documents WHERE id = ?", identifier)
        for (characters,) in found:
            return int(characters)
        raise DocumentNotFoundError(
            f"no document has the id {identifier!r}: `pincite status --documents` lists them"
        )

    @contextmanager
    def _change(self) -> Iterator[None]:
        with transaction(self._connection):
            yield
            self._execute("UPDATE meta SET generation = generation + 1")

    def _execute(self, query: str, *values: Any) -> Iterator[Any]:
        return self._connection.execute(query, values)


def _blobs(vectors: Matrix, dtype: str) -> list[bytes]:
    return [row.tobytes() for row in np.ascontiguousarray(vectors, dtype=dtype)]


def _sentence_blobs(embedded: EmbeddedChunks, i: int) -> Sequence[bytes | None]:
    if embedded.sentence_vectors is None:
        return [None] * len(embedded.chunks[i].sentences)
    return _blobs(embedded.sentence_vectors[i], "<f2")


def _check(identifier: str, characters: int, embedded: EmbeddedChunks, dimension: int) -> None:
    chunks, sentences = embedded.chunks, embedded.sentence_vectors
    if not chunks or chunks[-1].end > characters:
        last = chunks[-1].end if chunks else 0
        raise LibraryError(
            f"document {identifier}: its {len(chunks)} passages end at {last}, its text has"
            f" {characters} characters"
        )
    pairs = [(embedded.vectors, len(chunks), "passages")]
    if sentences is not None:
        if len(sentences) != len(chunks):
            raise IndexMismatchError(
                f"document {identifier}: {len(chunks)} passages but sentence vectors of"
                f" {len(sentences)}"
            )
        pairs += [
            (v, len(c.sentences), "sentences") for v, c in zip(sentences, chunks, strict=True)
        ]
    for vectors, number, what in pairs:
        if vectors.shape != (number, dimension):
            raise IndexMismatchError(
                f"document {identifier}: vectors of shape {vectors.shape}, wanted"
                f" {(number, dimension)} for its {number} {what}"
            )
        if not np.all(np.abs(np.linalg.norm(vectors, axis=1) - 1) < _UNIT_TOLERANCE):
            raise IndexMismatchError(f"document {identifier}: a vector is not of unit length")
