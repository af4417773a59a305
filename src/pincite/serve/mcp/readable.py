"""Answers and passages as plain text, for a language model or a person to read."""

from collections.abc import Sequence

from pincite.answer.messages import messages_for
from pincite.records import Answer, DocumentInfo, Quotation
from pincite.responses import FoundPassage


def answer_text(answer: Answer) -> str:
    """Write an answer with the sources that its markers point to, or with the closest passages."""
    words = messages_for(answer.language)
    parts = [answer.answer]
    for heading, quotations in ((words.sources, answer.citations), (words.closest, answer.closest)):
        if quotations:
            lines = [_quoted(number, each) for number, each in enumerate(quotations, 1)]
            parts.append("\n".join([f"{heading}:", *lines]))
    about = [f"{answer.status} · {words.confidence} {answer.confidence:.2f} · {answer.mode}"]
    if answer.degraded:
        about.append(f"{words.degraded}: {answer.degraded}")
    return "\n\n".join([*parts, "\n".join(about)])


def passages_text(passages: Sequence[FoundPassage]) -> str:
    """Write the passages of a search, best first."""
    return "\n\n".join(_passage(number, each) for number, each in enumerate(passages, 1))


def documents_text(documents: Sequence[DocumentInfo], total: int) -> str:
    """Write a page of a list of documents, one a line."""
    lines = [
        f"- {info.title}{_dated(info.published)} ({info.lang}, {info.characters:,} characters)"
        f" · {info.source} · document {info.id}"
        for info in documents
    ]
    return "\n".join([f"{len(documents)} of {total} documents", *lines])


def place(document_id: str, start: int, end: int) -> str:
    """Write where a text stands; offsets count code points of the document's text."""
    return f"document {document_id}, characters {start}–{end}"


def _quoted(number: int, quotation: Quotation) -> str:
    where = place(quotation.document_id, quotation.start, quotation.end)
    return (
        f"[{number}] {quotation.title}{_dated(quotation.published)} · {quotation.source} · {where}"
        f"\n    “{quotation.quote}”"
    )


def _passage(number: int, found: FoundPassage) -> str:
    info = found.document
    title = " – ".join(part for part in (info.title, found.heading) if part)
    where = f"{info.source} · {place(info.id, found.start, found.end)}"
    return f"[{number}] {title}{_dated(info.published)} · {where}\n{found.text.strip()}"


def _dated(published: str | None) -> str:
    return f", {published}" if published else ""
