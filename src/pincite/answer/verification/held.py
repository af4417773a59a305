"""Which of a statement's quantities sentences hold, in whatever notation or language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pincite.answer.verification.amounts import VAGUE
from pincite.answer.verification.facts import Facts
from pincite.quantities.find import Quantity

_AT_LEAST_BEFORE = re.compile(
    r"(?:\b(?:more than|over|above|at least|no (?:less|fewer) than|not less than|exceed(?:s|ed)?"
    r"|exceeding|upwards? of|surpass(?:es|ed)?)\s"
    r"|超过?了?|逾|多于|高于|至少|最少|不少于|不低于|突破)\s?[^\s\w]?$",
    re.IGNORECASE,
)
_AT_MOST_BEFORE = re.compile(
    r"(?:\b(?:(?<!no )(?<!not )(?:less|fewer) than|under|below|at most|up to|no more than"
    r"|not more than|nearly|almost)\s"
    r"|不足|不到|少于|低于|至多|最多|不超过|不多于|将近|接近|近)\s?[^\s\w]?$",
    re.IGNORECASE,
)
_AT_LEAST_AFTER = re.compile(r"\s?(?:(?:or|and) (?:more|above)\b|\+|以上|多|余)")
_AT_MOST_AFTER = re.compile(r"\s?(?:or (?:less|fewer|below)\b|以下|以内)")
_ABOUT_BEFORE = re.compile(
    r"(?:\b(?:about|around|approximately|roughly|some|close to)\s|约|大约)\s?[^\s\w]?$",
    re.IGNORECASE,
)
_ABOUT_AFTER = re.compile(r"\s?(?:左右|上下|or so\b)")
_ROUNDED = 0.06


@dataclass(frozen=True, slots=True)
class _Stated:
    """A quantity, and whether it is said to be about so much; 1 for at least, -1 for at most."""

    quantity: Quantity
    about: bool = False
    bound: int = 0


def missing_quantities(
    statement: Facts, sentences: Sequence[Facts], around: Sequence[Quantity]
) -> tuple[list[Quantity], int, int]:
    """Tell which of a statement's quantities the sentences lack.

    Whole numbers below ten are only counted: a word of the other language may hold one (both).

    Args:
        statement: The statement.
        sentences: What may hold them.
        around: The quantities of the sentences' passages, titles and dates.

    Returns:
        Those that the passages lack too, the number of those that only the rest of the passages
        (or title or date) has, and the number of missing small ones.
    """
    here = [stated for sentence in sentences for stated in _stated(sentence)]
    there = [*here, *(_Stated(quantity) for quantity in around)]
    missing, elsewhere, small = [], 0, 0
    for one in _stated(statement):
        if _held(one, here, there):
            continue
        if _is_small(one.quantity):
            small += 1
        elif _held(one, there, there) and not _contradicted(one, here):
            elsewhere += 1
        else:
            missing.append(one.quantity)
    return missing, elsewhere, small


def _stated(facts: Facts) -> list[_Stated]:
    found = []
    for quantity in facts.quantities:
        before = facts.text[max(0, quantity.start - 18) : quantity.start]
        # At most is looked for first: 不超过 is not 超过, "no more than" not "more than".
        at_most = _AT_MOST_BEFORE.search(before) or _AT_MOST_AFTER.match(facts.text, quantity.end)
        at_least = _AT_LEAST_BEFORE.search(before) or _AT_LEAST_AFTER.match(
            facts.text, quantity.end
        )
        bound = -1 if at_most else 1 if at_least else 0
        about = _ABOUT_BEFORE.search(before) or _ABOUT_AFTER.match(facts.text, quantity.end)
        found.append(_Stated(quantity, bool(about) or bound != 0, bound))
    return found


def _is_small(quantity: Quantity) -> bool:
    return (
        quantity.kind in {"number", "ordinal"}
        and quantity.unit is None
        and len(quantity.value) == 1
    )


def _contradicted(one: _Stated, here: Sequence[_Stated]) -> bool:
    """Tell whether the sentences bound the same amount the other way: 超过50 for 不到50."""
    return bool(one.bound) and any(
        other.bound == -one.bound and _same_amount(one.quantity, other.quantity, about=False)
        for other in here
    )


def _held(one: _Stated, among: Sequence[_Stated], there: Sequence[_Stated]) -> bool:
    if one.quantity.kind in {"date", "time"}:
        return _date_held(one.quantity.value, among, there)
    return any(
        _same_amount(one.quantity, other.quantity, about=one.about)
        for other in among
        if not one.bound or other.bound != -one.bound
    )


def _date_held(value: str, among: Sequence[_Stated], there: Sequence[_Stated]) -> bool:
    """Tell whether a date is among others: itself, a day of it, or without its year.

    The year is then looked for in what stands round the sentence.
    """
    others = {o.quantity.value for o in among if o.quantity.kind in {"date", "time"}}
    if any(other == value or other.startswith(f"{value}-") for other in others):
        return True
    if value.startswith("--"):
        return any(other[4:].startswith(value[1:]) for other in others)
    year, rest = value[:4], value[4:]
    if (rest and f"-{rest}" in others) or any(o.startswith(f"-{rest}-") for o in others if rest):
        return any(o.quantity.kind == "date" and o.quantity.value.startswith(year) for o in there)
    return False


def _same_amount(one: Quantity, other: Quantity, *, about: bool) -> bool:
    if other.kind in {"date", "time"} or (one.kind == "ordinal") != (other.kind == "ordinal"):
        return False
    if (one.kind == "percent") != (other.kind == "percent"):
        return _as_share(one) == _as_share(other) is not None
    if not _same_unit(one, other):
        return VAGUE in {one.unit, other.unit} and _vaguely(one, other)
    if one.value == other.value or not about or "/" in one.value + other.value:
        return one.value == other.value
    a, b = float(one.value), float(other.value)
    return abs(a - b) <= _ROUNDED * abs(b)


def _same_unit(one: Quantity, other: Quantity) -> bool:
    """Tell whether units agree; what has none may be of any, save points, vague ones and words."""
    strict = {VAGUE, "weekday", "half", "pp"}
    if one.unit == other.unit:
        return True
    return not (one.unit and other.unit) and not strict & {one.unit, other.unit}


def _as_share(quantity: Quantity) -> str | None:
    """Return a share as a fraction, whether it is told in percent or not; twice is 100 % more."""
    if quantity.unit == "×" and quantity.value == "2":
        return "1"
    shares = {"100": "1", "50": "1/2", "0.5": "1/2", "1/2": "1/2", "25": "1/4", "1/4": "1/4"}
    return shares.get(quantity.value) if quantity.unit in {None, "×"} else None


def _vaguely(one: Quantity, other: Quantity) -> bool:
    """Tell whether an exact number is of the size of a vague one: hundreds, 365."""
    vague, exact = (one, other) if one.unit == VAGUE else (other, one)
    if exact.unit == VAGUE or "/" in exact.value:
        return False
    return float(vague.value) <= float(exact.value) < 10 * float(vague.value)
