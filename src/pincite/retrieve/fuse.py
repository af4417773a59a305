"""Fusion of the two legs, in which shared words count as far as they stand out."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pincite.records import Scored

# Chosen on the development sets (docs/evaluation.md has the alternatives' figures).
LEXICAL_WEIGHT = 1.0
LEXICAL_POWER = 1.5
# How much nearer a text stands to another of its own language than to that one's translation. In
# libraries of both languages best for questions across and within a language together.
LANGUAGE_GAP = 0.13


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a passage: its ``cosine`` in [-1, 1], its ``coverage`` in [0, 1].

    ``foreign`` tells that its language is another than the question's.
    """

    cosine: float
    coverage: float
    foreign: bool = False


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
    dense: Sequence[Scored], lexical: Sequence[Scored], evidence: Mapping[int, Evidence]
) -> list[Fused]:
    """Order the passages that either leg found, best first; equal places in id order.

    A passage's score is its cosine, made up for another language by ``LANGUAGE_GAP``, plus
    ``LEXICAL_WEIGHT`` times the power ``LEXICAL_POWER`` of how far its coverage stands out: the
    share of what the found passages leave uncovered on average. A few common words, which many
    passages share, are worth next to nothing, and a Chinese question shares nothing with an
    English passage, so that words cannot drown the dense leg.

    Args:
        dense: The dense leg's ranking; empty to rank by words alone.
        lexical: The lexical leg's; empty to rank by cosine alone.
        evidence: At least one entry for each passage of either leg.

    Source:
        Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS
        42(1), 2023: a convex combination ranks better than reciprocal ranks. The standing out
        and the gap are ours.
    """
    dense_ranks = {hit.passage_id: rank for rank, hit in enumerate(dense, 1)}
    lexical_ranks = {hit.passage_id: rank for rank, hit in enumerate(lexical, 1)}
    found = sorted(dense_ranks.keys() | lexical_ranks.keys())
    common = sum(evidence[i].coverage for i in found) / len(found) if found else 0.0

    def score(passage_id: int) -> float:
        of = evidence[passage_id]
        out = max(0.0, of.coverage - common) / (1 - common) if common < 1 else of.coverage
        near = of.cosine + LANGUAGE_GAP * of.foreign
        return near + LEXICAL_WEIGHT * float(out**LEXICAL_POWER)

    fused = [Fused(i, score(i), dense_ranks.get(i), lexical_ranks.get(i)) for i in found]
    return sorted(fused, key=lambda f: (-f.fused, f.passage_id))
