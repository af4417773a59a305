"""Suggested questions: what the rules make of articles, and that only answered ones are shown."""

import anyio
import pytest

from pincite.records import ParsedDocument, Question
from pincite.serve.gate import Gate
from pincite.serve.ui.cues import candidates, main_name
from pincite.serve.ui.suggest import SUGGESTIONS, Suggester
from pincite.settings import Settings
from pincite.wiring import temporary_workspace
from pincite.workspace import Workspace
from tests.conftest import ARTICLES
from tests.serve.memory import MemoryWorkspace


@pytest.mark.parametrize(
    ("body", "language", "question"),
    [
        ("修缮费用约为两百万元，由保险公司承担。", "zh", "修缮费用是多少钱？"),
        ("由于漏水，开放时间推迟到明年三月。", "zh", "开放时间推迟到什么时候？"),
        ("据统计，今年的价格比去年高百分之十。", "zh", "今年的价格比去年高百分之多少？"),
        (
            "A single night ticket costs 4.50 euros.",
            "en",
            "How much does a single night ticket cost?",
        ),
        (
            "The port will run the ferry through the night from 3 May 2025.",
            "en",
            "When will the port run the ferry through the night?",
        ),
        ("Kornfeld should close twelve shops.", "en", "What should Kornfeld close?"),
        ("The court ordered a new trial.", "en", "What did the court order?"),
        (
            "This spring Kornfeld and later Kornfeld faced a crisis.",
            "en",
            "What challenges does Kornfeld face?",
        ),
        ("This spring Kornfeld and later Kornfeld faced a crisis.", "zh", "Kornfeld面临哪些挑战？"),
    ],
)
def test_sentences_become_questions(body: str, language: str, question: str) -> None:
    assert question in candidates("", body, language)


@pytest.mark.parametrize(
    "body",
    [
        "It blames the price of butter.",
        "他于2024年11月离开了北京。",
        "Nothing is said here.",
        "今天天气很好。",
        "",
    ],
)
def test_what_makes_no_clear_question_makes_none(body: str) -> None:
    assert candidates("", body, "en") == candidates("", body, "zh") == []


def test_a_name_is_one_that_comes_again() -> None:
    assert (
        main_name("We met Ada Lovelace. Then Ada Lovelace met Babbage on Monday.") == "Ada Lovelace"
    )
    assert main_name("We met Ada Lovelace once.") is None


def test_suggestions_are_answered_by_the_article_they_come_from() -> None:
    async def both(made: Workspace) -> tuple[list[str], list[str], list[str]]:
        suggester = Suggester(made, Gate(1, 8))
        english = await suggester.suggestions("en")
        return english, await suggester.suggestions("zh"), await suggester.suggestions("en")

    with temporary_workspace(Settings()) as made:
        made.add_parsed(
            (source, ParsedDocument(title, text, None, lang, "text/plain"))
            for source, (title, lang, text) in ARTICLES.items()
        )
        english, chinese, again = anyio.run(both, made)
        answers = [made.ask(Question(question)) for question in [*english, *chinese]]
    assert english == again
    assert "How much does a single night ticket cost?" in english
    assert any(question.endswith("？") for question in chinese)
    assert {answer.status for answer in answers} == {"answered"}


def test_each_library_is_asked_once_and_few_questions_are_tried() -> None:
    memory = MemoryWorkspace()
    body = "A night ticket{n} costs {n} euros. The ferry{n} should leave the pier."
    for number in range(30):
        memory.add(f"Ferry {number}", body.format(n=number), f"{number}.txt")
    asked: list[Question] = []
    memory.before_asking = asked.append

    async def made() -> list[list[str]]:
        suggester = Suggester(memory.as_workspace, Gate(1, 8))
        first = [await suggester.suggestions("en") for _ in range(3)]
        known = suggester.known("en", [memory.documents()[0].id])
        assert sorted(known) == sorted(first[0])
        assert suggester.known("zh", []) == ()
        return first

    first, *others = anyio.run(made)
    assert others == [first, first]
    assert len(first) == SUGGESTIONS
    assert len(asked) <= 20
