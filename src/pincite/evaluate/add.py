"""Adding a question to a question file."""

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pincite.errors import InputError
from pincite.evaluate.lines import Fields
from pincite.evaluate.questions import (
    Evidence,
    GoldQuestion,
    file_name,
    load_questions,
    locate_evidence,
)
from pincite.records import Document, DocumentInfo
from pincite.text import detect_language, fold

_ID = re.compile(r"q[0-9]+")


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question to add: with evidence it is answerable, without it is not."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    answers: tuple[tuple[str, ...], ...] = ()
    lang: str | None = None
    kind: str = "fact"
    note: str | None = None


def add_question(
    path: Path,
    new: NewQuestion,
    documents: Iterable[DocumentInfo],
    read: Callable[[str], Document],
) -> GoldQuestion:
    """Append a question to a file, which is made if it is not there.

    The file is replaced in one step, so that a reader sees it with the question or without.

    Args:
        path: The question file; what it holds already must be sound.
        new: The question; each quote must be literally in its stored document.
        documents: The documents of the library.
        read: Returns a stored document.

    Raises:
        InputError: If the question is blank or there already, or a quote is not in its document.
    """
    text = " ".join(new.text.split())
    if not text:
        raise InputError("the question is blank; write what a person would ask")
    present = load_questions(path) if path.exists() and path.stat().st_size else []
    _require_new(path, text, present)
    question = GoldQuestion(
        id=_next_id(present),
        text=text,
        lang=new.lang or detect_language(text),
        kind=new.kind,
        answerable=bool(new.evidence),
        evidence=tuple(dict.fromkeys(new.evidence)),
        answers=new.answers,
        line=len(present) + 1,
    )
    if question.answers and not question.answerable:
        raise InputError("an unanswerable question has no expected words; leave --answers out")
    locate_evidence(path, [question], documents, read)
    _append(path, _row(question, new.note))
    return question


def document_names(documents: Iterable[DocumentInfo]) -> dict[str, str]:
    """Return by document id the shortest name that means it alone: its file name, or its source."""
    infos = list(documents)
    known = Counter(file_name(info.source) for info in infos)
    return {
        info.id: file_name(info.source) if known[file_name(info.source)] == 1 else info.source
        for info in infos
    }


def _require_new(path: Path, text: str, present: Sequence[GoldQuestion]) -> None:
    wanted = _flat(text)
    for question in present:
        if _flat(question.text) == wanted:
            raise InputError(f'{path} asks this already, as "{question.id}": {question.text}')


def _flat(text: str) -> str:
    return "".join(character for character in fold(text) if character.isalnum())


def _next_id(present: Sequence[GoldQuestion]) -> str:
    """Return the first free id of the form q001, after the highest there is."""
    numbers = [int(question.id[1:]) for question in present if _ID.fullmatch(question.id)]
    return f"q{max(numbers, default=0) + 1:03d}"


def _row(question: GoldQuestion, note: str | None) -> Fields:
    row: Fields = {
        "id": question.id,
        "question": question.text,
        "lang": question.lang,
        "kind": question.kind,
        "answerable": question.answerable,
    }
    if question.evidence:
        row["evidence"] = [{"document": e.document, "quote": e.quote} for e in question.evidence]
    if question.answers:
        row["answers"] = question.answers
    return row | ({"note": note} if note else {})


def _append(path: Path, row: Fields) -> None:
    line = json.dumps(row, ensure_ascii=False) + "\n"
    beside = path.with_name(f"{path.name}.new")
    try:
        before = path.read_bytes() if path.exists() else b""
        stop = b"" if not before or before.endswith(b"\n") else b"\n"
        with beside.open("wb") as stream:
            stream.write(before + stop + line.encode())
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as exc:
        raise InputError(f"{path} cannot be written: {exc}; name another file") from exc
