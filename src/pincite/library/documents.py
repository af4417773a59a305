"""Reading a library's documents."""

import json
from collections.abc import Iterable
from typing import Any

from pincite.errors import DocumentNotFoundError, InputError
from pincite.library.database import Database
from pincite.records import Document, DocumentInfo, ParsedDocument

_INFO = """
SELECT id, title, source, published, lang, media_type, sha256, added, characters,
    (SELECT count(*) FROM passages WHERE document_id = documents.id),
    (SELECT json_group_array(tag) FROM document_tags WHERE document_id = documents.id)
FROM documents
"""
_LISTED = 10


class DocumentReads:
    """The reads of documents; a document id is 16 hex digits of its source's SHA-256."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def documents(self) -> list[DocumentInfo]:
        """List the documents by title; their texts are not read."""
        with self._database.snapshot() as connection:
            return [_read(row) for row in connection.execute(_INFO + "ORDER BY title, id")]

    def infos(self, ids: Iterable[str]) -> dict[str, DocumentInfo]:
        """Return documents without their texts by id; ids of none are passed over."""
        query = f"{_INFO} WHERE id IN (SELECT value FROM json_each(?))"
        with self._database.snapshot() as connection:
            rows = connection.execute(query, (json.dumps(list(ids)),))
            return {row[0]: _read(row) for row in rows}

    def tags(self) -> dict[str, int]:
        """Count the documents of each tag, by tag."""
        with self._database.snapshot() as connection:
            query = "SELECT tag, count(*) FROM document_tags GROUP BY tag ORDER BY tag"
            rows: list[Any] = connection.execute(query).fetchall()
            return dict(rows)

    def document(self, document_id: str) -> Document:
        """Return a document with its text.

        Raises:
            DocumentNotFoundError: If the library does not hold it.
        """
        with self._database.snapshot():
            info = self._info("id", document_id)
            if info is None:
                raise _not_found(document_id)
            return Document(info, self.parsed(document_id).text)

    def parsed(self, document_id: str) -> ParsedDocument:
        """Return a document as its parser gave it.

        Raises:
            DocumentNotFoundError: If the library does not hold it.
        """
        row = self._one(
            "SELECT title, text, published, lang, media_type, encoding FROM documents WHERE id = ?",
            document_id,
        )
        if row is None:
            raise _not_found(document_id)
        return ParsedDocument(*row)

    def find(self, id_or_source: str) -> DocumentInfo:
        """Return the document of this id, source, or end of a source such as a file name.

        Raises:
            DocumentNotFoundError: If there is none.
            InputError: If several sources end so; lists them.
        """
        if not id_or_source.strip():
            raise InputError("no document was named: give its id, its source or its file name")
        with self._database.snapshot() as connection:
            for column in ("id", "source"):
                if info := self._info(column, id_or_source):
                    return info
            ends = tuple(separator + id_or_source.lstrip("/") for separator in "/:")
            sources = (source for (source,) in connection.execute("SELECT source FROM documents"))
            matches = sorted(source for source in sources if source.endswith(ends))
            if len(matches) > 1:
                raise InputError(
                    f"{len(matches)} documents end in {id_or_source!r}, the first of them"
                    f" {', '.join(matches[:_LISTED])}: name one in full, or by its id"
                )
            info = self._info("source", matches[0]) if matches else None
        if info is None:
            raise _not_found(id_or_source)
        return info

    def by_source(self, source: str) -> DocumentInfo | None:
        """Return the document of this source, if there is one."""
        return self._info("source", source)

    def by_sha256(self, sha256: str) -> DocumentInfo | None:
        """Return the document whose source's bytes have this digest, if there is one."""
        return self._info("sha256", sha256)

    def _info(self, column: str, value: str) -> DocumentInfo | None:
        row = self._one(f"{_INFO} WHERE {column} = ?", value)
        return None if row is None else _read(row)

    def _one(self, query: str, *values: object) -> Any:
        with self._database.snapshot() as connection:
            return next(iter(connection.execute(query, values)), None)


def _read(row: Any) -> DocumentInfo:
    return DocumentInfo(*(*row[:-1], tuple(sorted(json.loads(row[-1])))))


def _not_found(name: str) -> DocumentNotFoundError:
    return DocumentNotFoundError(
        f"no document has the id or source {name!r}: `pincite status --documents` lists them"
    )
