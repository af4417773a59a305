"""A document's layout: its headings, and the stretches of text between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pincite.ingest.inline import inline_parts, is_title_like
from pincite.ingest.lines import Kind, Line, join_wrapped, read_lines
from pincite.ingest.marks import trim_space, width

TITLE_LEVEL = 0
INLINE_LEVEL = 20
_PLAIN_LEVEL = 13
_COUNT = r"[一二三四五六七八九十百零〇\d]{1,4}"
_NUMBER = re.compile(
    rf"(?P<l7>第{_COUNT}(?:部分|章|编|篇|卷)|(?:Part|PART|Chapter|CHAPTER) [IVXLC\d]{{1,5}}\b)"
    rf"|(?P<l8>第{_COUNT}节|(?:Section|SECTION|Appendix|Annex|Article) [IVXLCA-F\d.]{{1,6}}\b)"
    r"|(?P<l9>[一二三四五六七八九十]{1,3}、)"
    r"|(?P<l10>[（(][一二三四五六七八九十]{1,3}[)）])"
    r"|(?P<l11>\d{1,2}[.．、](?!\d))"
    r"|(?P<l12>\d{1,2}(?:\.\d{1,2}){1,3}\.?\s|[（(]\d{1,2}[)）])"
)
_FREE_STANDING = frozenset({"l7", "l8"})
_WIDEST_TITLE, _WIDEST_HEADING, _WIDE_BODY, _MOST_DIGITS = 120, 60, 100, 4
_NO_HEADING_END = frozenset("。.．!！;；,，、…")
_NO_TITLE_END = frozenset("。;；,，、")
_BYLINE = re.compile(r"(?:By|BY|by) [A-Z]")
_INNER_COLON = re.compile(r"[:：](?=.)")
_HEADING_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; lower levels stand above higher ones. ``text[start:end]`` is what it says."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of prose, or with ``whole`` a unit that is one sentence: a table row, a code line.

    ``start`` is where its own bullet or number begins, ``body`` its content. ``inline`` tells that
    it is part of a line with inline structure; ``family`` that it is a list item of one kind;
    ``level`` that it is a heading of that level with nothing under it.
    """

    start: int
    body: int
    end: int
    whole: bool = False
    inline: bool = False
    family: str = ""
    level: int | None = None
    lines: int = 1
    gap_before: bool = True
    gap_after: bool = True


Element = Heading | Region


def _family(document: str, line: Line) -> str:
    number = _NUMBER.match(document, line.start, line.end)
    if number and number.lastgroup:
        return number.lastgroup
    return "item" if line.kind is Kind.ITEM else ""


def _paragraph(document: str, lines: list[Line], gap_before: bool, gap_after: bool) -> list[Region]:
    groups = join_wrapped(document, lines)
    return [
        Region(
            group[0].start if group[0].kind is Kind.ITEM else group[0].body,
            group[0].body,
            group[-1].end,
            family=_family(document, group[0]),
            lines=len(group),
            gap_before=gap_before and i == 0,
            gap_after=gap_after and i == len(groups) - 1,
        )
        for i, group in enumerate(groups)
    ]


def _blocks(document: str) -> Iterator[Element]:
    """Yield what the lines' own marks tell: headings, rows, code, paragraphs and items."""
    lines = read_lines(document)
    i = 0
    while i < len(lines):
        line = lines[i]
        first = i
        i += 1
        if line.kind is Kind.HEADING:
            yield Heading(line.body, line.end, line.level)
        elif line.kind in {Kind.ROW, Kind.CODE}:
            yield Region(line.body, line.body, line.end, whole=True, family="row")
        elif line.kind in {Kind.TEXT, Kind.ITEM}:
            while i < len(lines) and lines[i].kind is Kind.TEXT:
                i += 1
            yield from _paragraph(
                document,
                lines[first:i],
                first == 0 or lines[first - 1].kind is not Kind.TEXT,
                i == len(lines) or lines[i].kind is not Kind.ITEM,
            )


def _is_short(document: str, region: Region, widest: int, refused: frozenset[str]) -> bool:
    text = document[region.body : region.end]
    return (
        region.lines == 1
        and not region.whole
        and len(text) <= widest
        and width(text) <= widest
        and text[-1] not in refused
        and any(map(str.isalpha, text))
    )


def _is_title(document: str, region: Region, following: Element | None) -> bool:
    """Tell whether the document's first line is its title: short, and set off from what follows."""
    text = document[region.body : region.end]
    if region.family or following is None or not text:
        return False
    indented = region.start > 0 and document[region.start - 1] == "\u3000"
    plain_stop = text[-1] in ".．" and text[-2:-1] not in {".", "．"}
    return (
        _is_short(document, region, _WIDEST_TITLE, _NO_TITLE_END)
        and not plain_stop
        and not (indented and not region.gap_after)
        and "。" not in text
        and not text[0].islower()
        and (region.gap_after or _is_unwrapped(document, following))
    )


def _is_unwrapped(document: str, element: Element) -> bool:
    """Tell whether an element is a paragraph by itself: a long line, or an indented one."""
    return isinstance(element, Region) and (
        element.end - element.body > _WIDE_BODY or document[element.start - 1] == "\u3000"
    )


def _is_body(document: str, element: Element | None) -> bool:
    """Tell whether an element is text that a heading could stand over."""
    if not isinstance(element, Region):
        return False
    text = document[element.body : element.end]
    return (
        element.lines > 1
        or bool(element.family)
        or len(text) > _WIDE_BODY
        or width(text) > _WIDEST_HEADING
        or text[-1] in '。.!！?？…;；”"'
    )


def _is_number_heading(
    document: str, region: Region, before: Element | None, after: Element
) -> bool:
    """Tell whether a short numbered line heads what follows, rather than being one of a list."""
    if not _is_short(document, region, _WIDEST_HEADING, _NO_HEADING_END):
        return False
    if region.family in _FREE_STANDING:
        return True
    neighbours = [e.family for e in (before, after) if isinstance(e, Region)]
    stands_over = not isinstance(after, Region) or (
        after.family[:1] != "l" or int(after.family[1:]) > int(region.family[1:])
    )
    return region.family not in neighbours and stands_over


def _is_plain_heading(
    document: str, region: Region, before: Element | None, after: Element
) -> bool:
    """Tell whether a short line that stands alone heads the text after it."""
    text = document[region.body : region.end]
    follows_short = isinstance(before, Region) and not _is_body(document, before)
    set_off = region.gap_after or (
        isinstance(after, Region) and after.end - after.body > _WIDE_BODY
    )
    return (
        region.gap_before
        and set_off
        and not follows_short
        and is_title_like(text)
        and _is_short(document, region, _WIDEST_HEADING, _NO_HEADING_END)
        and _is_body(document, after)
        and sum(map(str.isdigit, text)) <= _MOST_DIGITS
        and not _INNER_COLON.search(text)
        and not _BYLINE.match(text)
    )


def _promoted(document: str, blocks: list[Element]) -> Iterator[Element]:
    """Make headings of the lines that are headings by their place, not by a mark of their own."""
    before: Element | None = None
    for i, block in enumerate(blocks):
        after = blocks[i + 1] if i + 1 < len(blocks) else None
        element = block
        if isinstance(block, Region) and after is not None:
            if i == 0 and _is_title(document, block, after):
                element = Heading(block.body, block.end, TITLE_LEVEL)
            elif block.family[:1] == "l":
                if _is_number_heading(document, block, before, after):
                    element = Heading(block.start, block.end, int(block.family[1:]))
            elif not block.family and _is_plain_heading(document, block, before, after):
                element = Heading(block.body, block.end, _PLAIN_LEVEL)
        yield element
        before = element


def _with_inline(document: str, elements: Iterator[Element]) -> Iterator[Element]:
    for element in elements:
        parts = (
            inline_parts(document, element.start, element.body, element.end)
            if isinstance(element, Region) and not element.whole
            else []
        )
        for part in parts:
            if part.is_heading:
                yield Heading(part.start, trim_space(document, part.start, part.end), INLINE_LEVEL)
            else:
                end = trim_space(document, part.body, part.end)
                yield Region(part.start, part.body, end, inline=True)
        if not parts:
            yield element


def outline(document: str) -> list[Element]:
    """Return a document's headings and regions in order.

    A heading that has nothing under it is text: it comes as a region of one whole unit, so that
    a document made of headings only is not empty.
    """
    elements = list(_with_inline(document, _promoted(document, list(_blocks(document)))))
    for i, element in enumerate(elements):
        after = elements[i + 1] if i + 1 < len(elements) else None
        bare = after is None or (
            isinstance(after, Heading)
            and isinstance(element, Heading)
            and after.level <= element.level
        )
        if isinstance(element, Heading) and bare:
            elements[i] = Region(
                element.start, element.start, element.end, whole=True, level=element.level
            )
    return elements


def heading_path(document: str, headings: list[Heading]) -> str:
    """Join headings, outermost first, such as "Results > Sales".

    Outer ones are left out while it passes 200 characters; white space is collapsed.
    """
    plain = (document[h.start : h.end].replace("**", "") for h in headings)
    names = [" ".join(name.split()).strip(" :：*_#") for name in plain]
    names = [name for i, name in enumerate(names) if name and name not in names[:i]]
    while len(names) > 1 and len(" > ".join(names)) > _HEADING_CHARACTERS:
        names.pop(0)
    path = " > ".join(names)
    return path if len(path) <= _HEADING_CHARACTERS else path[: _HEADING_CHARACTERS - 1] + "…"
