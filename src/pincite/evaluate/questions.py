"""Question files: reading and checking them, finding their quotes in the stored documents."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pincite.errors import InputError
from pincite.evaluate.lines import Fields, answer_groups, fault, read_objects, text_field
from pincite.records import Document, DocumentInfo, Span
from pincite.text import detect_language

_KNOWN = {"id", "question", "lang", "kind", "answerable", "evidence", "answers", "note"}

Spans = dict[str, list[Span]]
"""Document id → where gold evidence stands in its text."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A literal quote that answers a question, in the document of this name."""

    document: str
    quote: str


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with what answers it; ``line`` is its line in the file.

    Any one piece of evidence counts. ``answers`` is an AND over groups, an OR within a group.
    """

    id: str
    text: str
    lang: str
    kind: str
    answerable: bool
    evidence: tuple[Evidence, ...]
    answers: tuple[tuple[str, ...], ...]
    line: int

    @property
    def digest(self) -> str:
        """A digest of what is asked and what is right: equal for questions that can be compared."""
        return digest(
            self.text,
            self.answerable,
            [[piece.document, piece.quote] for piece in self.evidence],
            self.answers,
        )


def digest(*parts: object) -> str:
    """Return 16 hex digits of the SHA-256 of the parts' JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def load_questions(path: Path) -> list[GoldQuestion]:
    """Read a file of questions, one JSON object a line, in its order.

    Raises:
        InputError: If the file is empty or a line is wrong; the message names the line.
    """
    questions: list[GoldQuestion] = []
    seen: dict[str, int] = {}
    for line, fields in read_objects(path):
        question = _question(path, line, fields)
        if question.id in seen:
            raise fault(path, line, f'id "{question.id}" is also on line {seen[question.id]}')
        seen[question.id] = line
        questions.append(question)
    if not questions:
        raise InputError(f"{path} holds no question; write one JSON object a line")
    return questions


def _question(path: Path, line: int, fields: Fields) -> GoldQuestion:
    if unknown := sorted(fields.keys() - _KNOWN):
        known = ", ".join(sorted(_KNOWN))
        raise fault(path, line, f"unknown field {', '.join(unknown)}; the fields are {known}")
    answerable = fields.get("answerable")
    if not isinstance(answerable, bool):
        raise fault(path, line, '"answerable" must be true or false')
    text = text_field(path, line, fields, "question")
    evidence = _evidence(path, line, fields)
    answers = answer_groups(path, line, fields.get("answers", []))
    if answerable and not evidence:
        raise fault(path, line, 'an answerable question needs "evidence": quotes that answer it')
    if not answerable and (evidence or answers):
        raise fault(path, line, 'a question with evidence or answers must be "answerable": true')
    return GoldQuestion(
        id=text_field(path, line, fields, "id"),
        text=text,
        lang=text_field(path, line, fields, "lang", default=detect_language(text)),
        kind=text_field(path, line, fields, "kind", default="fact"),
        answerable=answerable,
        evidence=evidence,
        answers=answers,
        line=line,
    )


def _evidence(path: Path, line: int, fields: Fields) -> tuple[Evidence, ...]:
    pieces = fields.get("evidence", [])
    if not isinstance(pieces, list) or not all(isinstance(piece, dict) for piece in pieces):
        raise fault(path, line, '"evidence" must be a list of {"document": …, "quote": …}')
    return tuple(
        Evidence(text_field(path, line, piece, "document"), text_field(path, line, piece, "quote"))
        for piece in pieces
    )


def file_name(source: str) -> str:
    """Return the last part of a path, URL or ``upload:NAME`` source."""
    return re.split(r"[/\\:]", source.rstrip("/\\"))[-1]


def locate_evidence(
    path: Path,
    questions: Sequence[GoldQuestion],
    documents: Iterable[DocumentInfo],
    read: Callable[[str], Document],
) -> dict[str, Spans]:
    """Find every gold quote in the stored documents, whatever their white space.

    A document is named by its file name, source, title or id. Where several stored documents
    bear the name, each that holds the quote counts.

    Returns:
        Question id → the spans of its evidence; empty for an unanswerable question.

    Raises:
        InputError: If a document is not in the library, or a quote is not in the document.
    """
    named: dict[str, list[str]] = {}
    for info in documents:
        for name in {info.id, info.source, info.title, file_name(info.source)}:
            named.setdefault(name, []).append(info.id)
    _require_documents(path, questions, named)
    texts: dict[str, str] = {}
    found: dict[str, Spans] = {}
    for question in questions:
        spans: Spans = {}
        for piece in question.evidence:
            ids = named[piece.document]
            texts.update((id_, read(id_).text) for id_ in ids if id_ not in texts)
            places = {id_: places_of(piece.quote, texts[id_]) for id_ in ids}
            if not any(places.values()):
                raise fault(
                    path,
                    question.line,
                    f'question "{question.id}": the quote "{_short(piece.quote)}" is not in'
                    f" {piece.document} as stored; copy it from the document, letter by letter",
                )
            for id_, at in places.items():
                spans.setdefault(id_, []).extend(at)
        found[question.id] = spans
    return found


def _require_documents(
    path: Path, questions: Sequence[GoldQuestion], named: dict[str, list[str]]
) -> None:
    wanted = {
        piece.document: question.line for question in questions for piece in question.evidence
    }
    if missing := sorted(wanted.keys() - named.keys()):
        raise InputError(
            f"{path} asks about documents that the library does not hold: {', '.join(missing)};"
            " take them in first: pincite ingest FOLDER (for the questions that come with Pincite:"
            " pincite ingest seeds)"
        )


def places_of(quote: str, text: str) -> list[Span]:
    """Return where a quote stands in a text, whatever its white space."""
    pattern = r"\s+".join(re.escape(part) for part in quote.split())
    return [Span(*match.span()) for match in re.finditer(pattern, text)]


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
