"""A part of a document, as one tool call gives it."""

from typing import TYPE_CHECKING

from pydantic import BaseModel

from pincite.errors import InputError
from pincite.records import DocumentInfo
from pincite.serve.mcp.readable import place

if TYPE_CHECKING:
    from pincite.workspace import Workspace

MOST_CHARACTERS = 20_000


class PassagePlace(BaseModel):
    """Where a passage stands in its document."""

    passage_id: int
    start: int
    end: int
    heading: str


class DocumentSlice(BaseModel):
    """A part of a document: ``text`` are its characters from ``start`` to ``end``.

    ``passages`` are those that reach into it; ``next_start`` is where to read on, null at the end.
    """

    document: DocumentInfo
    start: int
    end: int
    next_start: int | None
    text: str
    passages: list[PassagePlace]


def read_slice(
    workspace: "Workspace", document_id: str, start: int, end: int | None
) -> DocumentSlice:
    """Read a part of a document, at most ``MOST_CHARACTERS`` of it.

    Raises:
        DocumentNotFoundError: If the library does not hold it.
        InputError: If the part lies behind the document's end, or is empty.
    """
    document = workspace.document(document_id)
    length = len(document.text)
    if start >= length or (end is not None and end <= start):
        part = f"{start} to {'its end' if end is None else end}"
        raise InputError(f"{part} is no part of the document, which has {length:,} characters")
    stop = min(length, start + MOST_CHARACTERS, length if end is None else end)
    return DocumentSlice(
        document=document.info,
        start=start,
        end=stop,
        next_start=stop if stop < length else None,
        text=document.text[start:stop],
        passages=[
            PassagePlace(passage_id=each.id, start=each.start, end=each.end, heading=each.heading)
            for each in workspace.passages(document_id)
            if each.start < stop and start < each.end
        ],
    )


def slice_text(part: DocumentSlice) -> str:
    """Write a part of a document with where it stands and where to read on."""
    info = part.document
    more = "" if part.next_start is None else f"; read on with start={part.next_start}"
    where = place(info.id, part.start, part.end)
    return f"{info.title} · {info.source} · {where} of {info.characters}{more}\n\n{part.text}"
