"""Dates and times as ISO 8601 says them, as far as they are stated.

A full date is 2024-11-05, a month 2024-11, a year 2024; without a year a day is --11-05 and a
month --11, without a month a day is ---05 (XML Schema's gMonthDay, gMonth and gDay). A decade is
199X and a century 18XX (ISO 8601-2); a quarter is 2024-Q3 or --Q3. Years before Christ are
astronomical: 221 BC is -0220.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

from pincite.quantities.numerals import CHINESE_DIGITS, chinese, positional

Found = tuple[int, int, str]
"""Start, end and value of one date or time."""

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
MONTH_START = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
MONTH = rf"(?P<month>{MONTH_START})\b\.?"
_LONG_MONTH = (
    r"(?P<month>january|february|april|june|july|august|september|october|november|december)\b"
)
_N = "(?:[0-3]?\\d|[一二三四五六七八九十廿卅]{1,3})"
_YEAR = r"(?:1\d|20|21)\d\d"
_TO = r"\s?(?:-|–|—|~|至|到|to|through)\s?"
_AGO = re.compile("之?前|的?历史|以前")
_LASTING = frozenset("内間间里的之来以前后")
_RANGE = re.compile(_TO)
_NTH = r"(?:st|nd|rd|th)?"

_REPUBLIC = re.compile(
    rf"民国\s?(?P<y>\d{{1,3}}|[一二三四五六七八九十百〇零]{{1,5}}|元)\s?年"
    rf"(?:\s?(?P<m>{_N})\s?月(?:份)?(?:\s?(?P<d>{_N})\s?[日号])?)?"
)
_CHINESE = re.compile(
    rf"(?:(?P<era>公元前|西元前|公元|西元)\s?)?(?P<y>\d{{2,4}}|[{CHINESE_DIGITS}零]{{2,4}})\s?年(?!代|级|度?报)"
    rf"(?:\s?(?P<m>{_N})\s?月(?:份)?(?:\s?(?P<d>{_N})\s?[日号])?|\s?第?(?P<q>[一二三四1-4])季度?)?"
)
_MONTH_DAY = re.compile(rf"(?P<m>{_N})\s?月(?![球亮饼光])(?:份)?(?:\s?(?P<d>{_N})\s?[日号])?")
_DAY_ALONE = re.compile(r"(?P<d>[0-3]?\d)\s?日(?![元圆本式均内內报语军籍方耳])")
_DAY = re.compile(rf"(?P<d>{_N})\s?[日号]")
_QUARTER = re.compile(r"第?(?P<q>[一二三四1-4])季度")
_DECADE = re.compile(
    r"(?:(?P<c>\d{1,2}|[一二三四五六七八九十]{1,3})世纪)?(?:(?P<y>\d{3})0|(?P<t>[1-9])0|(?P<z>[一二三四五六七八九])十)年代"
)
_CENTURY = re.compile(r"(?:公元)?(?P<c>\d{1,2}|[一二三四五六七八九十]{1,3})世纪")
_NUMERIC = re.compile(
    r"(?P<y>(?:1[5-9]|20|21)\d\d)(?:(?P<s>[-/.])(?P<m>\d\d?)(?P=s)(?P<d>\d\d?)|-(?P<m2>0[1-9]|1[0-2]))"
    r"(?![\d.\-/]*\d)"
)
_SLASHED = re.compile(r"(?P<a>\d\d?)/(?P<b>\d\d?)/(?P<y>(?:1[5-9]|20|21)\d\d)(?!\d)")
_DAY_MONTH = re.compile(
    rf"(?P<d>\d\d?){_NTH}(?:(?P<to>{_TO})(?P<d2>\d\d?){_NTH})?\s(?:of\s)?{MONTH}(?:,?\s(?P<y>{_YEAR})(?!\d))?"
)
_MONTH_FIRST = re.compile(
    rf"{MONTH}\s(?P<d>[0-3]?\d){_NTH}(?!\w|[.,]\d|:\d)(?:(?P<to>{_TO})(?P<d2>\d\d?){_NTH}(?!\w))?"
    rf"(?:,?\s(?P<y>{_YEAR})(?!\d))?"
)
_MONTH_YEAR = re.compile(rf"{MONTH}(?:,|\sof)?\s(?P<y>{_YEAR})(?!,?\d)")
_MONTH_ALONE = re.compile(_LONG_MONTH)
_MAY_OR_MARCH = re.compile("(?P<month>may|march)\\b")
_BEFORE_MONTH = re.compile(
    r"(?:\b(?:in|since|until|till|by|of|last|this|next|early|late|mid|during|from|through|every)[\s-])$"
)
_QUARTER_WORD = re.compile(
    rf"(?:q(?P<n>[1-4])|(?P<w>first|second|third|fourth)\squarter)\b(?:\s(?:of\s)?(?P<y>{_YEAR}))?"
)
_DECADE_WORD = re.compile(r"(?P<y>\d{3})0'?s\b|'(?P<t>[2-9])0s\b")
_CHRISTIAN = re.compile(
    r"(?P<y>\d{1,4})\s?(?P<bc>bce?|b\.c\.|ce|ad)(?!\w)|ad\s(?P<y2>\d{1,4})(?!\d)"
)


def _int(numeral: str) -> int:
    value = chinese(numeral) if not numeral.isdecimal() else None
    return int(numeral) if value is None and numeral.isdecimal() else int(value or 0)


def _joined(year: str, month: int, day: int | None) -> str | None:
    """Join year ("" if none), month and day (None if none); None if there is no such day."""
    try:
        date(int(year) if year else 2000, month, day or 1)
    except ValueError:
        return None
    head = f"{year}-{month:02}" if year else f"--{month:02}"
    return f"{head}-{day:02}" if day else head


def _chinese_year(match: re.Match[str]) -> str | None:
    stated = match["y"]
    year = int(positional(stated))
    if match["era"]:
        return f"-{year - 1:04}" if "前" in match["era"] else f"{year:04}"
    if len(stated) == 4:
        return str(year) if 1000 <= year < 2200 else None
    if len(stated) == 3:
        return f"{year:04}" if _dated(match) else None
    if stated.isdecimal() and not match["m"]:
        return None
    # 九八年 is 1998 and 〇八年 2008; 七八年 may be seven or eight years.
    neighbours = stated[0] in CHINESE_DIGITS[1:9] and stated[1] == CHINESE_DIGITS[year // 10 + 1]
    if neighbours and not match["m"]:
        return None
    return str(1900 + year if year >= 50 else 2000 + year)


def _dated(match: re.Match[str]) -> bool:
    """Tell 于682年, a year, from 延续了682年, so many years."""
    text, start, end = match.string, match.start(), match.end()
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    return bool(match["m"]) or (before in {"于", "於", "在", "自", "从"} and after not in _LASTING)


def _chinese_date(text: str, at: int) -> list[Found]:
    if match := _REPUBLIC.match(text, at):
        stated = match["y"]
        year = str(1911 + (1 if stated == "元" else _int(stated) or int(positional(stated))))
    elif match := _CHINESE.match(text, at):
        year = _chinese_year(match) or ""
        if not year or _years_long(match):
            return []
        if match["q"]:
            return [(at, match.end(), f"{year}-Q{_int(match['q'])}")]
    else:
        return []
    if not match["m"]:
        return [(at, match.end(), year)]
    value = _joined(year, _int(match["m"]), _int(match["d"]) if match["d"] else None)
    return [(at, match.end(), value), *_up_to(text, match.end(), value)] if value else []


def _years_long(match: re.Match[str]) -> bool:
    """Tell 2000年前 and 2000年的历史, so many years, from the year."""
    round_number = match["y"].endswith("00") and not match["era"] and not match["m"]
    return bool(round_number and _AGO.match(match.string, match.end()))


def _up_to(text: str, at: int, first: str) -> Iterator[Found]:
    """The end of a range, which takes what it does not state from the first date."""
    separator = _RANGE.match(text, at)
    if not separator:
        return
    start = separator.end()
    year = "" if first.startswith("--") else first[:4]
    if match := _MONTH_DAY.match(text, start):
        value = _joined(year, _int(match["m"]), _int(match["d"]) if match["d"] else None)
    elif first.count("-") > 1 and len(first) > 6 and (match := _DAY.match(text, start)):
        value = _joined(year, int(first[-5:-3]), _int(match["d"]))
    else:
        return
    if value:
        yield start, match.end(), value


def _chinese_month(text: str, at: int) -> list[Found]:
    match = _MONTH_DAY.match(text, at)
    if not match:
        return _chinese_day(text, at)
    value = _joined("", _int(match["m"]), _int(match["d"]) if match["d"] else None)
    return [(at, match.end(), value), *_up_to(text, match.end(), value)] if value else []


def _chinese_day(text: str, at: int) -> list[Found]:
    match = _DAY_ALONE.match(text, at)
    if not match or not 1 <= int(match["d"]) <= 31:
        return []
    return [(at, match.end(), f"---{int(match['d']):02}")]


def _chinese_period(text: str, at: int) -> list[Found]:
    if match := _DECADE.match(text, at):
        tens = match["t"] or match["z"]
        if match["y"]:
            return [(at, match.end(), f"{match['y']}X")]
        digit = positional(tens)
        # Without a century, only the decades that are not likely to be this one's.
        century = _int(match["c"]) - 1 if match["c"] else 19 if digit > "4" else 0
        return [(at, match.end(), f"{century:02}{digit}X")] if century else []
    if match := _CENTURY.match(text, at):
        return [(at, match.end(), f"{_int(match['c']) - 1:02}XX")]
    if (match := _QUARTER.match(text, at)) and text[at - 1 : at] != "前":
        return [(at, match.end(), f"--Q{_int(match['q'])}")]
    return []


def _numeric(text: str, at: int) -> list[Found]:
    if match := _NUMERIC.match(text, at):
        month, day = int(match["m"] or match["m2"]), int(match["d"]) if match["d"] else None
        value = _joined(match["y"], month, day)
        return [(at, match.end(), value)] if value else []
    if match := _SLASHED.match(text, at):
        a, b = int(match["a"]), int(match["b"])
        # 11/5 is November in America and May in Britain: only the year is sure.
        value = (
            match["y"] if a <= 12 and b <= 12 and a != b else _joined(match["y"], *sorted((a, b)))
        )
        return [(at, match.end(), value)] if value else []
    return []


def _english_day(text: str, at: int) -> list[Found]:
    match = _DAY_MONTH.match(text, at) or _MONTH_FIRST.match(text, at)
    if not match:
        return []
    month = MONTHS.index(match["month"][:3]) + 1
    first = _joined(match["y"] or "", month, int(match["d"]))
    if not first:
        return []
    if not match["to"]:
        return [(at, match.end(), first)]
    last = _joined(match["y"] or "", month, int(match["d2"]))
    split = match.start("to")
    return [(at, split, first), *([(match.start("d2"), match.end(), last)] if last else [])]


def _english_month(text: str, at: int) -> list[Found]:
    match = _MONTH_YEAR.match(text, at) or _MONTH_ALONE.match(text, at)
    if not match and _BEFORE_MONTH.search(text, max(0, at - 9), at):
        match = _MAY_OR_MARCH.match(text, at)
    if not match:
        return []
    year = match.groupdict().get("y") or ""
    value = _joined(year, MONTHS.index(match["month"][:3]) + 1, None)
    return [(at, match.end(), value)] if value else []


def _english_period(text: str, at: int) -> list[Found]:
    if match := _DECADE_WORD.match(text, at):
        value = f"{match['y'] or '19' + match['t']}X"
    elif match := _QUARTER_WORD.match(text, at):
        words = ("first", "second", "third", "fourth")
        quarter = match["n"] or words.index(match["w"]) + 1
        value = f"{match['y'] or '-'}-Q{quarter}"
    elif match := _CHRISTIAN.match(text, at):
        year = int(match["y"] or match["y2"])
        value = f"-{year - 1:04}" if (match["bc"] or "").startswith("b") else f"{year:04}"
    else:
        return []
    return [(at, match.end(), value)]


Reader = Callable[[str, int], list[Found]]
FROM_DIGIT: tuple[Reader, ...] = (
    _numeric, _chinese_date, _chinese_month, _chinese_period, _english_day, _english_period,
)  # fmt: skip
FROM_CHINESE: tuple[Reader, ...] = (_chinese_date, _chinese_month, _chinese_period)
FROM_WORD: tuple[Reader, ...] = (_english_day, _english_month, _english_period)


def century(number: int) -> str:
    """Return the value of a century, by its ordinal: the 19th is 18XX."""
    return f"{number - 1:02}XX"
