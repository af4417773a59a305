"""Cutting a sentence that is too long, at the best places and never inside a character."""

import re
import unicodedata

_CLAUSE = re.compile(r"[，、；：][”’」』）]*|[,;:](?=\s)")
_SPACE = re.compile(r"\s(?=\S)")
_LONGEST_CHARACTER = 64


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _extends(character: str) -> bool:
    """Tell whether a character is never the first of a grapheme cluster."""
    return (
        unicodedata.category(character)[0] == "M"
        or character == "\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
        or "\u1160" <= character <= "\u11ff"
    )


def is_character_boundary(text: str, position: int) -> bool:
    """Tell whether ``position`` lies between two grapheme clusters.

    The common rules of Unicode Standard Annex 29: combining marks, emoji sequences and modifiers,
    flags, conjoining jamo, CR LF.
    """
    before, after = text[position - 1], text[position]
    if before + after == "\r\n" or _extends(after) or before == "\u200d":
        return False
    if _is_regional(before) and _is_regional(after):
        low = max(0, position - _LONGEST_CHARACTER)
        run = position - low
        while run and _is_regional(text[low + run - 1]):
            run -= 1
        return (position - low - run) % 2 == 0
    return True


def _best_mark(text: str, low: int, wanted: int, end: int) -> int | None:
    """Return the last place up to ``wanted`` after a clause mark, else after white space."""
    for pattern in (_CLAUSE, _SPACE):
        # One character more, for what a pattern looks ahead to.
        places = [m.end() for m in pattern.finditer(text, low, min(end, wanted + 1))]
        good = [p for p in places if p <= wanted and is_character_boundary(text, p)]
        if good:
            return good[-1]
    return None


def _cut_near(text: str, start: int, wanted: int, end: int) -> int:
    """Return the best place to cut at or before ``wanted``, at most half the way back."""
    place = _best_mark(text, start + (wanted - start) // 2, wanted, end)
    if place is not None:
        return place
    near = range(wanted, max(start, wanted - _LONGEST_CHARACTER), -1)
    far = range(wanted + 1, min(end, wanted + _LONGEST_CHARACTER))
    endless = wanted if end - start > 2 * _LONGEST_CHARACTER else end
    return next((i for i in (*near, *far) if is_character_boundary(text, i)), endless)


def cut(text: str, start: int, end: int, parts: int) -> list[tuple[int, int]]:
    """Cut ``text[start:end]`` into at most ``parts`` pieces of about equal length.

    Cuts are made after a clause mark, else at white space, else between characters; only a run of
    more than 64 combining marks is cut inside. One piece comes back where no cut is possible.
    """
    pieces = []
    for left in range(parts, 1, -1):
        if end - start < 2:
            break
        place = _cut_near(text, start, start + max(1, (end - start) // left), end)
        if place >= end:
            break
        pieces.append((start, place))
        start = place
    return [*pieces, (start, end)]
