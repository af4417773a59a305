"""The best one to three sentences that answer a question, or why there are none."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pincite.answer.support import Candidate, SupportModel, candidates, ranked
from pincite.records import Reason
from pincite.retrieve.retriever import Retrieval

MOST_SENTENCES = 3
# A further sentence must come near to the best, and must not say the same again. Mean of the
# development sets: the answer is among the cited sentences of 80 % of the answered questions, and
# 47 % of the sentences hold it; at a half, 77 % and 52 %.
_NEARLY = 1 / 3
_SAME = 0.92


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen sentences with their probabilities, in reading order.

    ``confidence`` is the best sentence's probability of answering, whether it was good enough or
    not; ``reason`` is set when nothing was chosen, and ``closest`` are then the best sentences.
    ``support`` holds for each passage id its best sentence's probability.
    """

    chosen: list[tuple[float, Candidate]]
    closest: list[tuple[float, Candidate]]
    confidence: float
    reason: Reason | None
    support: dict[int, float]


def select(
    model: SupportModel, retrieval: Retrieval, vectors: Mapping[int, NDArray[np.float32]]
) -> Selection:
    """Choose the sentences that answer the question.

    Args:
        model: The support model of the library's encoder.
        retrieval: The question and its hits.
        vectors: For each passage id its sentences' vectors, shape (sentences, d).
    """
    scored = ranked(model, candidates(retrieval, vectors))
    if not scored:
        return Selection([], [], 0.0, "nothing_relevant", {})
    best = scored[0][0]
    support = {c.hit.passage.id: probability for probability, c in reversed(scored)}
    if best < model.threshold:
        reason: Reason = "nothing_relevant" if best < model.floor else "unsupported"
        return Selection([], _distinct(scored), best, reason, support)
    wanted = max(model.threshold, _NEARLY * best)
    chosen = _distinct([s for s in scored if s[0] >= wanted])
    return Selection(_reading_order(chosen), [], best, None, support)


def _distinct(scored: list[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    kept: list[tuple[float, Candidate]] = []
    for probability, candidate in scored:
        if all(float(candidate.vector @ other.vector) < _SAME for _, other in kept):
            kept.append((probability, candidate))
        if len(kept) == MOST_SENTENCES:
            break
    return kept


def _reading_order(chosen: list[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """Put the best sentence's document first, and each document's sentences in its order."""
    first_seen = {c.hit.document.id: place for place, (_, c) in reversed(list(enumerate(chosen)))}
    return sorted(chosen, key=lambda s: (first_seen[s[1].hit.document.id], s[1].span.start))
