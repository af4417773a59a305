"""Quantities in a text: where they are and what they say, the same in both languages."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

from pincite.quantities import dates, numerals, times, units
from pincite.quantities.amounts import Amount, amounts_at

Kind = Literal["number", "money", "percent", "measure", "duration", "ordinal", "date", "time"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity that a text states at ``text[start:end]``.

    ``value`` is exact and canonical, so that equal quantities have equal values: a plain decimal
    number (500000, 0.5, -3), a fraction in lowest terms (2/3), or a date or time as in
    ``pincite.quantities.dates`` and ``times``. ``unit`` is a currency (CNY), a unit (km, h), "pp"
    for percentage points, "×" for times as many, or None.
    """

    start: int
    end: int
    kind: Kind
    value: str
    unit: str | None = None


_HAN = numerals.CHINESE
_N = rf"(?=\s?[\d{_HAN}])"
_AFTER_ONE = f"{_HAN}{units.FIRST}分点时月日号世季半至到~—-"
_BEGINS = f"第零负公西民人新台港{''.join({part[0] for part in times.PARTS.split('|')})}"
# Where a quantity may begin. The look-ahead is only for speed.
_START = re.compile(
    rf"(?=[\da-z$€£₩₹₽¥'半{_BEGINS}{_HAN}-])(?:(?P<link>(?:https?://|www\.)[!-~]+)"
    rf"|(?P<digit>\d|[$€£₩₹₽¥](?=\s?\d)|(?<![^\s(:,])-(?=\d)|(?<![a-z])(?:{units.LATIN_SIGNS})(?=\s?\d))"
    rf"|(?P<han>[{_HAN}](?=\s?[{_AFTER_ONE}])|半|第{_N}|(?:零下|负){_N}|公元|西元|民国"
    rf"|(?:人民币|新台币|台币|港币){_N}|(?:{times.PARTS}){_N})"
    rf"|(?<!\w)(?P<word>(?:{numerals.ENGLISH_START}|{numerals.ORDINAL_START}"
    rf"|an?\s(?:{'|'.join(numerals.ENGLISH_SCALES)})|half|minus|no\.\s?(?=\d)|q[1-4]|ad"
    rf"|{dates.MONTH_START}|'\d0s)\b))"
)
_TOKEN_END = re.compile(r"[\w@.+\-]*", re.ASCII)
_PREFIX = re.compile(r"\b(?:mid|early|late|pre|post|since|circa)-$")
_CODE = re.compile(
    r"(?:\d+(?:\.\d+){2,}|(?<=\+)\d[\d -]{6,}\d|0\d{2,3}-\d{7,8}|\d{3}-\d{4}(?!\d)(?<!00)"
    r"|\d+(?:-\d+){2,}|\d{11,}|0\d+)(?![\d,]*\d)"
)
_GLUED_BEFORE = re.compile(r"[a-z_@#\\]$|\d[.,]$|[a-z\d_]/$")
_GLUED = re.compile(r"[a-z_]|-(?=[A-Z])|\.\d|@")
_NTH = re.compile(r"(?P<n>\d+)(?:st|nd|rd|th)(?![a-z\d])")
_CENTURY = re.compile(r"[\s-]centur(?:y|ies)\b")
_YEAR = re.compile(r"(?:1\d|2[01])\d\d(?![\d,]*\d)")
_YEAR_RANGE = re.compile(
    rf"(?P<to>\s?(?:-|–|—|~|至|到|to\s)\s?)(?P<y>{_YEAR.pattern}|\d\d(?!\d))(?P<nian>\s?年(?!代))?"
)
_CERTAIN_YEAR = re.compile(
    r"(?:\b(?:in|since|until|till|during|early|late|mid|year|circa)[\s-]|\()$"
)
_LIKELY_YEAR = re.compile(r"\b(?:by|of|from|after|before|between|to|and)\s$")
_AFTER_YEAR = re.compile(
    r"\s*(?:$|[^\sa-z\d%]|\s(?:to|and|until|by|in|at|when|the|but|or|as|for|with|he|she|it|they|was|is)\b)"
)
_COUNTED = re.compile(
    r"\s?[^\x00-\x7f–—]|[\w$/×+]|[.:]\d|\s(?:[a-z]+s|people|men|women|children)\b"
)
_SECOND = re.compile(r"\b(?:a|per|each|every|one|split|at|\d)[\s-]$")
_NOT_ORDINAL = re.compile(r"[\s-]?hand\b|\sof\sall\b|\sand\sforemost\b")
_PLAIN_DIGITS = re.compile(r"\d{1,15}(?!\d)")
_NUMBERED = re.compile(r"第\s?|no\.\s?")
_HALF = re.compile(r"half(?=\s(?:of|the)\b)|一半")
_RUN = re.compile(rf"[{_HAN}]+")

_Read = tuple[list[Quantity], int]


def quantities(text: str) -> list[Quantity]:
    """List the quantities that a text states, in order; their spans do not overlap.

    Exact ones only: 十几 and "hundreds" are none. Codes are none either (GPT-4, v1.2.3, 127.0.0.1,
    telephone numbers), nor are numerals that are parts of words (一起, 三明治, "one of").

    Args:
        text: Any text; offsets are code points of it.
    """
    folded = numerals.folded(text)
    found: list[Quantity] = []
    at = 0
    while start := _START.search(folded, at):
        read, end = _READERS[start.lastgroup or ""](folded, text, start.start())
        found += read
        at = max(end, start.start() + 1)
    return found


def _link(text: str, _original: str, at: int) -> _Read:
    match = _START.match(text, at)
    return [], match.end() if match else at


def _dated(readers: tuple[dates.Reader, ...], text: str, at: int) -> list[Quantity]:
    for read in readers:
        if found := read(text, at):
            return [Quantity(start, end, "date", value) for start, end, value in found]
    return []


def _timed(text: str, at: int) -> list[Quantity]:
    found = times.time_at(text, at)
    return [Quantity(at, found[0], "time", found[1])] if found else []


def _from_digit(text: str, original: str, at: int) -> _Read:
    if not text[at].isdecimal():
        return _amounts(text, original, at)
    if _inside_code(text, at):
        return [], _skip(text, at)
    if dated := _dated(dates.FROM_DIGIT, text, at) or _timed(text, at):
        return _and_time(text, dated)
    if code := _CODE.match(text, at):
        return [], code.end()
    return _year_or_number(text, original, at)


def _year_or_number(text: str, original: str, at: int) -> _Read:
    if nth := _NTH.match(text, at):
        return _ordinal(text, at, nth.end(), int(nth["n"]))
    if years := _years(text, at):
        return years, years[-1].end
    return _amounts(text, original, at)


def _inside_code(text: str, at: int) -> bool:
    before, last = text[max(0, at - 2) : at], text[at - 1 : at]
    if _GLUED_BEFORE.search(before):
        return True
    hyphenated = last == "-" and before[0].isalnum() and before.isascii()
    return hyphenated and not _PREFIX.search(text, max(0, at - 7), at)


def _skip(text: str, at: int) -> int:
    match = _TOKEN_END.match(text, at)
    return match.end() if match else at + 1


def _and_time(text: str, dated: list[Quantity]) -> _Read:
    """Read on in 2024-11-05T15:30."""
    end = dated[-1].end
    timed = _timed(text, end + 1) if text[end : end + 1] == "t" else []
    return [*dated, *timed], timed[-1].end if timed else end


def _amounts(text: str, original: str, at: int) -> _Read:
    found = amounts_at(text, original, at)
    if not found:
        run = _RUN.match(text, at)
        return [], run.end() if run else at + 1
    end = found[-1].end
    if text[end - 1].isascii() and text[end - 1].isalnum() and _glued(text, original, end):
        return [], _skip(text, end)
    return [_quantity(amount) for amount in found], end


def _glued(text: str, original: str, end: int) -> bool:
    """Tell a number that goes on as a code: 5G, 3D, 737-MAX."""
    return bool(_GLUED.match(text[end : end + 1] + original[end + 1 : end + 2]))


def _quantity(amount: Amount) -> Quantity:
    value = amount.value if isinstance(amount.value, str) else numerals.canonical(amount.value)
    kind = cast(Kind, amount.unit.kind)
    return Quantity(amount.start, amount.end, kind, value, amount.unit.unit)


def _years(text: str, at: int) -> list[Quantity]:
    """Read a year without 年, or two: 2019–2021, 1946–49, since 1998."""
    year = _YEAR.match(text, at)
    if not year:
        return []
    first = Quantity(at, year.end(), "date", year.group())
    if span := _YEAR_RANGE.match(text, year.end()):
        last = f"{year.group()[: 4 - len(span['y'])]}{span['y']}"
        if last > year.group() and (span["nian"] or not units.UNIT.match(text, span.end())):
            return [first, Quantity(span.start("y"), span.end(), "date", last)]
    return [first] if _is_year(text, at, year) else []


def _is_year(text: str, at: int, year: re.Match[str]) -> bool:
    if units.UNIT.match(text, year.end()):
        return False
    if _CERTAIN_YEAR.search(text, max(0, at - 8), at):
        return True
    likely = year.group() >= "1500" and _LIKELY_YEAR.search(text, max(0, at - 8), at)
    if likely and _AFTER_YEAR.match(text, year.end()):
        return True
    # The 2010 Winter Olympics; but 2010 votes, and in Chinese a year has its 年.
    return "1900" <= year.group() < "2100" and not _COUNTED.match(text, year.end())


def _ordinal(text: str, at: int, end: int, number: int) -> _Read:
    if century := _CENTURY.match(text, end):
        return [Quantity(at, century.end(), "date", dates.century(number))], century.end()
    return [Quantity(at, end, "ordinal", str(number))], end


def _from_han(text: str, original: str, at: int) -> _Read:
    if dated := _dated(dates.FROM_CHINESE, text, at) or _timed(text, at):
        return dated, dated[-1].end
    if numbered := _NUMBERED.match(text, at):
        return _numbered(text, at, numbered.end())
    if half := _HALF.match(text, at):
        return [Quantity(at, half.end(), "percent", "50")], half.end()
    return _amounts(text, original, at)


def _numbered(text: str, at: int, start: int) -> _Read:
    if digits := _PLAIN_DIGITS.match(text, start):
        return [Quantity(at, digits.end(), "ordinal", str(int(digits.group())))], digits.end()
    run = _RUN.match(text, start)
    value = numerals.chinese(run.group()) if run else None
    if not run or value is None:
        return [], run.end() if run else start
    return [Quantity(at, run.end(), "ordinal", numerals.canonical(value))], run.end()


def _from_word(text: str, original: str, at: int) -> _Read:
    if dated := _dated(dates.FROM_WORD, text, at):
        return dated, dated[-1].end
    if numbered := _NUMBERED.match(text, at):
        return _numbered(text, at, numbered.end())
    if half := _HALF.match(text, at):
        return [Quantity(at, half.end(), "percent", "50")], half.end()
    if read := _ordinal_word(text, at):
        return read
    found, end = _amounts(text, original, at)
    return found, end if found else _word_end(text, at)


def _ordinal_word(text: str, at: int) -> _Read | None:
    match = numerals.ORDINAL_WORD.match(text, at)
    number = numerals.english_ordinal(match) if match else None
    if not match or number is None:
        return None
    idiom = _NOT_ORDINAL.match(text, match.end()) or _SECOND.search(text, max(0, at - 6), at)
    if number < 3 and idiom and not _CENTURY.match(text, match.end()):
        return [], match.end()
    return _ordinal(text, at, match.end(), number)


def _word_end(text: str, at: int) -> int:
    match = numerals.ENGLISH.match(text, at)
    return match.end() if match else at + 1


_READERS: dict[str, Callable[[str, str, int], _Read]] = {
    "link": _link,
    "digit": _from_digit,
    "han": _from_han,
    "word": _from_word,
}
