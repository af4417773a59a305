"""Which pairs are trained on, in which order and in which batches: all from one seed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tqdm import tqdm

from base import plain_tokenizer, read_triples, source_weights

Ints = NDArray[np.int64]

MAX_TOKENS = 192
CUT_SHARE = 0.12
_WINDOW = 20_000


@dataclass(frozen=True, slots=True)
class Pool:
    """The tokenised Chinese sides of one kind of pairs.

    Attributes:
        kind: ``sentence``, ``passage``, ``templated`` or ``term``.
        ids: Token ids of all texts, one after the other, with [CLS] and [SEP].
        starts: Where each text begins in `ids`; one more entry than texts.
        weights: How often each text is drawn, relative to the others.
        targets: The teacher's vectors, float16 unit rows, memory-mapped.
    """

    kind: str
    ids: NDArray[np.int32]
    starts: Ints
    weights: NDArray[np.float64]
    targets: Any

    def text(self, index: int) -> list[int]:
        """Return the token ids of one text."""
        line: list[int] = self.ids[self.starts[index] : self.starts[index + 1]].tolist()
        return line


def load_pool(work: Path, kind: str) -> Pool:
    """Tokenise the Chinese side of one kind of pairs and open its targets."""
    tokenizer = plain_tokenizer(work / "tokenizer.json")
    tokenizer.enable_truncation(MAX_TOKENS)
    weights = source_weights(work)
    triples = read_triples(work / f"{kind}s.tsv.gz")
    lines: list[NDArray[np.int32]] = []
    for start in tqdm(range(0, len(triples), 10_000), desc=f"{kind}s", mininterval=5):
        batch = [chinese for _, _, chinese in triples[start : start + 10_000]]
        lines += [np.array(e.ids, dtype=np.int32) for e in tokenizer.encode_batch(batch)]
    return Pool(
        kind,
        np.concatenate(lines),
        np.concatenate([[0], np.cumsum([len(line) for line in lines])]),
        np.array([weights[source] for source, _, _ in triples]),
        np.load(work / f"teacher_{kind}.npy", mmap_mode="r"),
    )


def drawn(weights: NDArray[np.float64], count: int, random: np.random.Generator) -> Ints:
    """Draw `count` indices, each text as evenly as its weight allows.

    A text is taken the whole-number part of its expected count, and once more with
    the probability of the rest, so that nothing is left out by chance alone.
    """
    expected = weights * (count / weights.sum())
    times = np.floor(expected) + (random.random(len(weights)) < expected % 1)
    indices: Ints = np.repeat(np.arange(len(weights)), times.astype(np.int64))
    return indices


def make_batches(
    pools: list[Pool], counts: list[int], tokens: int, seed: int
) -> list[list[tuple[int, int]]]:
    """Return batches of (pool, text), texts of similar length together, in random order."""
    random = np.random.default_rng(seed)
    items = np.concatenate(
        [
            np.stack([np.full(len(found), p), found], axis=1)
            for p, (pool, count) in enumerate(zip(pools, counts, strict=True))
            for found in [drawn(pool.weights, count, random)]
        ]
    )
    random.shuffle(items)
    batches: list[list[tuple[int, int]]] = []
    for start in range(0, len(items), _WINDOW):
        window = [(int(p), int(i)) for p, i in items[start : start + _WINDOW]]
        window.sort(
            key=lambda item: pools[item[0]].starts[item[1] + 1] - pools[item[0]].starts[item[1]]
        )
        made = []
        batch: list[tuple[int, int]] = []
        for p, i in window:
            width = int(pools[p].starts[i + 1] - pools[p].starts[i])
            if batch and width * (len(batch) + 1) > tokens:
                made.append(batch)
                batch = []
            batch.append((p, i))
        batches += [made[k] for k in random.permutation(len(made))] + [batch]
    return batches


def character_parts(tokenizer: Tokenizer, pieces: dict[str, int]) -> dict[int, list[int]]:
    """Return, for each word of several characters, its characters' ids."""
    parts = {}
    for piece, piece_id in pieces.items():
        ids = [pieces.get(character, -1) for character in piece]
        if len(ids) > 1 and -1 not in ids:
            parts[piece_id] = ids
    return parts


def cut(ids: list[int], parts: dict[int, list[int]]) -> list[int]:
    """Replace words by their characters, so that characters learn their meaning too."""
    out: list[int] = []
    for token in ids:
        out += parts.get(token, [token])
    return [*out[: MAX_TOKENS - 1], ids[-1]] if len(out) > MAX_TOKENS else out
