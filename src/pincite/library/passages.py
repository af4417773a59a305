"""Reading a library's passages, sentences and vectors."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pincite.embed.encoder import Matrix
from pincite.library.database import Connection, Database
from pincite.records import Passage, Span

_AMONG = "IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What the lexical index needs of a passage."""

    passage_id: int
    title: str
    heading: str
    text: str


class PassageReads:
    """The reads of passages. Ids that no passage has, or no longer has, are passed over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def passages(self, ids: Iterable[int]) -> dict[int, Passage]:
        """Return passages by their ids."""
        among = _json(ids)
        with self._database.snapshot() as connection:
            texts = _Texts(connection)
            spans: dict[int, list[Span]] = defaultdict(list)
            for passage_id, start, end in connection.execute(
                f"SELECT passage_id, start, end FROM sentences WHERE passage_id {_AMONG}"
                " ORDER BY passage_id, ordinal",
                (among,),
            ):
                spans[passage_id].append(Span(start, end))
            found = connection.execute(
                "SELECT id, document_id, ordinal, start, end, heading FROM passages"
                f" WHERE id {_AMONG} ORDER BY id",
                (among,),
            )
            return {
                i: Passage(
                    id=i,
                    document_id=document_id,
                    ordinal=ordinal,
                    start=start,
                    end=end,
                    heading=heading,
                    text=texts.slice(document_id, start, end),
                    sentences=tuple(spans[i]),
                )
                for i, document_id, ordinal, start, end, heading in found
            }

    def document_passages(self, document_id: str) -> list[Passage]:
        """Return a document's passages in order; none if there is no such document."""
        with self._database.snapshot() as connection:
            found = connection.execute(
                "SELECT id FROM passages WHERE document_id = ? ORDER BY ordinal", (document_id,)
            )
            return list(self.passages([passage_id for (passage_id,) in found]).values())

    def passage_ids(self) -> list[int]:
        """List the ids of all passages, ascending."""
        with self._database.snapshot() as connection:
            return [row[0] for row in connection.execute("SELECT id FROM passages ORDER BY id")]

    def passage_ids_of(self, document_ids: Iterable[str]) -> NDArray[np.int64]:
        """Return the ids of these documents' passages, shape (n,), ascending."""
        with self._database.snapshot() as connection:
            found = connection.execute(
                "SELECT id FROM passages"
                " WHERE document_id IN (SELECT value FROM json_each(?)) ORDER BY id",
                (json.dumps(list(document_ids)),),
            )
            return np.fromiter((i for (i,) in found), dtype=np.int64)

    def passage_vectors(self, after_id: int = 0) -> tuple[NDArray[np.int64], Matrix]:
        """Return the vectors of the passages whose id is above ``after_id``.

        Returns:
            The ids, shape (n,), ascending; and their vectors, shape (n, d), float32, unit rows.
        """
        with self._database.snapshot() as connection:
            (dimension,) = next(connection.execute("SELECT dimension FROM meta"))
            rows: list[Any] = connection.execute(
                "SELECT id, vector FROM passages WHERE id > ? ORDER BY id", (after_id,)
            ).fetchall()
        vectors = np.frombuffer(b"".join(vector for _, vector in rows), dtype="<f4")
        return np.array([i for i, _ in rows], dtype=np.int64), vectors.reshape(-1, dimension)

    def sentence_vectors(self, passage_ids: Iterable[int]) -> dict[int, Matrix]:
        """Return the vectors of passages' sentences, in the order of their spans.

        Returns:
            By passage id: shape (sentences, d), float32, unit rows to within half precision.
            Passages stored without sentence vectors are left out.
        """
        found: dict[int, list[bytes]] = defaultdict(list)
        with self._database.snapshot() as connection:
            for passage_id, vector in connection.execute(
                f"SELECT passage_id, vector FROM sentences WHERE passage_id {_AMONG}"
                " AND vector IS NOT NULL ORDER BY passage_id, ordinal",
                (_json(passage_ids),),
            ):
                found[passage_id].append(vector)
        return {
            passage_id: np.stack([np.frombuffer(v, dtype="<f2") for v in vectors]).astype("f4")
            for passage_id, vectors in found.items()
        }

    def has_sentence_vectors(self, document_id: str) -> bool:
        """Tell whether a document was stored with sentence vectors."""
        with self._database.snapshot() as connection:
            found = connection.execute(
                "SELECT 1 FROM passages p JOIN sentences s ON s.passage_id = p.id"
                " WHERE p.document_id = ? AND s.vector IS NOT NULL LIMIT 1",
                (document_id,),
            )
            return bool(found.fetchall())

    def index_rows(self, ids: Sequence[int]) -> list[IndexRow]:
        """Return what the lexical index needs of these passages, by ascending id."""
        with self._database.snapshot() as connection:
            texts = _Texts(connection)
            return [
                IndexRow(passage_id, title, heading, texts.slice(document_id, start, end))
                for passage_id, title, heading, document_id, start, end in connection.execute(
                    "SELECT p.id, d.title, p.heading, d.id, p.start, p.end"
                    f" FROM passages p JOIN documents d ON d.id = p.document_id WHERE p.id {_AMONG}"
                    " ORDER BY p.id",
                    (_json(ids),),
                )
            ]


class _Texts:
    """Slices of documents' texts. A text is read once for passages that follow one another.

    Sliced here, not by SQL's substr, which walks the text from its start for every passage.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._document_id = ""
        self._text = ""

    def slice(self, document_id: str, start: int, end: int) -> str:
        if document_id != self._document_id:
            query = "SELECT text FROM documents WHERE id = ?"
            ((self._text,),) = self._connection.execute(query, (document_id,))
            self._document_id = document_id
        return self._text[start:end]


def _json(ids: Iterable[int]) -> str:
    return json.dumps([int(i) for i in ids])
