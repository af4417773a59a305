"""The lexical index: BM25 over index terms. The only importer of tantivy."""

import itertools
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pincite.errors import IndexMismatchError
from pincite.library.passages import IndexRow
from pincite.records import Scored
from pincite.text import index_terms

TITLE_WEIGHT = 0.5

_BODY, _TITLE, _ID = "body", "title", "id"
# One thread, so that the same passages give the same files; the heap holds about 20,000 passages.
_WRITER_THREADS = 1
_WRITER_HEAP = 64_000_000
# tantivy replaces these two files and never changes the others, which can therefore be linked.
_REPLACED = ("meta.json", ".managed.json")
_SLACK = 16


@cache
def _tantivy() -> Any:
    # On first use: opening a library to read it must not cost the import.
    import tantivy  # noqa: PLC0415

    return tantivy


@cache
def _schema() -> Any:
    builder = _tantivy().SchemaBuilder()
    for name in (_BODY, _TITLE):
        # Terms come ready made. "whitespace" drops none, as "default" does those over 40 bytes.
        # Stored, because making them takes most of the time of building an index.
        builder.add_text_field(name, stored=True, tokenizer_name="whitespace", index_option="freq")
    builder.add_unsigned_field(_ID, stored=True, fast=True)
    return builder.build()


class LexicalIndex:
    """Passages' terms, in their text and in the title and headings above it.

    Never changes, so that it may be searched from several threads.
    """

    def __init__(self, index: Any, folder: Path | None) -> None:
        """Use ``build``, ``load`` or ``extended``."""
        index.reload()
        self._searcher = index.searcher()
        self.folder = folder

    @classmethod
    def build(cls, folder: Path | None, rows: Iterable[IndexRow]) -> "LexicalIndex":
        """Index passages into an empty folder, or in memory if there is none.

        Raises:
            OSError: If the folder cannot be written.
        """
        return cls._written(folder, map(_from_row, rows))

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Open an index that was built in a folder.

        Raises:
            IndexMismatchError: If the folder holds none that this version can read.
        """
        try:
            return cls(_tantivy().Index.open(str(folder)), folder)
        except (ValueError, OSError) as exc:
            raise IndexMismatchError(f"{folder} holds no lexical index: {exc}") from exc

    def extended(
        self, folder: Path | None, remove: Collection[int], rows: Iterable[IndexRow]
    ) -> "LexicalIndex":
        """Return an index without the ids ``remove`` and with more passages.

        Where none is removed, the new folder shares this one's files. Otherwise all are written
        anew from the terms: tantivy itself would keep what was removed in its files, and count
        it in the scores.

        Args:
            folder: A new folder, or None for an index in memory.
            remove: Passage ids; unknown ones are passed over.
            rows: New passages.

        Raises:
            IndexMismatchError: If this index's files are gone.
            OSError: If the new folder cannot be written.
        """
        added = map(_from_row, rows)
        if remove or folder is None or self.folder is None:
            kept = self._documents(frozenset(remove))
            return LexicalIndex._written(folder, itertools.chain(kept, added))
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _link(self.folder, folder)
            index = _tantivy().Index.open(str(folder))
        except (ValueError, OSError) as exc:
            raise IndexMismatchError(f"{self.folder} cannot be extended: {exc}") from exc
        _add(index, added)
        return LexicalIndex(index, folder)

    @property
    def size(self) -> int:
        """The number of passages."""
        return int(self._searcher.num_docs)

    def document_frequency(self, term: str) -> int:
        """Count the passages with this term in their text, title or headings."""
        found = self._searcher.search(self._query([term], 1.0), limit=1, count=True)
        return int(found.count)

    def search(
        self,
        terms: Sequence[str],
        k: int,
        *,
        title_weight: float = TITLE_WEIGHT,
        among: NDArray[np.int64] | None = None,
    ) -> list[Scored]:
        """Return the k passages that score highest for any of the terms, best first.

        The score is BM25 (k1 = 1.2, b = 0.75) of the text plus ``title_weight`` times that of
        the title and headings. tantivy rounds lengths to one of 256 steps, exact up to 40 terms.
        Equal scores are listed by id.

        Args:
            terms: Index terms, as of ``pincite.text``; a term given twice counts twice.
            k: Passages wanted, at least 1. Fewer come back when fewer hold a term.
            title_weight: Weight of the title and headings, at least 0.
            among: Only these ids come back. The scores are those of a search of all, since a
                term's rarity is that in the whole library.

        Raises:
            ValueError: If k < 1.

        Source:
            Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
            Foundations and Trends in Information Retrieval 3(4), 2009.
        """
        if k < 1:
            raise ValueError(f"k is {k}, wanted at least 1")
        if not terms or (among is not None and not among.size):
            return []
        query = self._query(terms, title_weight)
        # The ids are not indexed, so hits that are not wanted are fetched too and passed over.
        share = 1 if among is None else max(1, self.size // among.size)
        depth = min((k + _SLACK) * share, self.size + 1)
        while True:
            hits = self._searcher.search(query, limit=depth, count=False).hits
            ranked = self._by_id(hits, among)
            if len(hits) < depth or (len(ranked) >= k and hits[-1][0] < -ranked[k - 1][0]):
                return [Scored(passage_id, -score) for score, passage_id in ranked[:k]]
            depth *= 4

    def _by_id(
        self, hits: Sequence[tuple[float, Any]], among: NDArray[np.int64] | None
    ) -> list[tuple[float, int]]:
        """Return hits as (-score, id), best first and then by id, those not wanted left out."""
        ids: list[int] = self._searcher.fast_field_values(_ID, [address for _, address in hits])
        wanted = itertools.repeat(True) if among is None else np.isin(ids, among)
        return sorted(
            (-score, passage_id)
            for (score, _), passage_id, keep in zip(hits, ids, wanted, strict=False)
            if keep
        )

    @classmethod
    def _written(cls, folder: Path | None, documents: Iterable[Any]) -> "LexicalIndex":
        tantivy = _tantivy()
        if folder is None:
            index = tantivy.Index(_schema())
        else:
            folder.mkdir(parents=True, exist_ok=True)
            index = tantivy.Index(_schema(), str(folder), reuse=False)
        _add(index, documents)
        return cls(index, folder)

    def _documents(self, without: Collection[int]) -> Iterator[Any]:
        if not self.size:
            return
        found = self._searcher.search(_tantivy().Query.all_query(), limit=self.size, count=False)
        for _, address in found.hits:
            stored = self._searcher.doc(address)
            passage_id = stored.get_first(_ID)
            if passage_id not in without:
                yield _document(passage_id, stored.get_first(_BODY), stored.get_first(_TITLE))

    def _query(self, terms: Sequence[str], title_weight: float) -> Any:
        query, should = _tantivy().Query, _tantivy().Occur.Should
        clauses = []
        for term in terms:
            clauses.append((should, query.term_query(_schema(), _BODY, term, "freq")))
            title = query.term_query(_schema(), _TITLE, term, "freq")
            clauses.append((should, query.boost_query(title, title_weight)))
        return query.boolean_query(clauses)


def _add(index: Any, documents: Iterable[Any]) -> None:
    try:
        writer = index.writer(_WRITER_HEAP, _WRITER_THREADS)
        for document in documents:
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
    except ValueError as exc:
        raise OSError(f"the lexical index cannot be written: {exc}") from exc


def _from_row(row: IndexRow) -> Any:
    title = index_terms(f"{row.title}\n{row.heading}")
    return _document(row.passage_id, " ".join(index_terms(row.text)), " ".join(title))


def _document(passage_id: int, body: str, title: str) -> Any:
    document = _tantivy().Document()
    document.add_unsigned(_ID, passage_id)
    document.add_text(_BODY, body)
    document.add_text(_TITLE, title)
    return document


def _link(old: Path, new: Path) -> None:
    for path in old.iterdir():
        if path.name in _REPLACED:
            shutil.copyfile(path, new / path.name)
        elif not path.name.startswith("."):
            os.link(path, new / path.name)
