"""Which of a statement's quantities sentences hold, in whatever notation or language."""

import re
from collections.abc import Sequence

from pincite.answer.facts import Facts
from pincite.quantities.find import Quantity

_ABOUT_BEFORE = re.compile(
    r"(?:\b(?:about|around|approximately|roughly|nearly|almost|some|over|under|more than|less than"
    r"|up to|at least|close to)\s|约|大约|近|超过?|逾|不足|不到|至少|将近|接近)\s?[^\s\w]?$",
    re.IGNORECASE,
)
_ABOUT_AFTER = re.compile(r"\s?(?:左右|上下|多|余|or so\b|or more\b)")
_ROUNDED = 0.06


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
    here = [q for sentence in sentences for q in sentence.quantities]
    there = [*here, *around]
    missing, elsewhere, small = [], 0, 0
    for quantity in statement.quantities:
        about = _is_about(statement.text, quantity)
        if _held(quantity, here, there, about=about):
            continue
        if _is_small(quantity):
            small += 1
        elif _held(quantity, there, there, about=about):
            elsewhere += 1
        else:
            missing.append(quantity)
    return missing, elsewhere, small


def _is_small(quantity: Quantity) -> bool:
    return (
        quantity.kind in {"number", "ordinal"}
        and quantity.unit is None
        and len(quantity.value) == 1
    )


def _is_about(text: str, quantity: Quantity) -> bool:
    before = text[max(0, quantity.start - 16) : quantity.start]
    return bool(_ABOUT_BEFORE.search(before) or _ABOUT_AFTER.match(text, quantity.end))


def _held(
    quantity: Quantity, among: Sequence[Quantity], there: Sequence[Quantity], *, about: bool
) -> bool:
    if quantity.kind in {"date", "time"}:
        return _date_held(quantity.value, among, there)
    return any(_same_amount(quantity, other, about=about) for other in among)


def _date_held(value: str, among: Sequence[Quantity], there: Sequence[Quantity]) -> bool:
    """Tell whether a date is among others: itself, a day of it, or without its year.

    The year is then looked for in what stands round the sentence.
    """
    others = {q.value for q in among if q.kind in {"date", "time"}}
    if any(other == value or other.startswith(f"{value}-") for other in others):
        return True
    if value.startswith("--"):
        return any(other[4:].startswith(value[1:]) for other in others)
    year, rest = value[:4], value[4:]
    if (rest and f"-{rest}" in others) or any(o.startswith(f"-{rest}-") for o in others if rest):
        return any(q.kind == "date" and q.value.startswith(year) for q in there)
    return False


def _same_amount(one: Quantity, other: Quantity, *, about: bool) -> bool:
    if other.kind in {"date", "time"} or (one.kind == "ordinal") != (other.kind == "ordinal"):
        return False
    if (one.kind == "percent") != (other.kind == "percent"):
        return False
    if one.unit and other.unit and one.unit != other.unit:
        return False
    if one.value == other.value:
        return True
    if not about or "/" in one.value + other.value:
        return False
    a, b = float(one.value), float(other.value)
    return abs(a - b) <= _ROUNDED * abs(b)
