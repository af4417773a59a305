"""Answers from a small library: cited, short, typed, the same each time."""

from dataclasses import asdict, replace

import pytest

from pincite.answer.assistant import Assistant
from pincite.answer.confidence.calibration import Calibration
from pincite.answer.confidence.support import SupportModel
from pincite.errors import InputError, ModeUnavailableError
from pincite.records import Answer, Question
from pincite.settings import Settings
from pincite.wiring import temporary_workspace
from pincite.workspace import Workspace

ANSWERABLE = [
    ("How much is a night ticket for the ferry?", "4.50 euros"),
    ("夜间渡轮的单程票多少钱？", "4.50 euros"),
    ("夜間渡輪的單程票多少錢？", "4.50 euros"),
    ("博物馆为什么推迟开放？", "屋顶漏水"),
    ("How much will the repairs of the museum cost?", "两百万元"),
    ("How many shops will the bakery close?", "twelve of its forty"),
    ("What do residents fear?", "more noise"),
]
UNANSWERABLE = [
    "Who won the 2022 World Cup?",
    "北京今天天气怎么样？",
    "What is the capital of Mongolia?",
    "量子计算机的原理是什么？",
]


def _check_invariants(workspace: Workspace, answer: Answer) -> None:
    for number, citation in enumerate(answer.citations, 1):
        assert citation.marker == number
        text = workspace.document(citation.document_id).text
        assert text[citation.start : citation.end] == citation.quote
    for statement in answer.statements:
        assert answer.answer[statement.start : statement.end] == statement.text
        assert statement.citations
    assert (answer.reason is None) == (answer.status == "answered")
    assert bool(answer.citations) == (answer.status == "answered")
    assert 0 <= answer.confidence <= 1


@pytest.mark.parametrize(("question", "expected"), ANSWERABLE)
def test_a_question_is_answered_with_the_sentence_that_holds_it(
    workspace: Workspace, question: str, expected: str
) -> None:
    answer = workspace.ask(Question(question))
    assert answer.status == "answered"
    assert any(expected in citation.quote for citation in answer.citations)
    assert len(answer.citations) <= 3
    _check_invariants(workspace, answer)


@pytest.mark.parametrize("question", UNANSWERABLE)
def test_what_is_not_there_is_not_found_in_the_askers_language(
    workspace: Workspace, question: str
) -> None:
    answer = workspace.ask(Question(question))
    assert answer.status == "not_found"
    assert answer.closest
    assert ("没有" in answer.answer) == (answer.language == "zh")
    _check_invariants(workspace, answer)


def test_the_sources_own_numbers_are_not_shown_and_not_quoted(workspace: Workspace) -> None:
    answer = workspace.ask(Question("What did the mayor promise?"))
    promised = "The mayor promised to review the timetable after six months"
    places = [s for s in answer.statements if s.text == promised]
    assert len(places) == 1
    marker = places[0].citations[0]
    assert f"{promised} [{marker}]." in answer.answer
    assert answer.citations[marker - 1].quote == promised


def test_equal_questions_get_equal_answers_but_for_the_timings(workspace: Workspace) -> None:
    question = Question("what does the bakery blame?", explain=True)
    first, second = workspace.ask(question), workspace.ask(question)
    assert first.timings_ms.keys() == {"embed", "search", "read", "answer", "total"}
    assert asdict(replace(first, timings_ms={})) == asdict(replace(second, timings_ms={}))


def test_the_explanation_covers_every_passage_considered(workspace: Workspace) -> None:
    answer = workspace.ask(Question("what does the bakery blame?", top_k=3, explain=True))
    assert answer.explain is not None
    assert len(answer.explain) == 3
    cited = {citation.passage_id for citation in answer.citations}
    assert {row.passage_id for row in answer.explain if row.used} == cited
    assert all(row.why for row in answer.explain if not row.used)
    assert workspace.ask(Question("what does the bakery blame?")).explain is None


def test_the_language_of_labels_can_be_chosen(workspace: Workspace) -> None:
    refused = workspace.ask(Question("Who won the 2022 World Cup?", language="zh-Hant"))
    assert refused.language == "zh-Hant"
    assert "沒有" in refused.answer


def test_wrong_questions_are_refused(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="empty"):
        workspace.ask(Question(" \u200e\n"))
    with pytest.raises(InputError, match="4,001 characters"):
        workspace.ask(Question("?" * 4001))
    with pytest.raises(InputError, match="'in English' is no language tag"):
        workspace.ask(Question("why?", language="in English"))
    with pytest.raises(ModeUnavailableError, match="extractive"):
        workspace.ask(Question("why?", mode="llm"))


def test_an_empty_library_says_so() -> None:
    with temporary_workspace(Settings()) as empty:
        answer = empty.ask(Question("what did the court rule?"))
    assert (answer.status, answer.reason) == ("not_found", "no_documents")


def test_the_default_mode_holds_where_the_question_names_none(workspace: Workspace) -> None:
    calibration = Calibration(SupportModel.load())
    assistant = Assistant(workspace.retriever, calibration, default_mode="llm")
    with pytest.raises(ModeUnavailableError):
        assistant.ask(Question("why?"))
    assert (
        assistant.ask(Question("what do residents fear?", mode="extractive")).mode == "extractive"
    )
