"""Stage 1: read the parallel text, clean it, and write it down once.

Writes into the work folder:

* ``sentences.tsv.gz``, ``terms.tsv.gz`` and ``passages.tsv.gz``:
  source<TAB>English<TAB>Chinese, deduplicated over all sources, in a fixed order;
  a passage is a run of neighbouring sentences of one text;
* ``sources.json``: what was used and what was left out, with counts and licences.
"""

import argparse
import gzip
import json
import random
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from opencc import OpenCC
from tqdm import tqdm

from sources import SOURCES, Source

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_SPACE = re.compile(r"\s+")
_MARKUP = re.compile(r"`{1,2}|\*\*|__|<[^<>]{1,60}>|:[a-z]+:(?=`)|\{[^{}]{0,40}\}")
_CJK_GAP = re.compile(r"(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]) +(?=[\u3000-\u9fff])")


def clean(text: str) -> str:
    """Return `text` without markup, control characters or runs of white space."""
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cf") else c for c in text)
    return _SPACE.sub(" ", _MARKUP.sub("", text)).strip()


def plausible(english: str, chinese: str, kind: str) -> bool:
    """Tell whether a pair can be a translation, from its letters and lengths.

    English runs to about 3.3 characters for each Chinese one; a sentence pair
    outside 0.8 to 9 is misaligned or mostly code.
    """
    han = len(HAN.findall(chinese))
    letters = sum(c.isascii() and c.isalpha() for c in english)
    if han == 0 or letters == 0 or HAN.search(english):
        return False
    if kind == "term":
        return len(chinese) <= 30 and len(english) <= 300
    wide_enough = han >= 0.3 * len(chinese) and letters >= 0.5 * len(english)
    return (
        wide_enough
        and 3 <= len(chinese) <= 400
        and len(english) <= 1500
        and 0.8 <= len(english) / len(chinese) <= 9
    )


def read_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (English, Chinese) for each well-formed line of a gzip-compressed TSV file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            english, tab, chinese = line.rstrip("\n").partition("\t")
            if tab:
                yield english, chinese


def cleaned(source: Source, folder: Path, simplify: OpenCC) -> Iterator[tuple[str, str]]:
    """Yield the plausible pairs of one source, cleaned, Chinese in simplified script."""
    for left, right in read_pairs(folder / f"{source.name}.tsv.gz"):
        english = clean(left)
        chinese = _CJK_GAP.sub("", clean(simplify.convert(right)))
        if plausible(english, chinese, source.kind):
            yield english, chinese


def deduplicated(
    source: Source, folder: Path, simplify: OpenCC, seen: set[str]
) -> list[tuple[str, str]]:
    """Return the pairs of one source that no earlier source holds; `seen` grows.

    Terms are compared as pairs, since one word has many translations; sentences
    by their Chinese side.
    """
    kept = []
    for english, chinese in cleaned(source, folder, simplify):
        # NTREX translates the same English twice, for two regions: both are kept.
        key = f"{english.lower()}\t{chinese}" if source.kind == "term" else chinese
        if key not in seen:
            seen.add(key)
            kept.append((english, chinese))
    return kept


def passages(
    pairs: list[tuple[str, str]], limit: int, draw: random.Random
) -> Iterator[tuple[str, str]]:
    """Join neighbouring pairs into passages of 60 to 220 Chinese characters, up to `limit`."""
    english: list[str] = []
    chinese: list[str] = []
    wanted = draw.randint(60, 220)
    made = 0
    for en, zh in pairs:
        if made == limit:
            return
        english.append(en)
        chinese.append(zh)
        if sum(map(len, chinese)) >= wanted:
            if len(english) > 1:
                made += 1
                yield " ".join(english), "".join(chinese)
            english, chinese = [], []
            wanted = draw.randint(60, 220)


def main() -> None:
    """Run the stage."""
    parser = argparse.ArgumentParser(description="Clean and deduplicate the parallel text.")
    parser.add_argument("--parallel", type=Path, required=True, help="folder of the .tsv.gz files")
    parser.add_argument("--work", type=Path, required=True, help="folder for intermediate files")
    parser.add_argument("--seed", type=int, default=13, help="order of the written pairs")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)

    simplify = OpenCC("t2s")
    seen: set[str] = set()
    draw = random.Random(args.seed)
    rows: dict[str, list[tuple[str, str, str]]] = {"sentence": [], "term": [], "passage": []}
    listed = []
    for source in tqdm(SOURCES, desc="sources"):
        pairs = deduplicated(source, args.parallel, simplify, seen) if source.used else []
        rows[source.kind].extend((source.name, en, zh) for en, zh in pairs)
        if source.joined:
            joined = passages(pairs, source.joined, draw)
            rows["passage"].extend((source.name, en, zh) for en, zh in joined)
        listed.append(
            {
                "name": source.name,
                "origin": source.origin,
                "licence": source.licence,
                "kind": source.kind,
                "used": source.used,
                "pairs": len(pairs),
                "weight": source.weight,
                "note": source.note,
            }
        )
    for kind, items in rows.items():
        draw.shuffle(items)
        with gzip.open(args.work / f"{kind}s.tsv.gz", "wt", encoding="utf-8") as out:
            out.writelines("\t".join(item) + "\n" for item in items)
        print(f"{kind}s: {len(items):,} pairs")
    (args.work / "sources.json").write_text(
        json.dumps(listed, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
