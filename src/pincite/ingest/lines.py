"""The lines of a document: what each one is, and which of them a paragraph is made of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import pairwise

from pincite.ingest.inline import is_title_like
from pincite.ingest.marks import skip_marker, skip_space, trim_space, width


class Kind(Enum):
    """What a line is. RULE stands for all pure layout: rules, fences, table rules."""

    BLANK = auto()
    RULE = auto()
    HEADING = auto()
    ITEM = auto()
    ROW = auto()
    CODE = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its white space; ``body`` is where the content after its marks begins.

    ``level`` is a heading's (1 to 6, or BOLD_LEVEL); ``indent`` the columns of white
    space before the line.
    """

    kind: Kind
    start: int
    body: int
    end: int
    level: int = 0
    indent: int = 0

    def text(self, document: str) -> str:
        """Return the content."""
        return document[self.body : self.end]


_ATX = re.compile(r"(#{1,6})(?:[ \t\u3000]+|(?<=##)(?=[^#\s]))")
_CLOSING_HASHES = re.compile(r"[ \t]#+\Z")
_BOLD = re.compile(r"(\*\*|__)(?!\s)([^*_]{1,120})\1:?\Z")
_RULE = re.compile(r"[-=_*#~`·•.+|:<> \t—–─━═…]+\Z")
_SETEXT = re.compile(r"(=+|-{2,})\Z")
_FENCE = re.compile(r"(```|~~~)[`~]*([^`]*)\Z")
_QUOTE = re.compile(r"(?:>[ \t]?)+")
_JOINS_NEXT = frozenset(",，、-–—(（[“「《/&")
_JOINS_PREVIOUS = frozenset(",，、。；;:：）)]”」》！？!?%")
_LABEL = re.compile(r"[^\W\d_a-z][^\s:：,，.。;；]{0,20}(?: [^\s:：,，.。;；]{1,20}){0,3}[:：]")
_FIRST_WORD = re.compile(r"[^\s\u2e80-\uffef]*")
_NARROWEST_COLUMN, _WIDEST_COLUMN, _RAGGED = 30, 160, 0.8
BOLD_LEVEL = 13


def _fence_pairs(document: str, lines: list[Line]) -> dict[int, int]:
    """Return each fence line's index and that of the bare fence which closes it."""
    closes: dict[int, int] = {}
    opened: tuple[int, str] | None = None
    fences = (
        (i, fence)
        for i, line in enumerate(lines)
        if document[line.start : line.start + 3] in {"```", "~~~"}
        and (fence := _FENCE.match(document, line.start, line.end))
    )
    for i, fence in fences:
        if opened is None:
            opened = (i, fence[1])
        elif fence[1] == opened[1] and not fence[2].strip():
            closes[opened[0]] = i
            opened = None
    return closes


def _bare(document: str) -> list[Line]:
    lines = []
    at = 0
    for raw in document.splitlines(keepends=True):
        end = trim_space(document, at, at + len(raw))
        start = skip_space(document, at, end)
        kind = Kind.TEXT if start < end else Kind.BLANK
        indent = width(document[at:start]) if start - at < 40 else 40
        lines.append(Line(kind, start, start, end, indent=indent))
        at += len(raw)
    return lines


def _marked(document: str, line: Line) -> Line:
    """Tell a line by its own marks; ``line`` is without its quotation marks ">"."""
    start, end = line.body, line.end
    if start >= end or _RULE.match(document, start, end):
        return replace(line, kind=Kind.RULE)
    atx = _ATX.match(document, start, end)
    if atx:
        hashes = _CLOSING_HASHES.search(document, max(atx.end(), end - 40), end)
        last = trim_space(document, atx.end(), hashes.start() if hashes else end)
        return replace(line, kind=Kind.HEADING, body=atx.end(), end=last, level=len(atx[1]))
    bold = _BOLD.match(document, start, end)
    if bold and is_title_like(bold[2]):
        return replace(
            line, kind=Kind.HEADING, body=bold.start(2), end=bold.end(2), level=BOLD_LEVEL
        )
    if document[start] == "|" and document[end - 1] == "|" and end - start > 2:
        last = trim_space(document, start + 1, end - 1)
        return replace(line, kind=Kind.ROW, body=skip_space(document, start + 1, last), end=last)
    body = skip_marker(document, start, end)
    return replace(line, kind=Kind.ITEM, body=body) if body > start else line


def _classified(document: str, line: Line) -> Line:
    if line.kind is Kind.BLANK:
        return line
    quote = _QUOTE.match(document, line.start, line.end)
    if quote:
        line = replace(line, body=skip_space(document, quote.end(), line.end))
    return _marked(document, line)


def _with_rows(document: str, lines: list[Line]) -> Iterator[Line]:
    """Make table rows of neighbouring lines that hold " | "."""
    cells = [
        line.kind in {Kind.TEXT, Kind.ROW} and " | " in document[line.start : line.end]
        for line in lines
    ]
    for i, line in enumerate(lines):
        beside = (i > 0 and cells[i - 1]) or (i + 1 < len(lines) and cells[i + 1])
        yield replace(line, kind=Kind.ROW) if cells[i] and beside else line


def _with_underlines(document: str, lines: list[Line]) -> Iterator[Line]:
    """Make headings of title-like lines that a line of "=" or "-" underlines."""
    for i, line in enumerate(lines):
        below = lines[i + 1] if i + 1 < len(lines) else None
        if (
            line.kind is Kind.TEXT
            and below
            and below.kind is Kind.RULE
            and _SETEXT.match(document, below.start, below.end)
            and (i == 0 or lines[i - 1].kind is not Kind.TEXT)
            and is_title_like(line.text(document))
        ):
            yield replace(line, kind=Kind.HEADING, level=1 if document[below.start] == "=" else 2)
        else:
            yield line


def read_lines(document: str) -> list[Line]:
    """Return every line of the document with its kind."""
    bare = _bare(document)
    closes = _fence_pairs(document, bare)
    lines: list[Line] = []
    while len(lines) < len(bare):
        i = len(lines)
        if i in closes:
            lines.append(replace(bare[i], kind=Kind.RULE))
            lines += [
                replace(line, kind=Kind.CODE) if line.kind is Kind.TEXT else line
                for line in bare[i + 1 : closes[i]]
            ]
            lines.append(replace(bare[closes[i]], kind=Kind.RULE))
        else:
            lines.append(_classified(document, bare[i]))
    return list(_with_underlines(document, list(_with_rows(document, lines))))


def _starts_anew(document: str, line: Line, following: Line) -> bool:
    """Tell whether a line's indentation, or a label such as "Date:", begins something new."""
    return (
        document[following.start - 1] == "\u3000"
        or following.indent >= line.indent + 2
        or bool(_LABEL.match(document, following.body, following.end))
    )


def _goes_on(document: str, line: Line, following: Line, column: int) -> bool:
    """Tell whether a line is wrapped: whether its sentence may go on in the next."""
    last, first = document[line.end - 1], document[following.body]
    if last in _JOINS_NEXT or first in _JOINS_PREVIOUS:
        return True
    if not _NARROWEST_COLUMN <= column <= _WIDEST_COLUMN:
        return False
    word = _FIRST_WORD.match(document, following.body, following.end)
    reach = width(line.text(document)) + 1 + max(2, width(word[0]) if word else 0)
    return first.islower() or reach > _RAGGED * column


def join_wrapped(document: str, lines: list[Line]) -> list[list[Line]]:
    """Group the lines of one paragraph: those of a group are one wrapped text.

    A line is taken as wrapped if the next line's first word would not have fitted after it (the
    longest line is the column, within 30 to 160), if it ends in a comma, or if the next goes on
    in lower case. Other unpunctuated lines, such as verses and addresses, stand alone.
    """
    column = max(width(line.text(document)) for line in lines) if len(lines) > 1 else 0
    is_item = lines[0].kind is Kind.ITEM
    groups = [[lines[0]]]
    for line, following in pairwise(lines):
        if is_item and following.indent >= 2:
            joins = True
        else:
            joins = not _starts_anew(document, line, following) and _goes_on(
                document, line, following, column
            )
        if joins:
            groups[-1].append(following)
        else:
            groups.append([following])
    return groups
