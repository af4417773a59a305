"""Structure written on one line: inline bullets and inline headings.

Some sources flatten their layout: "Outlook - Sales rose [1][2] - Costs fell [3] Risks - …".
The rule rests on how such a line closes its items, never on its words:

* A dash with white space on both sides (or a bullet glyph) is a bullet when what stands before it
  is closed by a reference group or a sentence end, or is a short title-like run after such a
  close or at the line's start. That run is an inline heading.
* What follows a bullet never begins in lower case, and a heading's first item closes before the
  next bullet; both tell a bullet from a parenthesis between dashes. Between digits it is a range.
* A line is read so only on evidence: two such dashes at least, one of them after a reference
  group or two after a sentence end; or, where nothing closes, three dashes between long items.

Limits: where items close with nothing at all, inline headings cannot be told from the item
before them, except at the line's start; one dash alone is never a bullet.
"""

import re
from dataclasses import dataclass

from pincite.ingest.marks import skip_references, skip_space, trim_space, width
from pincite.ingest.sentences import sentence_ends

_GLYPHS = "•●▪■◆◦‣►▶"
# Without white space a dot stands inside a name: 约翰•胡佛.
_DASH = re.compile(rf"(?<!\S)[{_GLYPHS}]|[{_GLYPHS}](?=\s)|(?<=\s)[-–—·*](?=\s)")
_REFERENCE_START = re.compile(r"[\[［【]\s?\d")
_WIDEST_HEADING = 80
_MOST_HEADING_WORDS = 12
_NARROWEST_ITEM = 20
_NARROWEST_MEAN_ITEM = 24
_NOT_IN_TITLE = re.compile(r"[。！!；;]|[.．]\s|[\[［【]\d")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a line: an inline heading or an item; ``body`` follows the item's bullet."""

    start: int
    body: int
    end: int
    is_heading: bool


@dataclass(slots=True)
class _Dash:
    """A possible bullet with what stands before it, back to the dash before or the line's start.

    ``tail`` is where the text after the last close begins: ``tail == start`` if the bullet comes
    right after the close. ``closed`` and ``referenced`` tell whether there was a close at all, and
    whether it was a reference group; ``led`` whether a title-like run stands between.
    """

    start: int
    end: int
    tail: int
    closed: bool
    referenced: bool
    led: bool = False
    accepted: bool = False

    @property
    def direct(self) -> bool:
        return self.closed and self.tail == self.start


def is_title_like(text: str) -> bool:
    """Tell whether a run reads like a heading: short, no sentence end, not begun in lower case."""
    return (
        0 < len(text) <= _WIDEST_HEADING
        and width(text) <= _WIDEST_HEADING
        and len(text.split()) <= _MOST_HEADING_WORDS
        and not text[0].islower()
        and text[-1] not in ",，、.。；;"
        and any(map(str.isalpha, text))
        and not _NOT_IN_TITLE.search(text)
    )


def _glyph_marks(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the spans of the most frequent possible bullet, dashes between digits left out."""
    found: dict[str, list[tuple[int, int]]] = {}
    for mark in _DASH.finditer(text, start, end):
        before = text[max(start, mark.start() - 2) : mark.start()].rstrip()[-1:]
        after = text[mark.end() : min(end, mark.end() + 2)].lstrip()[:1]
        if not (before.isdigit() and after.isdigit()):
            found.setdefault(mark[0], []).append(mark.span())
    return max(found.values(), key=len, default=[])


def _last_close(text: str, start: int, end: int) -> tuple[int, bool]:
    """Return where the last close in a stretch ends, and whether it is a reference group.

    ``start`` means that nothing in it closes. A reference group closes only before white space.
    """
    end = trim_space(text, start, end)
    if start >= end:
        return start, False
    last, referenced = start, False
    for opening in _REFERENCE_START.finditer(text, start, end):
        after = skip_references(text, opening.start(), end)
        if after > opening.start() and (after == end or text[after].isspace()):
            last, referenced = after, True
    for sentence_end in sentence_ends(text, start, end):
        if last < sentence_end and (sentence_end < end or text[end - 1] in "。！？.!?”」』"):
            last, referenced = sentence_end, False
    return last, referenced


def _dashes(text: str, start: int, marks: list[tuple[int, int]], bulleted: bool) -> list[_Dash]:
    dashes = []
    begin = start
    for mark, after in marks:
        close, referenced = _last_close(text, begin, mark)
        tail = min(skip_space(text, close, mark), mark)
        closed = close > begin
        run = text[tail : trim_space(text, tail, mark)]
        led = (closed or (begin == start and not bulleted)) and is_title_like(run)
        dashes.append(_Dash(mark, after, tail, closed, referenced, led))
        begin = after
    return dashes


def _begins_item(text: str, dash: _Dash, end: int) -> bool:
    at = skip_space(text, dash.end, end)
    return at < end and (not text[at].islower() or text[at + 1 : at + 2].isupper())


def _accept_closed(text: str, dashes: list[_Dash], end: int) -> None:
    """Accept bullets after a close, and those after a heading whose first item closes.

    Between the heading's dash and the first item's close, dashes before lower case come in
    pairs; an odd one closes a parenthesis which the heading's dash would have opened.
    """
    item_closes = True
    for dash in reversed(dashes):
        if _begins_item(text, dash, end):
            dash.accepted = dash.direct or (dash.led and item_closes)
            item_closes = dash.closed
        else:
            item_closes = not item_closes


def _is_structured(dashes: list[_Dash], bulleted: bool) -> bool:
    accepted = [dash for dash in dashes if dash.accepted]
    if len(accepted) + bulleted < 2:
        return False
    return any(dash.referenced for dash in accepted) or sum(d.direct for d in accepted) >= 2


def _accept_open(text: str, dashes: list[_Dash], end: int) -> None:
    """In a line that is structured, accept bullets after items which nothing closes."""
    bounds = [*(dash.start for dash in dashes), end]
    for i, dash in enumerate(dashes):
        nxt = bounds[i + 1]
        lead_in = i == 0 and not dash.led and (len(dashes) == 1 or dashes[1].closed)
        long_both = dash.start - dash.tail >= _NARROWEST_ITEM and nxt - dash.end >= _NARROWEST_ITEM
        begins = _begins_item(text, dash, end)
        paired = i + 1 < len(dashes) and not _begins_item(text, dashes[i + 1], end)
        dash.accepted = dash.accepted or (begins and not paired and (lead_in or long_both))


def _accept_unclosed(text: str, dashes: list[_Dash], bulleted: bool, end: int) -> bool:
    """Accept every dash of a line of long items where nothing closes but perhaps the last.

    The middle dot is left out: it stands in foreign names, 约翰 · 埃德加 · 胡佛.
    """
    last = next(sentence_ends(text, dashes[-1].end, end))
    if len(dashes) + bulleted < 3 or any(dash.closed for dash in dashes) or last < end:
        return False
    bounds = [*(dash.start for dash in dashes), end]
    items = [text[d.end : after].strip() for d, after in zip(dashes, bounds[1:], strict=True)]
    widths = [width(item) for item in items]
    if min(widths) < _NARROWEST_ITEM or sum(widths) < _NARROWEST_MEAN_ITEM * len(widths):
        return False
    if text[dashes[0].start] == "·" or not all(_begins_item(text, dash, end) for dash in dashes):
        return False
    for dash in dashes:
        dash.accepted = True
    return True


def _accept_glyphs(text: str, dashes: list[_Dash], bulleted: bool) -> bool:
    """Accept every bullet glyph that is no dash: prose has no other use for it."""
    if len(dashes) + bulleted < 2 or text[dashes[0].start] not in _GLYPHS:
        return False
    for dash in dashes:
        dash.accepted = True
    return True


def _accepted(text: str, start: int, body: int, end: int) -> list[_Dash]:
    marks = _glyph_marks(text, body, end)
    if not marks:
        return []
    bulleted = body > start and text[start] == text[marks[0][0]]
    if len(marks) + bulleted < 2:
        return []
    dashes = _dashes(text, body, marks, bulleted)
    _accept_closed(text, dashes, end)
    if _is_structured(dashes, bulleted):
        _accept_open(text, dashes, end)
    elif not _accept_glyphs(text, dashes, bulleted) and not _accept_unclosed(
        text, dashes, bulleted, end
    ):
        return []
    return [dash for dash in dashes if dash.accepted]


def _before(start: int, body: int, dash: _Dash) -> list[Part]:
    """Return the parts between a bullet and the next: the item, then a heading or more text."""
    if not dash.closed:
        return [Part(start, body, dash.start, dash.led)]
    return [Part(start, body, dash.tail, False), Part(dash.tail, dash.tail, dash.start, dash.led)]


def _after_last(text: str, start: int, body: int, end: int) -> list[Part]:
    """Return the last item; text after its reference group that begins anew stands apart."""
    tail, referenced = _last_close(text, body, end)
    at = skip_space(text, tail, end)
    if not referenced or at >= end or text[at].islower() or tail - body < _NARROWEST_ITEM:
        return [Part(start, body, end, False)]
    return [Part(start, body, tail, False), Part(at, at, end, False)]


def inline_parts(text: str, start: int, body: int, end: int) -> list[Part]:
    """Return the inline headings and items of a line, in order; empty if it has no structure.

    Args:
        text: The document.
        start: Where the line begins, its own bullet included.
        body: Where its content begins.
        end: Where it ends, trailing white space left out.
    """
    accepted = _accepted(text, start, body, end)
    if not accepted:
        return []
    parts: list[Part] = []
    marker = start
    for dash in accepted:
        parts += _before(marker, body, dash)
        marker, body = dash.start, dash.end
    parts += _after_last(text, marker, body, end)
    return [part for part in parts if skip_space(text, part.body, part.end) < part.end]
