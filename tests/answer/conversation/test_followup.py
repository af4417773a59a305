"""Follow-up questions: what they take from a conversation, with the real model."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import pytest

from pincite.answer.conversation.followup import joined, leading_up, points_back, rewritten
from pincite.answer.messages import messages_for
from pincite.records import Answer, Message, Question
from pincite.settings import Settings
from pincite.wiring import temporary_workspace
from pincite.workspace import Workspace

ARTICLES = Path(__file__).parents[3] / "training/followups/articles"


@pytest.fixture(scope="module")
def news() -> Iterator[Workspace]:
    """Four articles in each language, several of them about fines and money."""
    with temporary_workspace(Settings()) as made:
        made.ingest([str(ARTICLES)])
        yield made


def talk(workspace: Workspace, *questions: str) -> Answer:
    """Ask one question after another, and return the last answer."""
    history: tuple[Message, ...] = ()
    answer = workspace.ask(Question(questions[0]))
    for before, text in pairwise(questions):
        history = (*history, Message("user", before), Message("assistant", answer.answer))
        answer = workspace.ask(Question(text, history=history))
    return answer


@pytest.mark.parametrize(
    ("opening", "question", "expected"),
    [
        ("how much revenue did Veridia Foods make?", "and profit?", "118 million"),
        ("how did the strike at Tolland Rail end?", "what had they asked for?", "8%"),
        ("青荷咖啡的官司法院是怎么判的？", "那赔了多少？", "380万元"),
        (
            "how did Veridia Foods do in the third quarter?",
            "饮料卖得怎么样？",
            "soft drinks fell by 7%",
        ),
    ],
)
def test_a_follow_up_is_answered_about_its_subject(
    news: Workspace, opening: str, question: str, expected: str
) -> None:
    answer = talk(news, opening, question)
    assert any(expected in citation.quote for citation in answer.citations)
    assert answer.resolved is not None
    assert answer.resolved.startswith(opening)
    assert answer.resolved.endswith(question)


@pytest.mark.parametrize(
    ("opening", "question", "expected"),
    [
        (
            "how did Veridia Foods do in the third quarter?",
            "how did the strike at Tolland Rail end?",
            "Tolland Rail",
        ),
        ("青荷咖啡为什么被起诉？", "恒泰和南岭的新公司总部设在哪里？", "江州"),
    ],
)
def test_a_new_subject_takes_nothing_from_the_conversation(
    news: Workspace, opening: str, question: str, expected: str
) -> None:
    answer = talk(news, opening, question)
    assert answer.resolved is None
    assert any(expected in citation.quote for citation in answer.citations)
    alone = news.ask(Question(question))
    assert [c.quote for c in answer.citations] == [c.quote for c in alone.citations]
    assert answer.id != alone.id


def test_what_nobody_wrote_about_is_not_found_in_a_conversation_either(news: Workspace) -> None:
    for opening, question in (
        ("how did Veridia Foods do?", "Who won the 2022 World Cup?"),
        ("青荷咖啡为什么被起诉？", "北京今天天气怎么样？"),
    ):
        assert talk(news, opening, question).status == "not_found"


def test_a_chain_keeps_the_subject_that_its_first_question_named(news: Workspace) -> None:
    asked = ("who is the head of Veridia Foods?", "when does she leave?", "who comes after her?")
    answer = talk(news, *asked)
    assert answer.resolved == " ".join(asked)
    assert any("Brandt-Mensah" in citation.quote for citation in answer.citations)


def test_after_a_change_of_subject_the_older_one_is_left_out(news: Workspace) -> None:
    second = "how much revenue did Veridia Foods make?"
    answer = talk(news, "how did the strike at Tolland Rail end?", second, "and profit?")
    assert answer.resolved == f"{second} and profit?"
    assert any("118 million" in citation.quote for citation in answer.citations)


def test_equal_conversations_get_equal_answers_and_filters_hold_in_them(news: Workspace) -> None:
    history = (
        Message("user", "how did the strike at Tolland Rail end?"),
        Message("assistant", "The union accepted a pay offer after seventeen days [1]."),
    )
    question = Question("what had they asked for?", explain=True, history=history)
    first, second = news.ask(question), news.ask(question)
    assert first.timings_ms.keys() == {"embed", "search", "read", "answer", "total"}
    assert asdict(replace(first, timings_ms={})) == asdict(replace(second, timings_ms={}))
    assert first.explain is not None
    cited = {citation.passage_id for citation in first.citations}
    assert {row.passage_id for row in first.explain if row.used} == cited
    only = replace(question.filters, sources=("veridia_foods_quarter.txt",))
    elsewhere = news.ask(replace(question, filters=only))
    assert {c.source.rsplit("/")[-1] for c in (*elsewhere.citations, *elsewhere.closest)} == {
        "veridia_foods_quarter.txt"
    }


def test_follow_ups_are_understood_without_a_reader_too() -> None:
    with temporary_workspace(Settings(reader="none")) as made:
        made.ingest([str(ARTICLES)])
        answer = talk(made, "青荷咖啡的官司法院是怎么判的？", "那赔了多少？")
    assert any("380万元" in citation.quote for citation in answer.citations)


def test_a_conversation_in_an_empty_library_finds_no_documents() -> None:
    history = (Message("user", "what did the court rule?"), Message("assistant", "Nothing."))
    with temporary_workspace(Settings()) as empty:
        answer = empty.ask(Question("and why?", history=history))
    assert (answer.status, answer.reason) == ("not_found", "no_documents")


def test_earlier_questions_count_as_long_as_their_answers_are_about_one_article() -> None:
    def article(text: str) -> str:
        return next(name for name in ("bank", "rail", "tea") if name in text)

    def turns(*pairs: tuple[str, str]) -> list[Message]:
        return [m for q, a in pairs for m in (Message("user", q), Message("assistant", a))]

    refusal = messages_for("en").unsupported
    same = [("a bank?", "bank [1]"), ("why?", refusal), ("when?", "the bank [2][3]")]
    assert leading_up(turns(*same), article) == ["a bank?", "why?", "when?"]
    assert leading_up(turns(("rail?", "rail"), *same[-1:]), article) == ["when?"]
    assert leading_up(turns(*same, ("how?", "bank")), article) == ["a bank?", "when?", "how?"]
    assert leading_up([Message("system", "be brief"), Message("user", "bank?")], article) == [
        "bank?"
    ]
    assert leading_up([], article) == []


def test_the_joined_question_reads_well_in_both_languages() -> None:
    assert joined("and why?", ["what did the court rule"]) == "what did the court rule? and why?"
    assert joined("那赔了多少？", ["法院是怎么判的"]) == "法院是怎么判的？那赔了多少？"
    assert joined("那赔了多少？", ["Who sued Ardent?"]) == "Who sued Ardent? 那赔了多少？"
    assert joined("why?", []) == "why?"


@pytest.mark.parametrize(
    ("question", "points"),
    [
        ("and how much must they pay?", True),
        ("why?", True),
        ("那赔了多少？", True),
        ("月票呢？", True),
        ("他們服氣嗎？", True),
        ("why did Kestrel Bank have an outage?", False),
        ("云浦公交的月票多少钱？", False),
    ],
)
def test_words_that_point_back_are_seen(question: str, points: bool) -> None:
    assert points_back(question) == points


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('Standalone question: "How much must Ardent repay?"', "How much must Ardent repay?"),
        (
            "**Rewritten query:** How much must Ardent repay?\n\nNote: …",
            "How much must Ardent repay?",
        ),
        ("\n  独立问题：“青荷咖啡赔了多少？”\n", "青荷咖啡赔了多少？"),
        ("How much must\tArdent repay?", "How much must Ardent repay?"),
        ("The question of debt: who pays?", "The question of debt: who pays?"),
        ('""', "and why?"),
        ("  \n\n", "and why?"),
        ("word " * 1000, "and why?"),
    ],
)
def test_what_an_llm_rewrote_is_cleaned_and_bounded(said: str, expected: str) -> None:
    assert rewritten(said, "and why?") == expected
