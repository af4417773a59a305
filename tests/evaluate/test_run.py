"""A question file run through a library in memory."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pincite.errors import InputError
from pincite.evaluate.run import WARM_UP, run_questions
from tests.evaluate.articles import ROWS, TEXT, article_workspace, no_track, row
from tests.evaluate.stand_in import MemoryWorkspace

Write = Callable[..., Path]


@pytest.fixture
def workspace() -> MemoryWorkspace:
    """A library with one article."""
    return article_workspace()


@pytest.fixture
def questions(write_rows: Write) -> Path:
    """One question for each thing that can happen."""
    return write_rows(*ROWS)


def test_each_verdict_is_the_one_that_was_earned(
    workspace: MemoryWorkspace, questions: Path
) -> None:
    run = run_questions(workspace, questions, no_track)
    verdicts = {verdict.question.id: verdict for verdict in run.verdicts}
    assert list(verdicts) == ["right", "wrong", "words", "refused", "far", "near"]
    assert {id_: v.status for id_, v in verdicts.items() if not v.answered} == {
        "refused": "not_found",
        "far": "not_found",
    }
    assert [id_ for id_, v in verdicts.items() if v.evidenced] == ["right", "words"]
    assert {id_: v.contained for id_, v in verdicts.items()} == {
        "right": True,
        "wrong": False,
        "words": False,
        "refused": False,
        "far": None,
        "near": None,
    }
    assert verdicts["right"].ranks == {"fused": (1,)}
    assert verdicts["near"].ranks == {"fused": ()}
    (cited,) = verdicts["wrong"].cited
    assert (cited.document, cited.hit) == ("news.txt", False)
    assert TEXT[cited.start : cited.end] == cited.quote


def test_a_verdict_holds_what_the_report_shows(workspace: MemoryWorkspace, questions: Path) -> None:
    verdicts = {v.question.id: v for v in run_questions(workspace, questions, no_track).verdicts}
    assert {id_: v.outcome for id_, v in verdicts.items()} == {
        "right": "right",
        "wrong": "elsewhere",
        "words": "words",
        "refused": "refused",
        "far": "abstained",
        "near": "invented",
    }
    right = verdicts["right"]
    assert (right.best, right.right, right.sentences) == (right.cited[0], True, (True,))
    gold = [one.text for one in right.cited[0].context if one.gold]
    assert gold == ["ruled against the firm"]
    assert [(row.hit, row.explanation.used, row.document) for row in right.considered] == [
        (True, True, "news.txt")
    ]
    # What a refusal would have cited counts for its confidence, and is no answer.
    far = verdicts["far"]
    assert (far.cited, far.best, far.right) == ((), far.closest[0], False)


def test_the_figures_follow_from_the_verdicts(workspace: MemoryWorkspace, questions: Path) -> None:
    figures = run_questions(workspace, questions, no_track).figures
    assert figures["questions"] == 6
    assert figures["evidence_hit"] == 2 / 4
    assert figures["citation_precision"] == 2 / 4
    assert figures["answer_containment"] == 1 / 4
    assert figures["abstention_precision"] == 1 / 2
    assert figures["abstention_recall"] == 1 / 2
    assert figures["answered_rate"] == 3 / 4
    assert figures["false_refusal_rate"] == 1 / 4
    assert figures["false_answer_rate"] == 1 / 2
    assert figures["hit@1"] == 2 / 4
    assert figures["sentence_precision"] == 2 / 3


def test_questions_are_asked_once_in_order_after_one_that_warms(
    workspace: MemoryWorkspace, questions: Path
) -> None:
    run = run_questions(workspace, questions, no_track)
    assert workspace.asked == [WARM_UP, *(v.question.text for v in run.verdicts)]
    assert all(v.latency_ms > 0 for v in run.verdicts)


def test_legs_are_measured_apart_and_the_first_is_on_top(
    workspace: MemoryWorkspace, questions: Path
) -> None:
    run = run_questions(workspace, questions, no_track, legs=("dense", "lexical"))
    right = run.verdicts[0]
    assert right.ranks["lexical"] == (1,)
    assert right.ranks["dense"] != (1,)
    assert run.figures["mrr"] == run.legs["dense"]["mrr"] != run.legs["lexical"]["mrr"]


def test_only_the_first_questions_are_run_and_checked(
    workspace: MemoryWorkspace, write_rows: Write
) -> None:
    path = write_rows(
        row("a", "court?", "ruled against", "firm"), row("b", "cars?", "not there", "x")
    )
    assert len(run_questions(workspace, path, no_track, limit=1).verdicts) == 1
    with pytest.raises(InputError, match="line 2"):
        run_questions(workspace, path, no_track)


def test_the_mode_asked_for_is_the_mode_used(workspace: MemoryWorkspace, questions: Path) -> None:
    asked = []
    ask = workspace.ask
    workspace.ask = lambda question: asked.append(question.mode) or ask(question)  # type: ignore[method-assign,func-returns-value]
    run_questions(workspace, questions, no_track, mode="extractive", limit=2)
    assert asked == ["extractive"] * 3
