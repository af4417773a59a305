"""Stage 3: give every Chinese piece a first embedding row from its English meaning.

A row is the mean of MiniLM's own rows for the tokens of the piece's English
glosses, the first glosses weighing most. A piece without glosses gets the mean of
its characters. The result already retrieves across the two languages; training
only improves on it.

Writes ``rows.npy``, one row per line of ``pieces.tsv``.
"""

import argparse
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from align import aligned_rows
from base import (
    DIMENSION,
    base_folder,
    base_rows,
    plain_tokenizer,
    read_pieces,
    read_triples,
)
from charsmap import folding_rules

GLOSSES = 4
NORM_SHARE = 0.9

_NOT_A_MEANING = re.compile(
    r"variant of|^surname |^see |^used in |^abbr\. |classifier for|^CL:|^also written", re.I
)
_PARENTHESES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_LEAD = re.compile(r"^(to be|to|a|an|the|lit\.|fig\.) ", re.I)

Rows = NDArray[np.float32]


def glosses_of(english: str) -> list[str]:
    """Split one dictionary definition into bare meanings."""
    meanings = []
    for gloss in english.split(";"):
        if _NOT_A_MEANING.search(gloss.strip()):
            continue
        # A long definition begins with the name or the word itself.
        bare = _PARENTHESES.sub(" ", gloss).split(",")[0]
        bare = _LEAD.sub("", " ".join(bare.split()))
        if bare and len(bare) <= 60:
            meanings.append(bare)
    return meanings


def collect_glosses(work: Path) -> dict[str, list[str]]:
    """Return the distinct meanings of each folded Chinese term, dictionaries first."""
    table = str.maketrans(folding_rules())
    order = {"cedict": 0, "cow_wordnet": 1, "person_names": 3}
    triples = read_triples(work / "terms.tsv.gz")
    # Entries with more meanings describe a word better than a surname or a place does.
    triples.sort(key=lambda t: (order.get(t[0], 2), -len(glosses_of(t[1])), t[1]))
    found: defaultdict[str, list[str]] = defaultdict(list)
    for _, english, chinese in triples:
        known = found[chinese.translate(table)]
        known.extend(g for g in glosses_of(english) if g not in known)
    return found


def gloss_rows(
    pieces: list[str], glosses: dict[str, list[str]], tokenizer: Tokenizer, table: Rows
) -> tuple[Rows, NDArray[np.bool_]]:
    """Return a row per piece, weighted 1/(1+k) over its first glosses, and which have one."""
    rows = np.zeros((len(pieces), DIMENSION), dtype=np.float32)
    has = np.zeros(len(pieces), dtype=bool)
    for i, piece in enumerate(pieces):
        total = 0.0
        for k, gloss in enumerate(glosses.get(piece, [])[:GLOSSES]):
            ids = tokenizer.encode(gloss, add_special_tokens=False).ids
            if ids:
                rows[i] += table[ids].mean(axis=0) / (1 + k)
                total += 1 / (1 + k)
        if total:
            rows[i] /= total
            has[i] = True
    return rows, has


def fill_missing(pieces: list[str], rows: Rows, has: NDArray[np.bool_]) -> None:
    """Give each piece without a row the mean of its characters, or of all rows."""
    average = rows[has].mean(axis=0)
    position = {piece: i for i, piece in enumerate(pieces)}
    for i, piece in enumerate(pieces):
        if not has[i]:
            parts = [position[c] for c in piece if c in position and has[position[c]]]
            rows[i] = rows[parts].mean(axis=0) if parts else average


def rescale(rows: Rows, table: Rows) -> Rows:
    """Scale each row to 0.9 times the median norm of MiniLM's rows."""
    target = NORM_SHARE * float(np.median(np.linalg.norm(table, axis=1)))
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Rows = (rows * (target / np.maximum(norms, 1e-6))).astype(np.float32)
    return scaled


def main() -> None:
    """Run the stage."""
    parser = argparse.ArgumentParser(description="First values of the Chinese rows.")
    parser.add_argument("--work", type=Path, required=True, help="folder for intermediate files")
    parser.add_argument("--base", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument(
        "--alignment",
        type=float,
        default=0.5,
        help="share of the row that comes from word alignment (0: glosses only)",
    )
    args = parser.parse_args()

    base = base_folder(args.base)
    table = base_rows(base)
    _, pieces = read_pieces(args.work)
    english = plain_tokenizer(base / "tokenizer.json")
    rows, has = gloss_rows(pieces, collect_glosses(args.work), english, table)
    explained = int(has.sum())
    fill_missing(pieces, rows, has)
    rows = rescale(rows, table)
    if args.alignment:
        found, seen = aligned_rows(args.work, english, table)
        mixed = (1 - args.alignment) * rows + args.alignment * rescale(found, table)
        rows[seen] = mixed[seen]
        rows = rescale(rows, table)
        print(f"{int(seen.sum()):,} rows mixed with aligned words")
    np.save(args.work / "rows.npy", rows)
    print(f"{len(pieces):,} rows, {explained:,} with glosses")


if __name__ == "__main__":
    main()
