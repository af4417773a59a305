"""The best one to three sentences that answer a question, or why there are none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pincite.answer.confidence.support import (
    Candidate,
    SupportModel,
    candidates,
    probability,
    ranked,
)
from pincite.embed.encoder import Matrix
from pincite.explanation import Thresholds
from pincite.records import Reason
from pincite.retrieve.retriever import Retrieval

MOST_SENTENCES = 3
# A further sentence must come near to the best, and must not say the same again. Mean of the
# development sets, of answerable questions: the answer is among the cited sentences of 72 %, and
# 56 % of the sentences hold it; at a half, 70 % and 63 %; with the best alone, 63 % and 77 %. What
# has several answers, such as a ruling and what follows from it, needs the most of the three.
_NEARLY = 1 / 3
SAME = 0.92


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen sentences with their probabilities, in reading order.

    ``confidence`` is the calibrated probability that the best sentence answers, whether it was good
    enough or not; ``reason`` is set when nothing was chosen, and ``closest`` are then the best
    sentences. ``support`` holds for each passage id its best sentence's probability, ``same_said``
    the ids of passages with a sentence good enough that a chosen one says already.
    """

    chosen: list[tuple[float, Candidate]]
    closest: list[tuple[float, Candidate]]
    confidence: float
    reason: Reason | None
    support: dict[int, float]
    thresholds: Thresholds
    same_said: frozenset[int] = frozenset()

    @property
    def places(self) -> set[tuple[int, int]]:
        """Return the passage ids and starts of the chosen sentences."""
        return {(candidate.hit.passage.id, candidate.span.start) for _, candidate in self.chosen}


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
    return choose(model, ranked(model, candidates(retrieval, vectors, readings)))


def choose(model: SupportModel, scored: Sequence[tuple[float, Candidate]]) -> Selection:
    """Choose among sentences with their log-odds of answering, the best first."""
    if not scored:
        thresholds = Thresholds(model.threshold, model.floor, 0.0, SAME)
        return Selection([], [], 0.0, "nothing_relevant", {}, thresholds)
    confidence = model.confidence(scored[0][0])
    probable = [(probability(log_odds), candidate) for log_odds, candidate in scored]
    wanted = _NEARLY * probable[0][0]
    thresholds = Thresholds(model.threshold, model.floor, round(wanted, 4), SAME)
    support = {c.hit.passage.id: p for p, c in reversed(probable)}
    if confidence < model.threshold:
        reason: Reason = "nothing_relevant" if confidence < model.floor else "unsupported"
        return Selection([], _distinct(probable)[0], confidence, reason, support, thresholds)
    chosen, same = _distinct([s for s in probable if s[0] >= wanted])
    return Selection(_reading_order(chosen), [], confidence, None, support, thresholds, same)


def _distinct(
    scored: list[tuple[float, Candidate]],
) -> tuple[list[tuple[float, Candidate]], frozenset[int]]:
    """Keep the best sentences that differ, and tell the passages of those that do not."""
    kept: list[tuple[float, Candidate]] = []
    same: set[int] = set()
    for support, candidate in scored:
        if any(float(candidate.vector @ other.vector) >= SAME for _, other in kept):
            same.add(candidate.hit.passage.id)
        elif len(kept) < MOST_SENTENCES:
            kept.append((support, candidate))
    return kept, frozenset(same)


def _reading_order(chosen: list[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """Put the best sentence's document first, and each document's sentences in its order."""
    first_seen = {c.hit.document.id: place for place, (_, c) in reversed(list(enumerate(chosen)))}
    return sorted(chosen, key=lambda s: (first_seen[s[1].hit.document.id], s[1].span.start))
