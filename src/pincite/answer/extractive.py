"""The best one to three sentences that answer a question, or why there are none."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pincite.answer.support import Candidate, SupportModel, candidates, probability, ranked
from pincite.embed.encoder import Matrix
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

    ``confidence`` is the calibrated probability that the best sentence answers, whether it was good
    enough or not; ``reason`` is set when nothing was chosen, and ``closest`` are then the best sentences.
    ``support`` holds for each passage id its best sentence's probability.
    """

    chosen: list[tuple[float, Candidate]]
    closest: list[tuple[float, Candidate]]
    confidence: float
    reason: Reason | None
    support: dict[int, float]


def select(
    model: SupportModel,
    retrieval: Retrieval,
    vectors: Mapping[int, NDArray[np.float32]],
    readings: Mapping[int, Matrix] | None = None,
) -> Selection:
    """Choose the sentences that answer the question.

    Args:
        model: The support model of the library's encoder and of the reader.
        retrieval: The question and its hits.
        vectors: For each passage id its sentences' vectors, shape (sentences, d).
        readings: For each passage id the reader's scores of its sentences, if it read.
    """
    scored = ranked(model, candidates(retrieval, vectors, readings))
    if not scored:
        return Selection([], [], 0.0, "nothing_relevant", {})
    odds = [log_odds for log_odds, _ in scored]
    confidence = model.confidence(odds[0], odds[0] - _next(scored), float(np.mean(odds)))
    probable = [(probability(log_odds), candidate) for log_odds, candidate in scored]
    support = {c.hit.passage.id: p for p, c in reversed(probable)}
    if confidence < model.threshold:
        reason: Reason = "nothing_relevant" if confidence < model.floor else "unsupported"
        return Selection([], _distinct(probable), confidence, reason, support)
    nearly = [s for s in probable if s[0] >= _NEARLY * probable[0][0]]
    return Selection(_reading_order(_distinct(nearly)), [], confidence, None, support)


def _next(scored: list[tuple[float, Candidate]]) -> float:
    """Return the log-odds of the next best sentence that says something else than the best."""
    best = scored[0][1]
    others = (odds for odds, c in scored[1:] if float(c.vector @ best.vector) < _SAME)
    return next(others, scored[-1][0])


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
