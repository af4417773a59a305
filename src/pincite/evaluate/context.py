"""Text around a citation, cut where its marking changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from pincite.records import Span

_AROUND = 180


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text that is marked alike throughout: cited, gold evidence, both or neither."""

    text: str
    cited: bool = False
    gold: bool = False


def overlaps(start: int, end: int, spans: Iterable[Span]) -> bool:
    """Tell whether a half-open range shares a character with one of the spans."""
    return any(start < span.end and span.start < end for span in spans)


def in_context(text: str, start: int, end: int, gold: Iterable[Span]) -> tuple[Segment, ...]:
    """Return a cited range with the text around it, and an ellipsis where the text is cut.

    Args:
        text: The whole document.
        start: Where the cited range starts.
        end: Where it ends.
        gold: Where gold evidence stands in the document.
    """
    first, last = _start(text, max(0, start - _AROUND)), _end(text, min(len(text), end + _AROUND))
    marks = list(gold)
    edges = {first, start, end, last}
    edges |= {e for span in marks for e in (span.start, span.end) if first < e < last}
    cuts = sorted(edges)
    segments = [
        Segment(text[a:b], start <= a < end, overlaps(a, b, marks)) for a, b in pairwise(cuts)
    ]
    before = [Segment("… ")] if text[:first].strip() else []
    after = [Segment(" …")] if text[last:].strip() else []
    return (*before, *segments, *after)


def excerpt(text: str, length: int = 240) -> str:
    """Return a text's start on one line, with an ellipsis where it goes on."""
    flat = " ".join(text[: 4 * length].split())
    return flat if len(flat) <= length and len(text) <= 4 * length else flat[: length - 1] + "…"


def _start(text: str, at: int) -> int:
    """Move a start back to the start of its word, where words are parted by blanks."""
    for place in range(at, max(0, at - 20), -1):
        if text[place - 1].isspace():
            return place
    return at if at > 20 else 0


def _end(text: str, at: int) -> int:
    for place in range(at, min(len(text), at + 20)):
        if text[place].isspace():
            return place
    return at if at + 20 < len(text) else len(text)
