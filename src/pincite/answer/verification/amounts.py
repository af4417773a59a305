"""The quantities of a statement: those of ``pincite.quantities``, and such as words only hold.

Twice and double, 双倍 and 翻番; a half year's number; hundreds and 数百; the days of the week. None
of these are terms of the index, for which a word of the same language does as well.
"""

import re
from collections.abc import Iterator

from pincite.quantities.find import Kind, Quantity, quantities
from pincite.text import to_simplified

# Unit of vague numbers, which hold from their value to ten times it.
VAGUE = "~"
_DOUBLE_FRIENDS = r"(?!-| (?:rooms?|beds?|deckers?|standards?|agents?|helix|bass|entendre|check)\b)"
_TIMES = {
    "2": rf"\b(?:doubl(?:e{_DOUBLE_FRIENDS}|ed|ing)|twice|two-?fold|redoubled|2x)\b"
    "|[双二两]倍|加倍|翻番|翻一番|翻了一番|翻了番|翻倍|翻了倍|(?:增|涨|升|多|高|长|大|加)(?:加|长|了|出)?一倍(?!半)",
    "1.5": r"\b(?:half as (?:much|many) again|1\.5x)\b|一倍半",
    "3": r"\b(?:tripl(?:e[ds]?|ing)|trebl(?:e[ds]?|ing)|thrice|three-?fold|3x)\b",
    "4": r"\b(?:quadrupl(?:e[ds]?|ing)|four-?fold|4x)\b|翻两番|翻了两番",
    "5": r"\b(?:quintupl(?:e[ds]?|ing)|five-?fold|5x)\b",
    "10": r"\b(?:ten-?fold|10-?fold|10x)\b",
    "100": r"\b(?:hundred-?fold|100-?fold)\b",
}
_SHARES: dict[tuple[Kind, str], str] = {
    ("percent", "50"): r"\b(?:halv(?:e[ds]?|ing)|in half|one half|half)\b|一半|半数|减半|折半|对半",
    ("number", "1/3"): r"\b(?:a|one)[ -]third(?= of\b|$|[,.;])",
    ("number", "1/4"): r"\b(?:a|one)[ -]quarter of\b",
}
_HALVES = {
    "1/2:1": r"\b(?:first|former) half\b|[上前]半(?=年|场|季|程|段|叶)年?",
    "1/2:2": r"\b(?:second|latter|last) half\b|[下后]半(?=年|场|季|程|段|叶)年?",
}
_WEEKDAYS = "monday 一 tuesday 二 wednesday 三 thursday 四 friday 五 saturday 六 sunday 日天"
_SCALE = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_VAGUE = re.compile(
    r"\b(?P<dozens>dozens|scores)\b|\b(?P<tens>tens|hundreds)? ?(?:of )?"
    r"(?P<scale>hundred|thousand|million|billion|trillion)s\b"
    r"|(?<!十)[数几上成](?P<han>十|百|千|万|亿)(?P<more>万|亿)?|(?P<flood>成千上万)"
)
_HAN_SCALE = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}


def _table() -> list[tuple[re.Pattern[str], Kind, str, str | None]]:
    names = _WEEKDAYS.split()
    days = {
        str(number): rf"\b{en}s?\b|(?:星期|周|礼拜)[{zh}](?!期|边|刊|报)"
        for number, (en, zh) in enumerate(zip(names[::2], names[1::2], strict=True), 1)
    }
    return [
        *((re.compile(p), "number", value, "half") for value, p in _HALVES.items()),
        *((re.compile(p), "number", value, "×") for value, p in _TIMES.items()),
        *((re.compile(p), kind, value, None) for (kind, value), p in _SHARES.items()),
        *((re.compile(p), "number", value, "weekday") for value, p in days.items()),
    ]


_WORDS = _table()


def amounts(text: str) -> list[Quantity]:
    """List the quantities that a text states, those in words included; spans do not overlap."""
    found: list[Quantity] = []
    for one in _in_words(_plain(text)):
        if not any(_overlap(one, other) for other in found):
            found.append(one)
    # The longer of two says more: half an hour, a third, but not the "half" of the one.
    kept = [q for q in quantities(text) if not any(_wider(other, q) for other in found)]
    kept += [q for q in found if not any(_overlap(q, other) for other in kept)]
    return sorted(kept, key=lambda q: q.start)


def _plain(text: str) -> str:
    """Fold script and case where that keeps the offsets."""
    for folded in (to_simplified(text).lower(), text.lower()):
        if len(folded) == len(text):
            return folded
    return text


def _in_words(text: str) -> Iterator[Quantity]:
    for pattern, kind, value, unit in _WORDS:
        for match in pattern.finditer(text):
            yield Quantity(match.start(), match.end(), kind, value, unit)
    for match in _VAGUE.finditer(text):
        yield Quantity(match.start(), match.end(), "number", _vague(match), VAGUE)


def _wider(one: Quantity, other: Quantity) -> bool:
    """Tell whether the first takes the place of the second, which is exact."""
    if one.unit == "half" or one.value in {"1/3", "1/4"}:
        return _overlap(one, other)
    return _overlap(one, other) and one.end - one.start > other.end - other.start


def _overlap(one: Quantity, other: Quantity) -> bool:
    return one.start < other.end and one.end > other.start


def _vague(match: re.Match[str]) -> str:
    if match["dozens"]:
        return "10"
    if match["flood"]:
        return "1000"
    if match["han"]:
        return str(10 ** (_HAN_SCALE[match["han"]] + _HAN_SCALE.get(match["more"] or "", 0)))
    more = {"tens": 1, "hundreds": 2}.get(match["tens"] or "", 0)
    return str(10 ** (_SCALE[match["scale"]] + more))
