"""Retrieval data sets in the BEIR shape: finding, reading and checking them.

Source: Thakur et al., "BEIR", arXiv:2104.08663; github.com/beir-cellar/beir.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pincite.errors import InputError
from pincite.evaluate.lines import (
    Fields,
    answer_groups,
    fault,
    read_lines,
    read_objects,
    sha256,
    text_field,
)
from pincite.records import ParsedDocument
from pincite.text import detect_language

_CORPUS = ("corpus.jsonl",)
_QUERIES = ("queries.jsonl",)
_QRELS = ("qrels.tsv", "qrels/test.tsv")
# Columns of a line → where the query, the document and the relevance stand (TREC has four).
_COLUMNS = {3: (0, 1, 2), 4: (0, 2, 3)}

Answers = tuple[tuple[str, ...], ...]
"""Groups of texts: one of each group must be in an answer."""
Qrels = dict[str, dict[str, int]]
"""Query id → document id → relevance; above 0 is relevant."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """A corpus with queries and relevance judgements.

    ``documents`` leaves out the ``empty`` ones. Queries are those with a relevant document, and
    the ``unanswerable`` ones: flagged as such, or with no relevant document in the corpus chosen.
    ``missing`` lists judged documents that the corpus lacks: they can only be missed. ``files``
    holds each file's SHA-256; ``answers`` the queries' expected words, ``tags`` their language
    and kind.
    """

    name: str
    documents: dict[str, ParsedDocument]
    empty: list[str]
    queries: dict[str, str]
    qrels: Qrels
    missing: list[str]
    files: dict[str, str]
    unanswerable: set[str] = field(default_factory=set)
    answers: dict[str, Answers] = field(default_factory=dict)
    tags: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def searched(self) -> dict[str, str]:
        """The queries with a relevant document: those that retrieval is measured on."""
        return {id_: text for id_, text in self.queries.items() if id_ not in self.unanswerable}


@dataclass(frozen=True, slots=True)
class _Query:
    text: str
    answers: Answers = ()
    unanswerable: bool = False
    tags: tuple[str, str] = ("", "")


def find_data_sets(folder: Path) -> list[tuple[str, Path]]:
    """List the data sets in a folder, itself or below it, as (name, folder), by name.

    Raises:
        InputError: If there is none.
    """
    if _find(folder, _CORPUS):
        return [(folder.resolve().name, folder)]
    below = sorted({path.parent for path in folder.rglob("corpus.jsonl*") if path.is_file()})
    found = [(str(path.relative_to(folder)), path) for path in below if _find(path, _CORPUS)]
    if not found:
        raise InputError(
            f"{folder} holds no data set: there is no corpus.jsonl or corpus.jsonl.gz in it or"
            " below it; name a question file, or a folder in the BEIR shape"
        )
    return found


def load_data_set(
    name: str,
    folder: Path,
    limit: int | None = None,
    *,
    corpus: str | None = None,
    to_answer: bool = False,
) -> DataSet:
    """Read ``corpus.jsonl``, ``queries.jsonl`` and the judgements; each may be gzipped.

    Args:
        name: What to call the set.
        folder: Where its files are.
        limit: Keep the first queries only; the corpus stays whole.
        corpus: Another corpus file of the folder, to ask the same queries of.
        to_answer: Read the queries' expected words, language and kind too, and keep those that
            have no answer: flagged ``"unanswerable": true``, or without a relevant document in
            ``corpus``.

    Raises:
        InputError: If a file is missing or a line is wrong; the message names file and line.
    """
    chosen = (corpus,) if corpus else _CORPUS
    paths = [_require(folder, names) for names in (chosen, _QUERIES, _QRELS)]
    corpus_file, queries_file, judgements = paths
    documents, empty = _read_corpus(corpus_file)
    queries = _read_queries(queries_file, to_answer=to_answer)
    qrels = _read_qrels(judgements, queries)
    known = documents.keys() | set(empty)
    judged = {id_ for row in qrels.values() for id_ in row}
    if not corpus and not judged & known:
        raise InputError(
            f"{judgements} judges no document of {corpus_file}: their ids have nothing in common;"
            " check that the files belong together"
        )
    answerable = _relevant(queries, qrels, judgements)
    impossible = {id_ for id_, query in queries.items() if query.unanswerable}
    if corpus:
        there = {id_ for id_ in answerable if _positive(qrels[id_]) & known}
        answerable, impossible = there, impossible | (answerable - there)
    wanted = answerable | impossible if to_answer else answerable
    asked = [id_ for id_ in queries if id_ in wanted][:limit]
    if not asked and corpus:
        raise InputError(
            f"no query of {folder} has a relevant document in {corpus}; with --answers they are"
            " asked as unanswerable"
        )
    if not asked:
        raise InputError(f"{judgements} calls no document relevant; relevance must be above 0")
    return DataSet(
        name=name,
        documents=documents,
        empty=empty,
        queries={id_: queries[id_].text for id_ in asked},
        qrels={id_: qrels[id_] for id_ in asked if id_ in answerable},
        missing=sorted(judged - known),
        files={path.relative_to(folder).as_posix(): sha256(path) for path in paths},
        unanswerable=impossible.intersection(asked),
        answers={id_: queries[id_].answers for id_ in asked if queries[id_].answers},
        tags={id_: queries[id_].tags for id_ in asked},
    )


def _relevant(queries: dict[str, _Query], qrels: Qrels, judgements: Path) -> set[str]:
    relevant = {id_ for id_, row in qrels.items() if _positive(row)}
    if wrong := sorted(id_ for id_ in relevant if queries[id_].unanswerable):
        raise InputError(
            f'{judgements}: query "{wrong[0]}" has a relevant document, but is flagged unanswerable'
            " in queries.jsonl; take one of the two away"
        )
    return relevant


def _positive(row: dict[str, int]) -> set[str]:
    return {document for document, relevance in row.items() if relevance > 0}


def _find(folder: Path, names: Sequence[str]) -> Path | None:
    candidates = (folder / f"{name}{suffix}" for name in names for suffix in ("", ".gz"))
    return next((path for path in candidates if path.is_file()), None)


def _require(folder: Path, names: Sequence[str]) -> Path:
    if path := _find(folder, names):
        return path
    raise InputError(f"{folder} lacks {' or '.join(names)} (plain or .gz); add it")


def _read_corpus(path: Path) -> tuple[dict[str, ParsedDocument], list[str]]:
    documents: dict[str, ParsedDocument] = {}
    seen: set[str] = set()
    for line, fields in read_objects(path):
        id_ = _new_id(path, line, fields, seen)
        title = text_field(path, line, fields, "title", default="").strip()
        # A document that is only a title is found by it.
        text = text_field(path, line, fields, "text", default="").strip() or title
        if any(map(str.isalnum, text)):
            lang = text_field(path, line, fields, "lang", default="") or detect_language(text)
            documents[id_] = ParsedDocument(title, text, None, lang, "text/plain")
    if not documents:
        raise InputError(f"{path} holds no document with text; write one JSON object a line")
    return documents, sorted(seen - documents.keys())


def _read_queries(path: Path, *, to_answer: bool) -> dict[str, _Query]:
    queries: dict[str, _Query] = {}
    seen: set[str] = set()
    for line, fields in read_objects(path):
        id_ = _new_id(path, line, fields, seen)
        text = text_field(path, line, fields, "text")
        queries[id_] = _to_answer(path, line, fields, text) if to_answer else _Query(text)
    return queries


def _to_answer(path: Path, line: int, fields: Fields, text: str) -> _Query:
    flag = fields.get("unanswerable", False)
    if not isinstance(flag, bool):
        raise fault(path, line, '"unanswerable" must be true or false')
    given = fields.get("answers", [])
    if isinstance(given, list) and given and all(isinstance(one, str) for one in given):
        given = [given]
    lang = text_field(path, line, fields, "lang", default="") or detect_language(text)
    kind = text_field(path, line, fields, "kind", default="")
    kind = kind or text_field(path, line, fields, "type", default="") or "query"
    return _Query(text, answer_groups(path, line, given), flag, (lang, kind))


def _new_id(path: Path, line: int, fields: Fields, seen: set[str]) -> str:
    value = fields.get("_id", fields.get("id"))
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise fault(path, line, 'the line needs an "_id" or "id": text or a whole number')
    if value in seen:
        raise fault(path, line, f'id "{value}" stands on an earlier line too; ids must differ')
    seen.add(value)
    return value


def _read_qrels(path: Path, queries: dict[str, _Query]) -> Qrels:
    qrels: Qrels = {}
    first = True
    for line, text in read_lines(path):
        columns = text.split("\t") if "\t" in text else text.split()
        if len(columns) not in _COLUMNS:
            raise fault(
                path,
                line,
                f"found {len(columns)} columns; wanted query, document, relevance (or TREC's"
                " query, 0, document, relevance), parted by tabs",
            )
        query, document, value = (columns[i].strip() for i in _COLUMNS[len(columns)])
        is_header, first = first and not _is_whole(value), False
        if is_header:
            continue
        if not _is_whole(value):
            raise fault(path, line, f'relevance must be a whole number; found "{value}"')
        if query not in queries:
            raise fault(path, line, f'query "{query}" is not in queries.jsonl; add it there')
        qrels.setdefault(query, {})[document] = int(value)
    return qrels


def _is_whole(value: str) -> bool:
    return value.removeprefix("-").isdecimal() and value.isascii()
