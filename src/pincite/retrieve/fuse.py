"""Rank fusion in which the lexical leg counts as far as its evidence goes."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pincite.records import Scored

# Chosen on the development sets (docs/evaluation.md): a small constant lets first places count,
# and words, where they occur, are better evidence than a small embedding model.
RRF_K = 5
LEXICAL_WEIGHT = 4.0


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage's place after fusion, and its ranks (from 1) in the two legs."""

    passage_id: int
    fused: float
    dense_rank: int | None
    lexical_rank: int | None


def inverse_document_frequencies(frequencies: Mapping[str, int], size: int) -> dict[str, float]:
    """Return each term's BM25 idf, ``ln(1 + (n - df + 0.5) / (df + 0.5))``.

    A term that no passage holds gets the highest value: it is evidence that is missing.

    Source:
        Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
    """
    return {
        term: math.log1p((size - frequency + 0.5) / (frequency + 0.5))
        for term, frequency in frequencies.items()
    }


def coverage(idf: Mapping[str, float], terms: Collection[str]) -> float:
    """Return the share in [0, 1] of the question's idf mass that occurs among ``terms``."""
    total = sum(idf.values())
    return sum(value for term, value in idf.items() if term in terms) / total if total else 0.0


def fuse(
    dense: Sequence[Scored], lexical: Sequence[Scored], evidence: Mapping[int, float]
) -> list[Fused]:
    """Fuse two rankings by reciprocal ranks, best first; equal places in id order.

    The lexical leg's vote for a passage is weighted by the square of ``evidence``, the share of
    the question's rare terms that the passage holds: a few common words are worth much less than
    their share. A Chinese question shares next to nothing with an English passage, so its lexical
    votes weigh next to nothing and cannot drown the dense leg.

    Source:
        Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and
        individual Rank Learning Methods", SIGIR 2009; the weight is ours.
    """
    dense_ranks = {hit.passage_id: rank for rank, hit in enumerate(dense, 1)}
    lexical_ranks = {hit.passage_id: rank for rank, hit in enumerate(lexical, 1)}
    fused = []
    for passage_id in dense_ranks.keys() | lexical_ranks.keys():
        d, x = dense_ranks.get(passage_id), lexical_ranks.get(passage_id)
        score = 1 / (RRF_K + d) if d else 0.0
        if x:
            score += LEXICAL_WEIGHT * evidence.get(passage_id, 0.0) ** 2 / (RRF_K + x)
        fused.append(Fused(passage_id, score, d, x))
    return sorted(fused, key=lambda f: (-f.fused, f.passage_id))
