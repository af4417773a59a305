"""What a run must reach: minimums, maximums, and how far a figure may fall."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pincite.errors import InputError
from pincite.evaluate.measures import Figures
from pincite.evaluate.names import MEANINGS

_NUMBER = re.compile(r"\d+|\d*\.\d+")


@dataclass(frozen=True, slots=True)
class Gates:
    """Figure → what it must not fall below, not pass, and not fall by against another run."""

    minimums: Mapping[str, float]
    maximums: Mapping[str, float]
    drops: Mapping[str, float]


def parse_gates(option: str, given: Sequence[str], names: Sequence[str]) -> dict[str, float]:
    """Read ``NAME=VALUE`` pairs of an option.

    Raises:
        InputError: If a name is not one of ``names``, or a value is not a number from 0 on; for
            a figure that is a share, from 0 to 1.
    """
    gates: dict[str, float] = {}
    for pair in given:
        name, _, value = pair.partition("=")
        if name not in names:
            raise InputError(
                f'{option} "{pair}": no figure "{name}" that {option} takes here; it takes'
                f" {', '.join(names)}"
            )
        most = 1 if MEANINGS[name].kind == "share" else float("inf")
        if not _NUMBER.fullmatch(value) or float(value) > most:
            bounds = "from 0 to 1" if most == 1 else "from 0 on"
            raise InputError(f'{option} "{pair}": write {name}=VALUE, with a value {bounds}')
        gates[name] = float(value)
    return gates


def missed(figures: Figures, gates: Gates) -> list[str]:
    """List the minimums and maximums that the figures miss, as lines to print."""
    lines = []
    for name, least in gates.minimums.items():
        value = figures.get(name)
        if value is None:
            lines.append(f"{name} could not be measured, wanted at least {least:g}")
        elif value < least:
            lines.append(f"{name} is {_exact(name, value)}, wanted at least {least:g}")
    for name, most in gates.maximums.items():
        value = figures.get(name)
        if value is None:
            lines.append(f"{name} could not be measured, wanted at most {most:g}")
        elif value > most:
            lines.append(f"{name} is {_exact(name, value)}, wanted at most {most:g}")
    return lines


def _exact(name: str, value: float) -> str:
    return f"{value:.4f}" if MEANINGS[name].kind == "share" else f"{value:g}"


def dropped(before: Figures, now: Figures, gates: Gates) -> list[str]:
    """List the figures that fell by more than they may, as lines to print."""
    lines = []
    for name, most in gates.drops.items():
        old, value = before.get(name), now.get(name)
        if value is None or old is None:
            lines.append(f"{name} could not be compared, wanted a fall of at most {most:g}")
        # Differences of shares: what decimals cannot hold must not decide.
        elif old - value > most + 1e-9:
            lines.append(f"{name} fell from {old:.4f} to {value:.4f}, wanted at most {most:g} less")
    return lines
