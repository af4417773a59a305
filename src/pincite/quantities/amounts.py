"""Amounts: a numeral with its sign, scale and unit, alone or as an end of a range."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from math import gcd

from pincite.quantities import numerals, units
from pincite.quantities.numerals import CHINESE, CHINESE_DIGITS, ENGLISH_SCALES, SCALES
from pincite.quantities.units import UNITS, Unit

_NUMBER = Unit("number")
# Decimals are exact up to 28 digits.
_LONGEST = 20
_DIGITS = re.compile(
    r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|[1-9]\d{0,2}(?: \d{3}){1,4}(?:\.\d+)?(?![ ,.]?\d)"
    r"|\d+(?:\.\d+)?"
)
_RUN = re.compile(rf"[{CHINESE}]+(?:点[{CHINESE_DIGITS}零]+[万亿兆]*)?")
_CHINESE_SCALE = re.compile(r"\s?[多余]?(?P<scale>[十百千万亿兆]+)(?![米克瓦卡分])")
_ROUNDED = re.compile(r"[多余]?(?P<scale>[万亿]+)")
_MORE = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<scale>[百千万亿]*)")
_SCALE_WORD = re.compile(
    r"[\s-]?(?P<word>million|billion|trillion|thousand|hundred|dozen|bn|mn|tn)(?![a-z])"
)
_SCALE_LETTER = re.compile(r"(?P<letter>[kmb])(?![a-z\d²])")
_LETTERS = {"k": 10**3, "m": 10**6, "b": 10**9, "bn": 10**9, "mn": 10**6, "tn": 10**12}
_TENFOLD = {"十": 10, "百": 100, "千": 1000} | SCALES
_RESOLUTIONS = frozenset((Decimal(2), Decimal(4), Decimal(8)))
_FRACTION = re.compile(
    rf"(?P<below>[{CHINESE}\d]+)分之(?P<above>\d+(?:\.\d+)?|[{CHINESE}]+(?:点[{CHINESE_DIGITS}]+)?)"
)
_HUNDREDS = {"百": Decimal(1), "千": Decimal("0.1"), "万": Decimal("0.01")}
_SLASH = re.compile(r"(?P<above>\d)/(?P<below>[2-9]|10)(?![\d/])")
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_WORD_FRACTION = re.compile(
    rf"(?P<above>one|two|three|four|five|six|seven|eight|nine)[\s-](?P<below>{'|'.join(_PARTS)})s?\b"
)
_MINUS = re.compile(r"(?:零下|负|minus\s|-)")
_RANGE = re.compile(r"\s?(?:-|–|—|~|至|到|to\s|and\s)\s?")
_BETWEEN = re.compile(r"between\s$")
_INEXACT_BEFORE = re.compile(r"(?:[几数]|周|星期|礼拜)$")
_HALF_UNIT = re.compile(r"half\san?\s(?=[a-z])|半(?=个?(?:小时|月|钟头)|年|公里|公斤|吨|英里|分钟)")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit at ``text[start:end]``; ``weak`` is "one", "single" or ""."""

    start: int
    end: int
    value: Decimal | str
    unit: Unit
    scale: Decimal = Decimal(1)
    weak: str = ""


def amounts_at(text: str, original: str, at: int) -> list[Amount]:
    """Read the amount, or the two of a range, that begin here in a folded text."""
    first = _amount(text, original, at)
    if not first:
        return []
    joined = _RANGE.match(text, first.end)
    between = joined and "and" in joined.group()
    if not joined or (between and not _BETWEEN.search(text, max(0, at - 9), at)):
        return [first] if _strong(text, first) else []
    last = _amount(text, original, joined.end())
    if not last or not _alike(first, last) or not _strong(text, last):
        return [first] if _strong(text, first) else []
    return _completed(first, last)


def _alike(first: Amount, last: Amount) -> bool:
    numbers = isinstance(first.value, Decimal) and isinstance(last.value, Decimal)
    unstated = _NUMBER in {first.unit, last.unit}
    return numbers and (unstated or first.unit.kind == last.unit.kind)


def _completed(first: Amount, last: Amount) -> list[Amount]:
    """Give each end of a range the scale and unit that only the other states."""
    assert isinstance(first.value, Decimal) and isinstance(last.value, Decimal)
    unit = first.unit if last.unit is _NUMBER else last.unit
    value = first.value
    if first.unit is _NUMBER:
        value *= unit.factor
    # 3 to 5 million, but not 900 to 2 million.
    if first.scale == 1 and first.value < last.value / last.scale / last.unit.factor:
        value *= last.scale
    return [replace(first, value=value, unit=unit, weak=""), replace(last, unit=unit)]


def _strong(text: str, amount: Amount) -> bool:
    """Tell a numeral of one character that counts something from one that is part of a word.

    一 and "one" count only before a scale or a unit that measures exactly (一小时, one million),
    other Chinese numerals of one character before a unit or a measure word (三年, 三个).
    """
    if not amount.weak or amount.scale != 1:
        return True
    if amount.weak == "one":
        return amount.unit.unit in units.EXACT_ONE or amount.unit.kind == "percent"
    return amount.unit is not _NUMBER or bool(units.MEASURE_WORD.match(text, amount.end))


def _amount(text: str, original: str, at: int) -> Amount | None:
    minus = _MINUS.match(text, at)
    start = minus.end() if minus else at
    sign = units.SIGN.match(text, start)
    start = sign.end() if sign else start
    amount = (
        _fraction(text, start)
        or _half(text, start)
        or _from_digits(text, original, start, money=bool(sign))
        or _from_chinese(text, start)
        or _from_english(text, start)
    )
    if not amount:
        return None
    if amount.unit is _NUMBER and isinstance(amount.value, Decimal):
        amount = _with_unit(text, amount)
    if sign and amount.unit.kind in {"number", "money"} and amount.unit.unit != "×":
        code = units.currency(sign["sign"]) or amount.unit.unit
        amount = replace(amount, unit=Unit("money", code))
    if minus and isinstance(amount.value, Decimal):
        amount = replace(amount, value=-amount.value, weak="")
    return amount if amount.start == at else replace(amount, start=at)


def _with_unit(text: str, amount: Amount) -> Amount:
    assert isinstance(amount.value, Decimal)
    if half := units.AND_A_HALF.match(text, amount.end):
        unit = UNITS[units.HALF_OF[half["unit"]]]
        return replace(amount, value=amount.value + Decimal("0.5"), unit=unit, end=half.end())
    match = units.UNIT.match(text, amount.end)
    if not match:
        return amount
    surface = " ".join(match["unit"].split())
    unit = UNITS[surface]
    if surface == "成" and amount.value > 10:
        return amount
    value, end = amount.value, match.end()
    if text[end : end + 1] == "半" and (surface == "成" or unit.kind == "duration"):
        value, end = value + Decimal("0.5"), end + 1
    return replace(amount, value=value * unit.factor, unit=unit, end=end)


def _fraction(text: str, at: int) -> Amount | None:
    if match := _FRACTION.match(text, at):
        above, below = match["above"], match["below"]
        value = (
            Decimal(above) if above[0].isdecimal() and above.isascii() else numerals.chinese(above)
        )
        if value is None:
            return None
        if below.removeprefix("一") in _HUNDREDS:
            percent = value * _HUNDREDS[below.removeprefix("一")]
            return Amount(at, match.end(), percent, Unit("percent"))
        under = Decimal(below) if below.isascii() else numerals.chinese(below)
        return _reduced(at, match.end(), value, under)
    if match := _SLASH.match(text, at):
        above_below = Decimal(match["above"]), Decimal(match["below"])
        return _reduced(at, match.end(), *above_below) if above_below[0] < above_below[1] else None
    if match := _WORD_FRACTION.match(text, at):
        above_value = numerals.english(match["above"])
        if above_value and (above_value > 1 or match["below"] not in {"half", "second"}):
            return _reduced(at, match.end(), above_value, Decimal(_PARTS[match["below"]]))
    return None


def _reduced(start: int, end: int, above: Decimal, below: Decimal | None) -> Amount | None:
    if not below or above != int(above):
        return None
    common = gcd(int(above), int(below))
    return Amount(start, end, f"{int(above) // common}/{int(below) // common}", _NUMBER)


def _half(text: str, at: int) -> Amount | None:
    match = _HALF_UNIT.match(text, at)
    if not match:
        return None
    found = _with_unit(text, Amount(at, match.end(), Decimal("0.5"), _NUMBER))
    if text.startswith("个月", match.end()) or found.unit is not _NUMBER:
        return found
    return None


def _from_digits(text: str, original: str, at: int, *, money: bool) -> Amount | None:
    match = _DIGITS.match(text, at)
    if not match or len(match.group()) > _LONGEST:
        return None
    value, end = Decimal(match.group().replace(",", "").replace(" ", "")), match.end()
    scale = Decimal(1)
    if found := _CHINESE_SCALE.match(text, end):
        for name in found["scale"]:
            scale *= _TENFOLD[name]
        return _mixed(text, Amount(at, found.end(), value * scale, _NUMBER, scale))
    if found := _SCALE_WORD.match(text, end):
        scale = Decimal(ENGLISH_SCALES.get(found["word"]) or _LETTERS[found["word"]])
    elif (found := _SCALE_LETTER.match(text, end)) and _is_scale(original[end], value, money=money):
        scale = Decimal(_LETTERS[found["letter"]])
    end = found.end() if found and scale != 1 else end
    return Amount(at, end, value * scale, _NUMBER, scale)


def _is_scale(letter: str, value: Decimal, *, money: bool) -> bool:
    """Tell 50k, 5M and £5m from 4K (a resolution), 5m (metres) and 2b (a name)."""
    return money or letter in "kMB" or (letter == "K" and value not in _RESOLUTIONS)


def _mixed(text: str, amount: Amount) -> Amount:
    """Read on in 1亿2000万 and 3万5千."""
    value, end, least = amount.value, amount.end, amount.scale
    assert isinstance(value, Decimal)
    while match := _MORE.match(text, end):
        scale = Decimal(1)
        for name in match["scale"]:
            scale *= _TENFOLD[name]
        part = Decimal(match["number"]) * scale
        if part >= least:
            break
        value, end, least = value + part, match.end(), scale
        if scale == 1:
            break
    return _rounded(text, replace(amount, value=value, end=end))


def _rounded(text: str, amount: Amount) -> Amount:
    """Read on in 三百多万 and 6千6百余万, which scale all that stands before."""
    match = _ROUNDED.match(text, amount.end)
    if not match or not isinstance(amount.value, Decimal):
        return amount
    scale = Decimal(1)
    for name in match["scale"]:
        scale *= SCALES[name]
    return replace(amount, value=amount.value * scale, scale=scale, end=match.end())


def _from_chinese(text: str, at: int) -> Amount | None:
    match = _RUN.match(text, at)
    if not match or text[match.end() : match.end() + 1] == "几":
        return None
    if _INEXACT_BEFORE.search(text, max(0, at - 2), at):
        return None
    run = match.group()
    value = numerals.chinese(run)
    if value is None:
        return None
    weak = ("one" if run in "一壹" else "single") if len(run) == 1 and run not in "廿卅" else ""
    scale = next((Decimal(SCALES[c]) for c in reversed(run) if c in SCALES), Decimal(1))
    return _rounded(text, Amount(at, match.end(), value, _NUMBER, scale, weak))


def _from_english(text: str, at: int) -> Amount | None:
    match = numerals.ENGLISH.match(text, at)
    if not match:
        return None
    value = numerals.english(match.group())
    if value is None:
        return None
    last = re.split(r"[\s-]", match.group())[-1]
    scale = Decimal(ENGLISH_SCALES.get(last, 1))
    return Amount(at, match.end(), value, _NUMBER, scale, "one" if match.group() == "one" else "")
