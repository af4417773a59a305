"""The figures of answered questions: retrieval, citations, answers, abstention, confidence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pincite.evaluate.confidence import (
    Bin,
    RiskPoint,
    area_under_risk,
    auroc,
    calibration_error,
    calibration_noise,
    reliability,
    risk_coverage,
)
from pincite.evaluate.measures import (
    QUESTION_RANKS,
    Figures,
    latency_figures,
    mean_figures,
    rank_figures,
    share,
)
from pincite.evaluate.verdicts import Verdict
from pincite.records import Leg

COUNTS = ("questions", "false_refusals", "false_answers", "partial", "degraded")
_UNRETRIEVED = "unretrieved"


@dataclass(frozen=True, slots=True)
class Curves:
    """The points behind the figures of the confidence."""

    risk_coverage: list[RiskPoint]
    reliability: list[Bin]


def passage_figures(verdicts: Sequence[Verdict], leg: Leg) -> dict[str, Figures]:
    """Measure where a leg ranked the evidence of each answerable question."""
    ranks = {v.question.id: v.ranks[leg] for v in verdicts if v.question.answerable}
    # Evidence no leg brought up still makes the question count.
    relevant = {id_: {_UNRETRIEVED: 1} | {str(r): 1 for r in at} for id_, at in ranks.items()}
    ranked = {id_: [str(r + 1) for r in range(max(at))] for id_, at in ranks.items() if at}
    return rank_figures(QUESTION_RANKS, relevant, ranked)


def question_figures(verdicts: Sequence[Verdict], ranks: Mapping[str, Figures]) -> Figures:
    """Compute every figure over some of the questions.

    Args:
        verdicts: The questions that count.
        ranks: Question id → rank figures, for at least the answerable ones.
    """
    averages = mean_figures([ranks[v.question.id] for v in verdicts if v.question.answerable])
    return {
        "questions": len(verdicts),
        **{name: averages.get(name) for name in QUESTION_RANKS},
        **answer_figures(verdicts),
        **latency_figures([v.latency_ms for v in verdicts]),
    }


def answer_figures(verdicts: Sequence[Verdict]) -> Figures:
    """Compute the figures of answers, refusals and confidence."""
    answerable = [v for v in verdicts if v.question.answerable]
    with_answers = [v for v in answerable if v.contained is not None]
    cited = [c.hit for v in verdicts for c in v.cited if v.answered]
    sentences = [hit for v in answerable if v.answered for hit in v.sentences]
    kinds = Counter((v.question.answerable, v.answered) for v in verdicts)
    unanswerable = len(verdicts) - len(answerable)
    curves = confidence_curves(verdicts)
    return {
        "hit@1": share(sum(v.answered and v.right for v in answerable), len(answerable)),
        "evidence_hit": share(sum(v.evidenced for v in answerable), len(answerable)),
        "citation_precision": share(sum(cited), len(cited)),
        "sentence_precision": share(sum(sentences), len(sentences)),
        "answer_containment": share(
            sum(v.answered and bool(v.contained) for v in with_answers), len(with_answers)
        ),
        "abstention_precision": share(
            kinds[False, False], kinds[False, False] + kinds[True, False]
        ),
        "abstention_recall": share(kinds[False, False], unanswerable),
        "answered_rate": share(kinds[True, True], len(answerable)),
        "false_refusal_rate": share(kinds[True, False], len(answerable)),
        "false_answer_rate": share(kinds[False, True], unanswerable),
        "auroc": auroc(
            [v.confidence for v in answerable],
            [v.confidence for v in verdicts if not v.question.answerable],
        ),
        "ece": calibration_error(curves.reliability),
        "ece_noise": calibration_noise([v.confidence for v in verdicts]),
        "aurc": area_under_risk(curves.risk_coverage),
        "false_refusals": kinds[True, False],
        "false_answers": kinds[False, True],
        "partial": sum(v.status == "partial" for v in verdicts),
        "degraded": sum(v.degraded is not None for v in verdicts),
    }


def confidence_curves(verdicts: Sequence[Verdict]) -> Curves:
    """Return the points of the risk-coverage curve and of the reliability diagram."""
    confidence, right = [v.confidence for v in verdicts], [v.right for v in verdicts]
    return Curves(risk_coverage(confidence, right), reliability(confidence, right))


def slice_figures(
    verdicts: Sequence[Verdict], ranks: Mapping[str, Figures]
) -> dict[str, dict[str, Figures]]:
    """Compute every figure for each language and each kind of question, by name."""
    slices: dict[str, dict[str, Figures]] = {"lang": {}, "kind": {}}
    for by, figures in slices.items():
        for value in sorted({getattr(v.question, by) for v in verdicts}):
            chosen = [v for v in verdicts if getattr(v.question, by) == value]
            figures[value] = question_figures(chosen, ranks)
    return slices
