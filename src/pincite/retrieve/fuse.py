"""Fusion of the two legs: cosine, and the words shared, in another language those translated."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pincite.records import Scored

# Chosen on the development sets (docs/evaluation.md has the alternatives' figures).
LEXICAL_WEIGHT = 0.75
# How much more of the question a passage in another language is taken to cover than passages cover
# on average, for its being nearer than the average and for each word that it has translated.
TRANSLATION_WEIGHT = 0.7


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a passage: its ``cosine`` in [-1, 1], its ``coverage`` in [0, 1].

    ``foreign`` tells that its language is another than the question's; ``translated`` is then the
    share in [0, 1] of the question's words that stand there, as they are or translated, if known.
    """

    cosine: float
    coverage: float
    foreign: bool = False
    translated: float | None = None


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

    A passage's score is its cosine plus ``LEXICAL_WEIGHT`` times its coverage. A passage in another
    language cannot share the question's words, but what it lacks so is not evidence against it.
    It is taken to cover what the found passages cover on average, and more by
    ``TRANSLATION_WEIGHT`` times how far its cosine is above their average and ``translated`` above
    that of the found passages in other languages; at least what it does cover.

    Args:
        dense: The dense leg's ranking; empty to rank by words alone.
        lexical: The lexical leg's; empty to rank by cosine alone.
        evidence: At least one entry for each passage of either leg.

    Source:
        Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS
        42(1), 2023: a convex combination ranks better than reciprocal ranks. What passages in
        another language are taken to cover is ours.
    """
    dense_ranks = {hit.passage_id: rank for rank, hit in enumerate(dense, 1)}
    lexical_ranks = {hit.passage_id: rank for rank, hit in enumerate(lexical, 1)}
    found = sorted(dense_ranks.keys() | lexical_ranks.keys())
    among = [evidence[i] for i in found]
    average = _mean([of.coverage - TRANSLATION_WEIGHT * of.cosine for of in among])
    usual = _mean([of.translated or 0.0 for of in among if of.foreign])

    def score(of: Evidence) -> float:
        covered = of.coverage
        if of.foreign:
            more = TRANSLATION_WEIGHT * (of.cosine + (of.translated or 0.0) - usual)
            covered = max(covered, min(1.0, average + more))
        return of.cosine + LEXICAL_WEIGHT * covered

    fused = [Fused(i, score(evidence[i]), dense_ranks.get(i), lexical_ranks.get(i)) for i in found]
    return sorted(fused, key=lambda f: (-f.fused, f.passage_id))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
