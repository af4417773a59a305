"""Marks that belong to a text's layout, not to its sentences: bullets, numbers, references."""

import re

_NUMERALS = "一二三四五六七八九十"
_MARKER = re.compile(
    r"\s*(?:"
    r"[•●▪◦‣■□◆◇►▶➢✓✔○·]\s*"
    r"|[-*+–—]\s+"
    r"|[①-⑳⑴-⒇㈠-㈩]\s*"
    rf"|[（(](?:\d{{1,2}}|[{_NUMERALS}]{{1,3}}|[ivx]{{1,4}}|[a-z])[)）]\s*"
    r"|\d{1,3}[.．)）]\s+"
    r"|\d{1,2}、(?!\d)\s*"
    rf"|[{_NUMERALS}]{{1,3}}、(?![{_NUMERALS}])\s*"
    r")"
)
_NUMBERS = r"\d{1,3}(?:\s?[,，、–—~-]\s?\d{1,3}){0,20}"
_REFERENCE = re.compile(rf"[\[［【]\s?{_NUMBERS}\s?[\]］】]")
_LONGEST_REFERENCE = 140
_STOPS = frozenset("。.．!?！？;；")
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]"
)


def width(text: str) -> int:
    """Return the columns a text takes on a screen: East Asian characters take two."""
    return len(text) + len(_WIDE.findall(text))


def skip_space(text: str, start: int, end: int) -> int:
    """Return the first position from ``start`` that is not white space, or ``end``."""
    while start < end and text[start].isspace():
        start += 1
    return start


def trim_space(text: str, start: int, end: int) -> int:
    """Return the end of ``text[start:end]`` without trailing white space."""
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def skip_marker(text: str, start: int, end: int) -> int:
    """Return where the content begins after a bullet or list number; ``start`` if there is none.

    ``1.`` and ``1)`` need white space after them, so 3.14 is not a list number; 一、二线 ("first-
    and second-tier") is not one either. A marker with nothing after it is content.
    """
    marker = _MARKER.match(text, start, end)
    return marker.end() if marker and marker.end() < end else start


def skip_references(text: str, start: int, end: int) -> int:
    """Return the position after the reference group, such as " [1][5]", that begins here.

    At most one space stands before each reference; ``start`` if there is none.
    """
    while True:
        at = start + 1 if start < end and text[start].isspace() else start
        reference = _REFERENCE.match(text, at, end)
        if not reference:
            return start
        start = reference.end()


def _reference_start(text: str, start: int, end: int) -> int:
    """Return where the reference that ends at ``end`` begins, or ``end``."""
    if end > start and text[end - 1] in "]］】":
        low = max(start, end - _LONGEST_REFERENCE)
        begin = max(text.rfind(bracket, low, end) for bracket in "[［【")
        if begin >= low and _REFERENCE.fullmatch(text, begin, end):
            return begin
    return end


def trim_references(text: str, start: int, end: int) -> int:
    """Return the end of ``text[start:end]`` without trailing space, references and their stop.

    ``models [47][49].`` ends after ``models``; ``models.[47]`` ends after the stop.
    """
    end = trim_space(text, start, end)
    while True:
        stop = end
        while stop > start and text[stop - 1] in _STOPS:
            stop -= 1
        stop = trim_space(text, start, stop)
        begin = _reference_start(text, start, stop)
        if begin == stop:
            return end
        end = trim_space(text, start, begin)
