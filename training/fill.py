"""Fills the slots of templates, the same on the English and the Chinese side."""

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

from amounts import DRAWN, Pair, dated
from slots import person

SLOT = re.compile(r"\{([a-z_]+?)(\d?)\}")
_PLURAL = re.compile(r"\{([a-z]+)\}s\b")
_PRONOUNS = {"he": ("he", "she"), "his": ("his", "her"), "him": ("him", "her")}
_ARTICLE = re.compile(r"(\ba|^A) (?=[aeiouAEIO](?!ni[^nm]|uro|ne\b|ser))")
MODERN = re.compile(
    r"\{(company|brand|club|product|device|software|document|department|rule)"
    r"|airport|flight|railway|film|album"
)
# Names that Chinese text often leaves in English.
SWITCHABLE = {
    *("person company brand place university club entity term field product work".split()),
    *("software disease goods award genre music device noun position department".split()),
}


def read_templates(path: Path) -> list[Pair]:
    """Read English<TAB>Chinese templates.

    Raises:
        ValueError: If the two sides of a template have different slots.
    """
    pairs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        english, chinese = line.split("\t")
        slots = [
            {match.group() for match in SLOT.finditer(side) if match[1] not in _PRONOUNS}
            for side in (english, chinese)
        ]
        if slots[0] != slots[1]:
            raise ValueError(f"{path.name}: slots differ: {sorted(slots[0] ^ slots[1])} in {line}")
        pairs.append((english, chinese))
    return pairs


def plural(noun: str) -> str:
    """Return the plural of an English noun, for the nouns of slots.tsv."""
    if noun in {"deer", "sheep", "salmon"}:
        return noun
    if noun == "wolf":
        return "wolves"
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(s|x|ch)$", noun) else "s")


@dataclass(slots=True)
class Scene:
    """What stays the same over the sentences of one text."""

    values: dict[str, Pair] = field(default_factory=dict)
    years: list[int] = field(default_factory=list)
    woman: bool = False


class Filler:
    """Fills templates with values drawn from the pools."""

    def __init__(self, pools: dict[str, list[Pair]], draw: random.Random) -> None:
        self.pools = pools
        self.draw = draw

    def value(self, kind: str) -> Pair:
        """Draw a value for one kind of slot."""
        if kind == "person":
            return person(self.pools, self.draw)
        if kind in DRAWN:
            return DRAWN[kind](self.draw)
        return self.draw.choice(self.pools[kind])

    def values(self, template: Pair, scene: Scene) -> dict[str, Pair]:
        """Draw the values of a template's slots; those of one kind differ."""
        found = dict(scene.values)
        first = first_year(template[0], self.draw)
        years = sorted(scene.years or self.draw.sample(range(first, 2025), 4))
        # In the order of their numbers, so that {year1} comes before {year2}.
        for kind, digit in sorted(set(SLOT.findall(template[0]))):
            slot = kind + digit
            if slot in found or kind in _PRONOUNS:
                continue
            if kind in ("year", "month", "date"):
                found[slot] = dated(kind, self.draw, years.pop(0))
                continue
            value = self.value(kind)
            while value in found.values() and kind in self.pools:
                value = self.value(kind)
            found[slot] = value
        return found

    def fill(self, template: Pair, scene: Scene) -> tuple[Pair, dict[str, Pair]]:
        """Return a filled template and the values it was filled with."""
        values = self.values(template, scene)
        return rendered(template, values, scene.woman), values

    def switched(self, template: Pair, values: dict[str, Pair], woman: bool) -> Pair | None:
        """Return the filled template with one name left in English on the Chinese side."""
        slots = ["".join(found) for found in SLOT.findall(template[1]) if found[0] in SWITCHABLE]
        if not slots:
            return None
        slot = self.draw.choice(slots)
        name = re.sub("^(the|an?) ", "", values[slot][0])
        space = self.draw.choice(["", " "])
        kept = {**values, slot: (values[slot][0], f"{space}{name}{space}")}
        english, chinese = rendered(template, kept, woman)
        return english, re.sub(r"(?<=[，。？、《》“”]) | (?=[，。？、《》“”])", "", chinese).strip()


def first_year(english: str, draw: random.Random) -> int:
    """Return the earliest year that suits a template: firms and products are modern."""
    if MODERN.search(english):
        return 1960
    return draw.choice([1650, 1850, 1900, 1950])


def rendered(template: Pair, values: dict[str, Pair], woman: bool) -> Pair:
    """Put values into both sides and mend the English articles, plurals and capitals."""

    def value(match: re.Match[str], side: int) -> str:
        if match[1] in _PRONOUNS:
            return _PRONOUNS[match[1]][woman] if side == 0 else "她" if woman else "他"
        return values[match[1] + match[2]][side]

    english = _PLURAL.sub(lambda match: plural(values[match[1]][0]), template[0])
    english = SLOT.sub(lambda match: value(match, 0), english)
    chinese = SLOT.sub(lambda match: value(match, 1), template[1])
    english = _ARTICLE.sub(r"\1n ", english).replace(" the the ", " the ")
    # "F.C." and "Ltd." also end the sentence.
    english = english.replace("..", ".")
    return english[0].upper() + english[1:], chinese
