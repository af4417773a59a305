"""Whether names, numbers and codes survive in the vectors: sentences with one thing swapped.

``swaps.tsv`` holds sentences and their translations, and both again with the same thing swapped: a
number, a date, a name. Told apart means that a sentence is nearer to its own translation than to
the one in which the thing is swapped; the swapped sentences are asked in the same way, so that
each line counts twice in each direction, and a model that cannot tell has 50. "all four" is the
share of lines without any mistake; "paired" of those whose two right cosines have a greater sum
than the two wrong ones, which forgives a sentence that is near to everything. The margin is the
mean difference of a right and a wrong cosine, which is the same in both directions.

    python training/swaps.py --model NAME=FOLDER [--model ...] [--json FILE]
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from encoder import OnnxEncoder, Vectors
from evaluate import parse_model

SWAPS = Path(__file__).with_name("swaps.tsv")
ALL = "all"
COMPARED = ("zh→en", "zh→en", "en→zh", "en→zh")


@dataclass(frozen=True, slots=True)
class Swap:
    """One line: an English and a Chinese sentence, and both with the same thing swapped."""

    kind: str
    english: str
    chinese: str
    english_swapped: str
    chinese_swapped: str

    @property
    def texts(self) -> list[str]:
        """The four sentences, in the file's order."""
        return [self.english, self.chinese, self.english_swapped, self.chinese_swapped]


def read_swaps(path: Path) -> list[Swap]:
    """Read the lines that are not comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Swap(*line.split("\t")) for line in lines if not line.startswith("#")]


def margins(swaps: list[Swap], encoder: OnnxEncoder) -> Vectors:
    """Return each line's four margins, shape (n, 4), in the order of ``COMPARED``."""
    texts = list(dict.fromkeys(text for swap in swaps for text in swap.texts))
    # One text a batch: an int8 model's vectors depend on what else is in the batch.
    vectors = dict(zip(texts, encoder.encode(texts, tokens_per_batch=1), strict=True))
    found = []
    for swap in swaps:
        en, zh, en_swapped, zh_swapped = (vectors[text] for text in swap.texts)
        english, chinese = en - en_swapped, zh - zh_swapped
        found.append([zh @ english, -zh_swapped @ english, en @ chinese, -en_swapped @ chinese])
    return np.array(found)


def summarise(found: Vectors) -> dict[str, float]:
    """Return the shares told apart, in per cent, and the mean margin."""
    right = found > 0
    shares = {
        **{d: right[:, [c == d for c in COMPARED]].mean() for d in dict.fromkeys(COMPARED)},
        "all four": right.all(axis=1).mean(),
        "paired": (found.sum(axis=1) > 0).mean(),
    }
    return {
        "lines": len(found),
        **{name: round(100 * float(share), 1) for name, share in shares.items()},
        "margin": round(float(found.mean()), 4),
    }


def figures(swaps: list[Swap], encoder: OnnxEncoder) -> dict[str, dict[str, float]]:
    """Return a model's figures by kind and over all lines."""
    found = margins(swaps, encoder)
    kinds = np.array([swap.kind for swap in swaps])
    by_kind = {kind: summarise(found[kinds == kind]) for kind in dict.fromkeys(kinds.tolist())}
    return {**by_kind, ALL: summarise(found)}


def cells(measured: dict[str, float]) -> Iterator[str]:
    """Format a line of the table: the margin with three places, shares with one."""
    for name, value in measured.items():
        yield f"{value:.{3 if name == 'margin' else int(name != 'lines')}f}"


def main() -> None:
    """Measure each model and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model",
        action="append",
        required=True,
        type=parse_model,
        metavar="NAME=FOLDER|NAME=TOKENIZER,MODEL",
        help="repeat to compare",
    )
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()

    swaps = read_swaps(SWAPS)
    summaries = {
        name: figures(swaps, OnnxEncoder(tokenizer, model, args.threads))
        for name, tokenizer, model in args.model
    }
    first = next(iter(summaries.values()))
    table = Table("kind", "model", *first[ALL])
    for kind in first:
        for name, summary in summaries.items():
            table.add_row(kind, name, *cells(summary[kind]))
    Console().print(table)
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(
            json.dumps(summaries, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
