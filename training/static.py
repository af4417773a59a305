"""Stage 4c: train the static part, one short vector for each token of either language.

A text's static vector is the plain sum of its tokens' vectors, whose lengths say how much
a token matters. It keeps what the transformer's mean blurs, which words a text holds, and
meets the other language word by word. Beside the transformer's vector it gains several
points in every direction.

A batch is drawn from a few clusters of the teacher's vectors, so that the other texts of
the batch are about similar things (harder negatives). The query side is a part of its
text, the document side is mixed with strangers, as a question meets a passage; a share of
the pairs is of one language.

Source:
    Gao and Callan, "Condenser", arXiv:2104.08253, and Lee et al., arXiv:1906.00300, for
    parts of a text as queries; van den Oord et al., arXiv:1807.03748 (InfoNCE); Arora et
    al., "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", ICLR 2017, for the
    first weights.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm, trange

from base import (
    base_folder,
    base_rows,
    plain_tokenizer,
    read_pieces,
    read_triples,
    source_weights,
)
from plan import CUT_SHARE, character_parts
from teacher import target_text
from train import SAME

TEMPERATURE = 0.05
# A token seen in this share of all running tokens has half the weight of a rare one.
HALF_WEIGHT = 1e-4
SPECIAL = (0, 100, 101, 102, 103)
# How many pairs of a batch come from each kind.
SHARES = {"sentence": 0.5, "passage": 0.12, "templated": 0.13, "term": 0.25}
CLUSTERS = {"sentence": 256, "passage": 64, "templated": 64, "term": 256}
GROUPS = 8
ONE_LANGUAGE = 0.3
STRANGERS = 4
WARM_UP = 50

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Side:
    """Token ids of all texts of one kind in one language, without [CLS] and [SEP]."""

    ids: NDArray[np.int32]
    starts: Ints

    def text(self, index: int) -> NDArray[np.int32]:
        """Return one text's token ids."""
        return self.ids[self.starts[index] : self.starts[index + 1]]


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of one kind, both languages, grouped by the teacher's vectors.

    Attributes:
        sides: English, Chinese.
        weights: How often each pair is drawn, relative to the others.
        targets: The teacher's vectors, float16 unit rows, memory-mapped.
        groups: The pairs of each cluster.
        masses: How often each cluster is drawn; sums to 1.
    """

    sides: tuple[Side, Side]
    weights: NDArray[np.float64]
    targets: Any
    groups: list[Ints]
    masses: NDArray[np.float64]


def side_of(texts: list[str], tokenizer: Any) -> Side:
    """Tokenise the texts of one side."""
    lines = [
        np.array(encoding.ids or [100], dtype=np.int32)
        for start in range(0, len(texts), 10_000)
        for encoding in tokenizer.encode_batch(
            texts[start : start + 10_000], add_special_tokens=False
        )
    ]
    return Side(np.concatenate(lines), np.concatenate([[0], np.cumsum([len(x) for x in lines])]))


def load_pairs(work: Path, kind: str, tokenizer: Any, seed: int) -> Pairs:
    """Read, tokenise and cluster the pairs of one kind."""
    shares = source_weights(work)
    triples = read_triples(work / f"{kind}s.tsv.gz")
    targets = np.load(work / f"teacher_{kind}.npy", mmap_mode="r")
    vectors = np.asarray(targets, dtype=np.float32)
    means = faiss.Kmeans(
        vectors.shape[1],
        CLUSTERS[kind],
        niter=8,
        seed=seed,
        spherical=True,
        max_points_per_centroid=100,
    )
    means.train(vectors)
    cluster = means.index.search(vectors, 1)[1][:, 0]
    weights = np.array([shares[source] for source, _, _ in triples])
    masses = np.bincount(cluster, weights=weights, minlength=CLUSTERS[kind])
    return Pairs(
        (
            side_of([target_text(kind, english) for _, english, _ in triples], tokenizer),
            side_of([chinese for _, _, chinese in triples], tokenizer),
        ),
        weights,
        targets,
        [np.flatnonzero(cluster == c) for c in range(CLUSTERS[kind])],
        masses / masses.sum(),
    )


def first_vectors(
    table: NDArray[np.float32], chinese: NDArray[np.bool_], counts: Ints, dimension: int
) -> NDArray[np.float32]:
    """Return the word rows in their main directions, rare tokens longest.

    Args:
        table: The transformer's word rows, English and Chinese, shape (tokens, 384).
        chinese: Which rows are Chinese; token shares are taken per language.
        counts: How often each token occurs in the training text.
        dimension: Columns to keep.
    """
    known = counts > 0
    rows = table - table[known].mean(axis=0)
    rows /= np.linalg.norm(rows, axis=1).mean()
    totals = np.where(chinese, counts[chinese].sum(), counts[~chinese].sum())
    weights = HALF_WEIGHT / (HALF_WEIGHT + np.maximum(counts, 1) / totals)
    weights[list(SPECIAL)] = 0
    scaled = rows * np.sqrt(weights)[:, None]
    _, directions = np.linalg.eigh(scaled.T @ scaled)
    first: NDArray[np.float32] = (rows @ directions[:, ::-1][:, :dimension]) * weights[:, None]
    return first.astype(np.float32)


class Sampler:
    """Draws the batches: (query texts, document texts, the teacher's vectors)."""

    def __init__(self, pairs: dict[str, Pairs], parts: dict[int, list[int]], seed: int) -> None:
        """Start the one random generator."""
        self.pairs = pairs
        self.parts = {word: np.array(ids, dtype=np.int32) for word, ids in parts.items()}
        self.random = np.random.default_rng(seed)
        sentences = pairs["sentence"].weights
        self.cumulated = np.cumsum(sentences / sentences.sum())

    def _cut(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        if self.random.random() >= CUT_SHARE:
            return ids
        return np.concatenate([self.parts.get(int(i), np.array([i], np.int32)) for i in ids])

    def _part(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return a run of tokens, or tokens picked from the whole text."""
        if len(ids) <= 4:
            return ids
        if self.random.random() < 0.5:
            length = max(3, int(len(ids) * self.random.uniform(0.25, 1)))
            start = self.random.integers(0, len(ids) - length + 1)
            return ids[start : start + length]
        kept = self.random.random(len(ids)) < self.random.uniform(0.3, 1)
        return ids[kept] if kept.any() else ids

    def _strangers(self, language: int) -> list[NDArray[np.int32]]:
        found = np.searchsorted(
            self.cumulated, self.random.random(self.random.integers(0, STRANGERS + 1))
        )
        side = self.pairs["sentence"].sides[language]
        return [side.text(min(int(i), len(self.cumulated) - 1)) for i in found]

    def _chosen(self, kind: str, count: int) -> Ints:
        pairs, chosen = self.pairs[kind], []
        each = max(1, count // GROUPS)
        for c in self.random.choice(len(pairs.masses), GROUPS, p=pairs.masses):
            group = pairs.groups[c]
            if len(group) > each:
                weights = pairs.weights[group]
                group = self.random.choice(group, each, False, weights / weights.sum())
            chosen.append(group)
        return np.concatenate(chosen)

    def batch(self, size: int) -> tuple[list[Any], list[Any], torch.Tensor]:
        """Draw about `size` pairs."""
        queries, documents, targets = [], [], []
        counts = self.random.multinomial(size, list(SHARES.values()))
        for kind, count in zip(SHARES, counts, strict=True):
            chosen = self._chosen(kind, count)
            targets.append(np.asarray(self.pairs[kind].targets[chosen], dtype=np.float32))
            for i in chosen:
                asked = int(self.random.integers(2))
                one = kind != "term" and self.random.random() < ONE_LANGUAGE
                held = asked if one else 1 - asked
                query = self._cut(self.pairs[kind].sides[asked].text(i))
                document = [self._cut(self.pairs[kind].sides[held].text(i))]
                if kind != "term":
                    query = self._part(query)
                    document += self._strangers(held)
                queries.append(query)
                documents.append(np.concatenate(document))
        return queries, documents, torch.from_numpy(np.concatenate(targets))


def bags(table: nn.EmbeddingBag, texts: list[Any]) -> torch.Tensor:
    """Return the unit sum of each text's token vectors."""
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])[:-1]])
    ids = torch.from_numpy(np.concatenate(texts).astype(np.int64))
    return nn.functional.normalize(table(ids, torch.from_numpy(offsets)), dim=1)


def loss_of(queries: torch.Tensor, documents: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return InfoNCE in both directions, translations of the same thing left out."""
    same = (targets @ targets.T > SAME).fill_diagonal_(0)
    scores = (queries @ documents.T / TEMPERATURE).masked_fill(same, float("-inf"))
    own = torch.arange(len(scores))
    both = nn.functional.cross_entropy(scores, own) + nn.functional.cross_entropy(scores.T, own)
    return both / 2


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train the static token vectors.")
    parser.add_argument("--work", type=Path, required=True, help="folder for intermediate files")
    parser.add_argument("--base", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--rows", type=Path, help="Chinese rows (default: WORK/trained_rows.npy)")
    parser.add_argument("--dimension", type=int, default=384, help="columns of a vector")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=1024, help="pairs in a batch")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main() -> None:
    """Run the stage."""
    args = arguments()
    torch.set_num_threads(args.threads)
    faiss.omp_set_num_threads(args.threads)
    tokenizer = plain_tokenizer(args.work / "tokenizer.json")
    kinds = tqdm(SHARES, desc="reading")
    pairs = {kind: load_pairs(args.work, kind, tokenizer, args.seed) for kind in kinds}
    ids, texts = read_pieces(args.work)
    base = base_rows(base_folder(args.base))
    table = np.zeros((tokenizer.get_vocab_size(), base.shape[1]), dtype=np.float32)
    table[: len(base)] = base
    table[ids] = np.load(args.rows or args.work / "trained_rows.npy")
    chinese = np.zeros(len(table), dtype=bool)
    chinese[ids] = True
    counts = sum(
        np.bincount(side.ids, minlength=len(table)) for p in pairs.values() for side in p.sides
    )
    bag = nn.EmbeddingBag.from_pretrained(
        torch.from_numpy(first_vectors(table, chinese, np.asarray(counts), args.dimension)),
        freeze=False,
        mode="sum",
        sparse=True,
    )
    parts = character_parts(tokenizer, dict(zip(texts, ids.tolist(), strict=True)))
    sampler = Sampler(pairs, parts, args.seed)
    optimizer = torch.optim.SparseAdam(bag.parameters(), lr=args.rate)
    began = time.monotonic()
    with (args.work / "static.jsonl").open("w", encoding="utf-8") as log:
        for step in trange(args.steps, desc="static vectors", mininterval=10):
            factor = min((step + 1) / WARM_UP, (args.steps - step) / args.steps)
            for group in optimizer.param_groups:
                group["lr"] = args.rate * factor
            queries, documents, targets = sampler.batch(args.batch)
            loss = loss_of(bags(bag, queries), bags(bag, documents), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            entry = {"step": step, "loss": loss.item(), "seconds": time.monotonic() - began}
            log.write(json.dumps(entry) + "\n")
    vectors = bag.weight.detach().numpy()
    vectors[list(SPECIAL)] = 0
    np.save(args.work / "static.npy", vectors)


if __name__ == "__main__":
    main()
