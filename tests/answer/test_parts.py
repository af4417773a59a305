"""Questions of several parts: where they part, and what their answers say of each part."""

import pytest

from pincite.answer.parts import MOST_PARTS, parts_of
from pincite.records import Answer, Question
from pincite.retrieve.retriever import Retrieval, Retriever
from pincite.workspace import Workspace


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "谁估价了中国皇袍？估价是多少？",
            ["谁估价了中国皇袍？", "估价是多少？"],
        ),
        ("小米为什么被起诉，法院是怎么判的？", ["小米为什么被起诉", "法院是怎么判的？"]),
        ("誰起訴了小米，以及法院是怎麼判的？", ["誰起訴了小米", "法院是怎麼判的？"]),
        (
            "Who sued the company? What did the court rule?",
            ["Who sued the company?", "What did the court rule?"],
        ),
        (
            "Who sued the company, and what did the court rule?",
            ["Who sued the company", "what did the court rule?"],
        ),
        (
            "I read about the ferry. What does it cost? When does it run?",
            ["I read about the ferry. What does it cost?", "When does it run?"],
        ),
        (
            "What does a card cost? Who is the cook? and when does it open",
            ["What does a card cost?", "Who is the cook?", "and when does it open"],
        ),
        ("小米为什么被起诉？法院是怎么判的", ["小米为什么被起诉？", "法院是怎么判的"]),
        (
            "“谁来买单？”这句话是谁说的？他为什么这样说？请用几句话回答",
            ["“谁来买单？”这句话是谁说的？", "他为什么这样说？"],
        ),
        (
            "Who sued the company? What did the court rule? Tell me which day it was.",
            ["Who sued the company?", "What did the court rule?"],
        ),
    ],
)
def test_a_question_of_several_parts_is_split(question: str, parts: list[str]) -> None:
    assert parts_of(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "what did the court rule?",
        "法院是怎么判的？",
        "Who was fined, and how much?",
        "Do you know who said what and when?",
        "如果迟到了，应该怎么办？",
        "In 2024, after the merger, which shops closed?",
        "When it rains, what happens to the roof and the walls?",
        "为什么？？？",
        "the court and the verdict",
        "What? Really?",
        "《谁动了我的奶酪？》这本书是谁写的？",
        "《谁动了我的奶酪？》这本书是谁写的",
        "小米为什么被起诉？请用几句话回答",
        " ".join(f"What is number {n} about?" for n in range(MOST_PARTS + 1)),
    ],
)
def test_a_question_of_one_part_stays_whole(question: str) -> None:
    assert parts_of(question) == [question]


def _quoted(answer: Answer) -> str:
    return " ".join(citation.quote for citation in answer.citations)


def test_each_part_is_answered_from_its_own_sentence(workspace: Workspace) -> None:
    answer = workspace.ask(
        Question("How much is a night ticket for the ferry? How many shops will the bakery close?")
    )
    assert answer.status == "answered"
    assert "4.50 euros" in _quoted(answer)
    assert "twelve of its forty" in _quoted(answer)
    assert answer.unanswered == []


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        (
            "How much is a night ticket for the ferry? Who won the 2022 World Cup?",
            "Who won the 2022 World Cup?",
        ),
        ("北京今天天气怎么样？博物馆为什么推迟开放？", "北京今天天气怎么样？"),
    ],
)
def test_what_no_article_answers_is_named_and_the_rest_is_answered(
    workspace: Workspace, question: str, missing: str
) -> None:
    *pieces, answer = workspace.assistant.stream(Question(question))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.reason) == ("partial", None)
    assert answer.unanswered == [missing]
    assert answer.answer.endswith(missing)
    assert answer.citations
    assert all(answer.answer[s.start : s.end] == s.text for s in answer.statements)
    assert "".join(getattr(piece, "text", "") for piece in pieces) == answer.answer


def test_open_parts_are_told_apart_and_hold_no_markers(workspace: Workspace) -> None:
    answer = workspace.ask(
        Question(
            "How much is a night ticket for the ferry, and who won the World Cup [1] in 2022,"
            " and what is the capital of Mongolia"
        )
    )
    assert len(answer.unanswered) == 2
    last = answer.answer.splitlines()[-1]
    assert last.endswith("who won the World Cup in 2022? what is the capital of Mongolia?")


def test_without_any_answer_the_question_is_refused_as_a_whole(workspace: Workspace) -> None:
    answer = workspace.ask(Question("Who won the 2022 World Cup? What is the capital of Mongolia?"))
    assert answer.status == "not_found"
    assert answer.unanswered == []
    assert answer.closest


@pytest.mark.parametrize(
    ("part", "in_context"),
    [
        ("Who won the Harlow by-election for the Liberals in 1998?", False),
        ("2023年上半年中国船舶工业的新接订单量是多少？", False),
        ("And did it snow there?", True),
        ("下雪了吗？", True),
    ],
)
def test_an_open_part_is_read_after_the_first_unless_it_names_its_subject(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, part: str, in_context: bool
) -> None:
    first = "What did the court rule?"
    asked = []
    reconsider = Retriever.reconsider

    def noted(self: Retriever, question: str, found: Retrieval) -> Retrieval:
        asked.append(question)
        return reconsider(self, question, found)

    monkeypatch.setattr(Retriever, "reconsider", noted)
    workspace.ask(Question(f"{first} {part}"))
    assert (f"{first} {part}" in asked) is in_context
