"""Index terms of quantities, the same in both languages and every notation."""

from collections.abc import Iterator
from decimal import Decimal

from pincite.quantities.find import Quantity, quantities


def quantity_terms(text: str) -> list[str]:
    """List the distinct index terms of a text's quantities, the same in every notation.

    A number gives ``#500000``, a percentage ``#30%``, a date itself and what contains it
    (``#2024-11-05``, ``#--11-05``, ``#2024-11``, ``#2024``), a time ``#15:30``, an ordinal ``#21.``
    Whole numbers and ordinals below ten give none: they are too common to find anything by. Nor
    do units: who asks for 50万元 also means 500,000 where the article leaves the currency out.
    """
    return list(dict.fromkeys(t for quantity in quantities(text) for t in _terms(quantity)))


def _terms(quantity: Quantity) -> Iterator[str]:
    value = quantity.value
    if quantity.kind == "date":
        yield from (f"#{part}" for part in _date_parts(value))
    elif quantity.kind == "time":
        yield f"#{value}"
    elif quantity.kind == "percent":
        yield f"#{value}{quantity.unit or '%'}"
    elif "/" in value or abs(Decimal(value)) >= 10 or "." in value:
        yield f"#{value}." if quantity.kind == "ordinal" else f"#{value}"


def _date_parts(value: str) -> Iterator[str]:
    if not value.startswith("---"):
        yield value
    if value[0] != "-" and len(value) > 4:
        if len(value) == 10:
            yield f"-{value[4:]}"
            yield value[:7]
        yield value[:4]
