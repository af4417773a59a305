"""The figures of answered questions, against counting by hand."""

from collections.abc import Sequence
from unittest.mock import ANY

import pytest

from pincite.evaluate.figures import passage_figures, question_figures, slice_figures
from pincite.evaluate.questions import GoldQuestion
from pincite.evaluate.verdicts import Cited, Verdict
from pincite.records import Leg, Status


def _verdict(
    number: int,
    status: Status,
    hits: Sequence[bool] = (),
    *,
    ranks: Sequence[int] = (),
    contained: bool | None = None,
    answerable: bool = True,
    lang: str = "en",
    kind: str = "fact",
    confidence: float = 0.5,
) -> Verdict:
    question = GoldQuestion(f"q{number}", "?", lang, kind, answerable, (), (), number)
    cited = tuple(Cited("a.txt", i, i + 1, "x", hit) for i, hit in enumerate(hits))
    by_leg: dict[Leg, tuple[int, ...]] = {"fused": tuple(ranks)}
    return Verdict(
        question,
        status,
        None,
        confidence,
        cited,
        contained,
        by_leg,
        float(number),
        best=cited[0] if cited else None,
        sentences=tuple(hits),
    )


VERDICTS = [
    _verdict(1, "answered", [True, False], ranks=[1, 4], contained=True),
    _verdict(2, "partial", [True], ranks=[3], contained=False),
    _verdict(3, "answered", [False], ranks=[7], contained=True, lang="zh"),
    _verdict(4, "not_found", ranks=[], contained=False, lang="zh"),
    _verdict(5, "answered", [True], ranks=[2]),
    _verdict(6, "not_found", answerable=False, kind="far_miss"),
    _verdict(7, "answered", [False], answerable=False, kind="near_miss", lang="zh"),
    _verdict(8, "not_found", answerable=False, kind="near_miss"),
]


def test_question_figures_are_those_counted_by_hand() -> None:
    figures = question_figures(VERDICTS, passage_figures(VERDICTS, "fused"))
    assert figures == pytest.approx(
        {
            "questions": 8,
            "recall@1": 1 / 5,
            "recall@5": 3 / 5,
            "mrr": (1 + 1 / 3 + 1 / 7 + 0 + 1 / 2) / 5,
            "hit@1": 3 / 5,
            "evidence_hit": 3 / 5,
            "citation_precision": 3 / 6,
            "sentence_precision": 3 / 5,
            "answer_containment": 2 / 4,
            "abstention_precision": 2 / 3,
            "abstention_recall": 2 / 3,
            "answered_rate": 4 / 5,
            "false_refusal_rate": 1 / 5,
            "false_answer_rate": 1 / 3,
            # Every confidence is a half, and three of eight are right.
            "auroc": 1 / 2,
            "ece": 1 / 2 - 3 / 8,
            "ece_noise": ANY,
            "aurc": 5 / 8,
            "false_refusals": 1,
            "false_answers": 1,
            "partial": 1,
            "degraded": 0,
            "latency_ms_p50": 4,
            "latency_ms_p95": 8,
        }
    )


def test_slices_hold_the_same_figures_of_their_part() -> None:
    ranks = passage_figures(VERDICTS, "fused")
    slices = slice_figures(VERDICTS, ranks)
    assert list(slices["lang"]) == ["en", "zh"]
    assert list(slices["kind"]) == ["fact", "far_miss", "near_miss"]
    assert slices["lang"]["zh"]["recall@5"] == 0.0
    assert slices["lang"]["zh"]["mrr"] == pytest.approx(1 / 14)
    assert slices["lang"]["zh"]["abstention_precision"] == 0.0
    assert slices["kind"]["near_miss"]["abstention_recall"] == 0.5
    assert slices["kind"]["fact"] == question_figures(VERDICTS[:5], ranks)


def test_what_cannot_be_measured_is_none_and_not_zero() -> None:
    ranks = passage_figures(VERDICTS, "fused")
    figures = slice_figures(VERDICTS, ranks)["kind"]["far_miss"]
    assert figures["recall@1"] is None
    assert figures["evidence_hit"] is None
    assert figures["citation_precision"] is None
    assert question_figures(VERDICTS[:1], ranks)["abstention_precision"] is None
    assert question_figures(VERDICTS[:1], ranks)["abstention_recall"] is None
