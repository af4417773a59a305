"""Write questions, statements and short passages from templates in two languages.

Sentences of documentation, laws and phrase books hold few questions and few names,
dates and amounts. The templates (``templates/*.tsv``, written for this project, CC0)
add them; their slots are filled with the names and terms that prepare.py kept. What
the sentences claim is invented.

Writes ``templateds.tsv.gz`` into the work folder: source<TAB>English<TAB>Chinese; adds
itself to ``sources.json``.
"""

import argparse
import gzip
import json
import random
from collections import defaultdict
from pathlib import Path

from amounts import Pair
from base import read_triples
from fill import MODERN, SLOT, SWITCHABLE, Filler, Scene, read_templates, rendered
from slots import listed_values, name_pools

TEMPLATES = Path(__file__).parent / "templates"
SOURCE = {
    "name": "templates",
    "origin": "our own templates (`training/templates/`)",
    "licence": "CC0 1.0",
    "kind": "templated",
    "used": True,
    "weight": 1.0,
    "note": "what the sentences claim is invented",
}
SWITCHED = 0.12
# How a passage calls its subject after the first sentence.
_AGAIN: dict[str, Pair] = {
    "place": ("the city", "该市"),
    "company": ("the company", "该公司"),
    "country": ("the country", "该国"),
    "university": ("the university", "该校"),
    "club": ("the club", "该俱乐部"),
    "brand": ("the brand", "该品牌"),
    "language": ("the language", "该语言"),
}
_SUBJECTS = {"person": 8, "place": 7, "company": 8, "country": 4, "university": 1}
_SUBJECTS |= {"club": 1, "brand": 1, "work": 2, "language": 1}
# A statement that begins with one of these is not about the place or person it names.
_OTHER_SUBJECTS = {
    *("animal cause crop element entity event genre goods noun plant religion".split()),
    *("risk term".split()),
}
_HEADINGS = (
    ("History of {}", "{}的历史"),
    ("{}", "{}"),
    ("About {}", "关于{}"),
    ("{}: overview", "{}概况"),
    ("{}: background", "{}：背景"),
    ("Introduction to {}", "{}简介"),
)


def lines(templates: list[Pair], wanted: int, filler: Filler) -> list[Pair]:
    """Fill the templates in turn until `wanted` different lines are made, then switch some."""
    made: dict[str, Pair] = {}
    extra: list[Pair] = []
    draw = filler.draw
    # Templates without enough values are left behind; the rest go on.
    for turn in range(3 * wanted):
        if len(made) >= wanted:
            break
        template = templates[turn % len(templates)]
        scene = Scene(woman=draw.random() < 0.5)
        (english, chinese), values = filler.fill(template, scene)
        if chinese in made:
            continue
        if chinese.endswith("？") and draw.random() < 0.1:
            english, chinese = english.rstrip("?"), chinese.rstrip("？")
        made[chinese] = english, chinese
        if draw.random() < SWITCHED:
            variant = filler.switched(template, values, scene.woman)
            extra += [variant] if variant else []
    return list(made.values()) + extra


def by_subject(statements: list[Pair]) -> dict[str, list[Pair]]:
    """Group the statements by what they are about: the first slot that names a subject."""
    grouped: dict[str, list[Pair]] = defaultdict(list)
    for english, chinese in statements:
        slots = SLOT.findall(english)
        subject = next((kind for kind, digit in slots if kind in _SUBJECTS and not digit), None)
        if subject and slots[0][0] not in _OTHER_SUBJECTS:
            grouped[subject].append((english, chinese))
    return grouped


def named_again(subject: str, template: Pair, scene: Scene, draw: random.Random) -> Pair | None:
    """Return what to call the subject in a later sentence, or None for its full name."""
    if draw.random() < 0.45:
        return None
    if subject != "person":
        unfit = "Battle of" in template[0] or "{place}市的" in template[1]
        return None if unfit else _AGAIN.get(subject)
    if template[0].startswith("{person} ") and template[1].startswith("{person}"):
        return ("she", "她") if scene.woman else ("he", "他")
    english, chinese = scene.values["person"]
    return (english.split()[-1], chinese.split("·")[-1]) if "·" in chinese else None


def chosen(templates: list[Pair], draw: random.Random) -> list[Pair]:
    """Return up to 7 statements in the order of the file, the first one an opening.

    Neighbours in the file say similar things, so those taken lie apart.
    """
    places = [draw.randrange(min(3, len(templates)))]
    for place in draw.sample(range(len(templates)), len(templates)):
        if len(places) < 7 and place > 3 and all(abs(place - other) > 1 for other in places):
            places.append(place)
    return [templates[place] for place in sorted(places)]


def passage(subject: str, templates: list[Pair], filler: Filler) -> tuple[Pair, Pair | None] | None:
    """Return 3 to 7 statements about one subject and perhaps a code-switched variant."""
    draw = filler.draw
    scene = Scene(values={subject: filler.value(subject)}, woman=draw.random() < 0.5)
    first = 1960 if MODERN.match(f"{{{subject}") else draw.randint(1750, 1945)
    years = sorted(draw.sample(range(first, min(first + 80, 2025)), 14))
    name = scene.values[subject]
    texts: list[Pair] = []
    variants: list[Pair] = []
    if draw.random() < 0.2:
        heading = draw.choice(_HEADINGS[subject in ("person", "work") :])
        english = heading[0].format(name[0])
        texts.append((english[0].upper() + english[1:] + "\n", heading[1].format(name[1]) + "\n"))
        variants.append((texts[0][0], heading[1].format(name[0]) + "\n"))
    wanted = draw.randint(60, 180)
    length, said = 0, 0
    picks = chosen(templates, draw)
    # A sample kept in the order of the file, so that a life runs from birth to death.
    keep = {0, *draw.sample(range(1, len(picks)), min(len(picks) - 1, draw.randint(2, 6)))}
    for place in sorted(keep):
        template = picks[place]
        again = named_again(subject, template, scene, draw) if said else None
        scene.years = years[2 * said : 2 * said + 2]
        full = filler.values(template, scene)
        values = {**full, subject: again} if again else full
        text = rendered(template, values, scene.woman)
        texts.append(text)
        # The variant keeps the subject's name in English throughout.
        foreign = values if again else {**full, subject: (name[0], name[0])}
        variants.append(rendered(template, foreign, scene.woman))
        length += len(text[1])
        said += 1
        if length >= wanted and said >= 3:
            break
    if said < 3 or not 60 <= length <= 220:
        return None
    joined = joined_text(texts)
    keep_variant = draw.random() < SWITCHED and subject in SWITCHABLE
    return joined, joined_text(variants) if keep_variant else None


def joined_text(texts: list[Pair]) -> Pair:
    """Join sentences into one line; a heading is set off by a space."""
    english = " ".join(en.strip() for en, _ in texts)
    chinese = "".join(zh.replace("\n", " ") for _, zh in texts)
    return english, chinese


def passages(statements: list[Pair], wanted: int, filler: Filler) -> list[Pair]:
    """Make `wanted` different passages, and variants of some."""
    grouped = by_subject(statements)
    made: dict[str, Pair] = {}
    extra: list[Pair] = []
    for _ in range(20 * wanted):
        if len(made) >= wanted:
            break
        subject = filler.draw.choices(list(_SUBJECTS), list(_SUBJECTS.values()))[0]
        found = passage(subject, grouped[subject], filler)
        if found is None or found[0][1] in made:
            continue
        made[found[0][1]] = found[0]
        extra += [found[1]] if found[1] else []
    return list(made.values()) + extra


def main() -> None:
    """Run the stage."""
    parser = argparse.ArgumentParser(description="Make parallel text from templates.")
    parser.add_argument("--work", type=Path, required=True, help="folder of terms.tsv.gz")
    parser.add_argument("--seed", type=int, default=13, help="choice and order of the lines")
    parser.add_argument("--questions", type=int, default=50_000)
    parser.add_argument("--statements", type=int, default=60_000)
    parser.add_argument("--passages", type=int, default=12_000)
    args = parser.parse_args()

    draw = random.Random(args.seed)
    pools = name_pools(read_triples(args.work / "terms.tsv.gz"))
    filler = Filler(pools | listed_values(TEMPLATES / "slots.tsv"), draw)
    statements = read_templates(TEMPLATES / "statements.tsv")
    parts = {
        "questions": lines(read_templates(TEMPLATES / "questions.tsv"), args.questions, filler),
        "statements": lines(statements, args.statements, filler),
        "passages": passages(statements, args.passages, filler),
    }
    for name, pairs in parts.items():
        print(f"{name}: {len(pairs):,} with code-switched variants")
    unique = list({zh: (en, zh) for pairs in parts.values() for en, zh in pairs}.values())
    draw.shuffle(unique)
    with gzip.open(args.work / "templateds.tsv.gz", "wt", encoding="utf-8") as out:
        out.writelines(f"templates\t{en}\t{zh}\n" for en, zh in unique)
    listed = args.work / "sources.json"
    sources = json.loads(listed.read_text(encoding="utf-8"))
    sources = [entry for entry in sources if entry["name"] != "templates"]
    sources.append(SOURCE | {"pairs": len(unique)})
    listed.write_text(json.dumps(sources, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
