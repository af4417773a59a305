"""The figures by name: what each is called, what it says, and which way is better."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["share", "count", "milliseconds", "seconds"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a figure says, for people. ``better`` is 1 where more is better, -1 where less is."""

    label: str
    text: str
    better: int = 1
    kind: Kind = "share"


MEANINGS = {
    "questions": Meaning("Questions", "Their number.", 1, "count"),
    "queries": Meaning("Queries", "Their number.", 1, "count"),
    "evidence_hit": Meaning(
        "Evidence hit", "Answerable questions whose answer cites gold evidence at least once."
    ),
    "hit@1": Meaning(
        "Hit@1", "Answerable questions answered with a best citation that is gold evidence."
    ),
    "answer_containment": Meaning(
        "Expected words", "Answerable questions whose answer holds the expected words."
    ),
    "sentence_precision": Meaning(
        "Sentence precision",
        "Of the sentences cited for answerable questions, those that are gold.",
    ),
    "citation_precision": Meaning(
        "Citation precision", "Of all citations, false answers' too, those that hit gold evidence."
    ),
    "false_refusal_rate": Meaning(
        "False refusals", "Answerable questions that were refused.", better=-1
    ),
    "false_answer_rate": Meaning(
        "False answers", "Unanswerable questions that were answered.", better=-1
    ),
    "answered_rate": Meaning("Answered", "Answerable questions that were answered."),
    "abstention_precision": Meaning("Abstention precision", "Of the refusals, the right ones."),
    "abstention_recall": Meaning(
        "Abstention recall", "Unanswerable questions that were refused, as they should be."
    ),
    "auroc": Meaning(
        "AUROC",
        "Chance that an answerable question gets a higher confidence than an unanswerable one.",
    ),
    "ece": Meaning(
        "Calibration error", "Mean gap between confidence and the share that is right.", better=-1
    ),
    "ece_noise": Meaning(
        "Calibration noise",
        "The calibration error that a perfect confidence would show on so few questions.",
        better=-1,
    ),
    "aurc": Meaning(
        "Area under risk",
        "Mean share wrong as the threshold moves from the surest question to the least sure.",
        better=-1,
    ),
    "recall@1": Meaning("Recall@1", "Found at the first rank."),
    "recall@5": Meaning("Recall@5", "Found among the first five."),
    "recall@10": Meaning("Recall@10", "Found among the first ten."),
    "mrr": Meaning("MRR", "Mean of 1 / rank of the first passage with evidence."),
    "mrr@10": Meaning("MRR@10", "Mean of 1 / rank of the first relevant document, 0 beyond 10."),
    "ndcg@10": Meaning("nDCG@10", "Discounted gain of the first ten, against the best order."),
    "latency_ms_p50": Meaning("Median time", "Milliseconds, one at a time.", -1, "milliseconds"),
    "latency_ms_p95": Meaning(
        "95th percentile", "Milliseconds; one in twenty takes longer.", -1, "milliseconds"
    ),
    "answer_latency_ms_p50": Meaning(
        "Median answer time", "Milliseconds to an answer.", -1, "milliseconds"
    ),
    "answer_latency_ms_p95": Meaning(
        "95th percentile, answers", "Milliseconds to an answer.", -1, "milliseconds"
    ),
    "false_refusals": Meaning("False refusals", "Their number.", -1, "count"),
    "false_answers": Meaning("False answers", "Their number.", -1, "count"),
    "partial": Meaning("Answered in part", "Their number.", -1, "count"),
    "degraded": Meaning(
        "Degraded", "Answers made otherwise than configured, such as without the LLM.", -1, "count"
    ),
    "passages": Meaning("Passages", "Their number.", 1, "count"),
    "ingest_seconds": Meaning("Taking in", "Seconds.", -1, "seconds"),
}

_ANSWERS = (
    "evidence_hit",
    "hit@1",
    "citation_precision",
    "sentence_precision",
    "answer_containment",
    "abstention_precision",
    "abstention_recall",
    "answered_rate",
    "auroc",
)
_LESS = (
    "false_refusal_rate",
    "false_answer_rate",
    "ece",
    "aurc",
    "false_refusals",
    "false_answers",
    "partial",
    "degraded",
)
_LATENCY = ("latency_ms_p50", "latency_ms_p95")
_QUESTION_RANKS = ("recall@1", "recall@5", "mrr")
_SET_RANKS = ("recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10")


def gated(*, data_sets: bool, answers: bool, better: int) -> Sequence[str]:
    """List the figures that can have a minimum (``better`` 1) or a maximum (-1)."""
    answered = answers or not data_sets
    ranks = _SET_RANKS if data_sets else _QUESTION_RANKS
    if better > 0:
        return (*ranks, *(_ANSWERS if answered else ()))
    timed = (*_LATENCY, *(f"answer_{name}" for name in _LATENCY if data_sets and answers))
    return (*(_LESS if answered else ()), *timed, *(("ingest_seconds",) if data_sets else ()))


def shown(name: str, value: float | None) -> str:
    """Return a figure as people read it; an en dash where nothing could be measured."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return str(value)
    meaning = MEANINGS.get(name)
    return (
        f"{value:.1f}"
        if meaning and meaning.kind in ("milliseconds", "seconds")
        else f"{value:.3f}"
    )
