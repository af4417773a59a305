"""Stage 2: choose Chinese words and characters and add them to MiniLM's tokenizer.

Words are ranked by frequency (jieba's general-text counts and our own text, drawn
by source weight) among those that a dictionary explains. Names of people, places and
firms follow, since a name read character by character seldom meets its English form.
All become added tokens matched longest-first on folded text; every other character
goes to MiniLM's own WordPiece, so English is tokenised as before and English ids stay
the same.

Writes ``tokenizer.json`` and ``pieces.tsv`` (id<TAB>piece, the rows to be trained).
"""

import argparse
import json
import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jieba
from tqdm import tqdm

from base import base_folder, read_triples, source_weights
from charsmap import folding_rules, precompiled_charsmap

WORDS, NAMES, CHARACTERS = 32_000, 22_000, 7_000

_HAN_WORD = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_NAME = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2,6}")
_NAMES = ("person_names", "dbpedia_entities", "natural_earth", "hk_companies", "osm_brands", "cldr")
# Chinese marks that English never uses: their rows may be trained as well.
_MARKS = ("《", "》", "〈", "〉", "・", "～")


def folder_of(rules: dict[str, str]) -> Any:
    """Return a function that folds text as the tokenizer's normalizer does."""
    table = str.maketrans(rules)
    return lambda text: text.translate(table)


def general_counts() -> Counter[str]:
    """Return jieba's word counts over general Chinese text."""
    counts: Counter[str] = Counter()
    with jieba.get_dict_file() as lines:
        for line in lines:
            word, count, *_ = line.decode("utf-8").split(" ")
            counts[word] = int(count)
    return counts


def own_counts(work: Path) -> Counter[str]:
    """Count the words of the prepared sentences, each source by its weight."""
    weights = source_weights(work)
    counts: Counter[str] = Counter()
    for source, _, chinese in tqdm(read_triples(work / "sentences.tsv.gz"), desc="words"):
        for word in jieba.cut(chinese, HMM=False):
            counts[word] += weights[source]  # type: ignore[assignment]
    return counts


def ranked(work: Path, fold: Any) -> dict[str, float]:
    """Return folded Han words and characters with their share of all running words."""
    shares: Counter[str] = Counter()
    for counts, trust in ((general_counts(), 0.7), (own_counts(work), 0.3)):
        total = sum(counts.values())
        for word, count in counts.items():
            folded = fold(word)
            if _HAN_WORD.fullmatch(folded):
                shares[folded] += trust * count / total  # type: ignore[assignment]
    return dict(shares)


def choose(work: Path, fold: Any, words: int, names: int, characters: int) -> list[str]:
    """Return the most frequent explained words, then names, then the most frequent characters."""
    shares = ranked(work, fold)
    explained: set[str] = set()
    for source, _, chinese in read_triples(work / "terms.tsv.gz"):
        if source != "person_names":
            explained.add(fold(chinese))
    # A dictionary word that no text showed still makes a better piece than none.
    floor = 1e-9
    scores = {word: shares.get(word, floor) for word in explained | set(shares)}

    def unexplained_penalty(word: str) -> float:
        return 1.0 if word in explained else 0.05

    long = [w for w in scores if 2 <= len(w) <= 8 and _HAN_WORD.fullmatch(w)]
    long.sort(key=lambda w: (-math.log(scores[w] * unexplained_penalty(w)), w))
    single: Counter[str] = Counter()
    for word, share in shares.items():
        for character in word:
            single[character] += share / len(word)  # type: ignore[assignment]
    for word in explained:
        for character in word:
            if _HAN_WORD.fullmatch(character):
                single[character] += floor  # type: ignore[assignment]
    alone = sorted(single, key=lambda c: (-single[c], c))
    chosen = long[:words]
    listed = choose_names(work, fold, shares, names, set(chosen))
    return chosen + listed + alone[:characters]


def choose_names(
    work: Path, fold: Any, shares: dict[str, float], count: int, known: set[str]
) -> list[str]:
    """Return the names most likely to be met that are not pieces yet.

    A name that general text uses comes first, then one that renders many English
    spellings (艾伦: Allen, Alan, Ellen), then those that an encyclopaedia lists.
    """
    spellings: dict[str, set[str]] = {}
    listed: set[str] = set()
    for source, english, chinese in read_triples(work / "terms.tsv.gz"):
        name = fold(chinese)
        if source in _NAMES and _NAME.fullmatch(name) and name not in known:
            spellings.setdefault(name, set()).add(english.lower())
            if source not in ("person_names", "hk_companies"):
                listed.add(name)
    ordinary = ordinary_words(work, spellings)
    ranking = sorted(
        spellings.keys() - ordinary,
        key=lambda n: (
            -(len(spellings[n]) + (n in listed) + (shares.get(n, 0) > 0)),
            -shares.get(n, 0),
            len(n),
            n,
        ),
    )
    return ranking[:count]


def ordinary_words(work: Path, spellings: dict[str, set[str]]) -> set[str]:
    """Return the supposed names that running text mostly uses as something else.

    Longest-first matching would cut a sentence wrongly at them.
    """
    named: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for _, english, chinese in tqdm(read_triples(work / "sentences.tsv.gz"), desc="names"):
        lower = english.lower()
        for start in range(len(chinese)):
            for length in range(2, 5):
                part = chinese[start : start + length]
                if part in spellings:
                    met[part] += 1
                    named[part] += any(spelling in lower for spelling in spellings[part])
    return {part for part, times in met.items() if named[part] < 0.5 * times}


def extended(base: dict[str, Any], pieces: list[str], charsmap: str) -> dict[str, Any]:
    """Return MiniLM's tokenizer.json with the folding and the pieces added."""
    tokenizer = dict(base)
    vocabulary: dict[str, int] = base["model"]["vocab"]
    next_id = len(vocabulary)
    added = list(base["added_tokens"])
    for piece in pieces:
        piece_id = vocabulary.get(piece, next_id)
        next_id += piece_id == next_id
        added.append(
            {
                "id": piece_id,
                "content": piece,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": True,
                "special": False,
            }
        )
    tokenizer["added_tokens"] = sorted(added, key=lambda token: token["id"])
    # Pieces are cut out before WordPiece, so spaces round each character are not needed.
    bert = {**base["normalizer"], "handle_chinese_chars": False}
    fold = {"type": "Precompiled", "precompiled_charsmap": charsmap}
    tokenizer["normalizer"] = {"type": "Sequence", "normalizers": [fold, bert]}
    rare = {"type": "Split", "pattern": {"Regex": r"\p{Han}"}, "behavior": "Isolated"}
    tokenizer["pre_tokenizer"] = {
        "type": "Sequence",
        "pretokenizers": [base["pre_tokenizer"], {**rare, "invert": False}],
    }
    tokenizer["truncation"] = tokenizer["padding"] = None
    return tokenizer


def main() -> None:
    """Run the stage."""
    parser = argparse.ArgumentParser(description="Add Chinese pieces to MiniLM's tokenizer.")
    parser.add_argument("--work", type=Path, required=True, help="folder for intermediate files")
    parser.add_argument("--base", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--words", type=int, default=WORDS, help="words to add")
    parser.add_argument("--names", type=int, default=NAMES, help="names to add")
    parser.add_argument("--characters", type=int, default=CHARACTERS, help="characters to add")
    args = parser.parse_args()

    rules = folding_rules()
    pieces = choose(args.work, folder_of(rules), args.words, args.names, args.characters)
    base_file = base_folder(args.base) / "tokenizer.json"
    base = json.loads(base_file.read_text(encoding="utf-8"))
    result = extended(base, pieces, precompiled_charsmap(rules))
    (args.work / "tokenizer.json").write_text(
        json.dumps(result, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )
    ids = {token["content"]: token["id"] for token in result["added_tokens"]}
    rows = [(ids[piece], piece) for piece in pieces]
    rows += [(base["model"]["vocab"][mark], mark) for mark in _MARKS]
    lines = [f"{piece_id}\t{piece}\n" for piece_id, piece in sorted(rows)]
    (args.work / "pieces.tsv").write_text("".join(lines), encoding="utf-8")
    print(
        f"{len(rules):,} characters folded, {len(rows):,} rows to train, "
        f"{max(ids.values()) + 1:,} ids in all"
    )


if __name__ == "__main__":
    main()
