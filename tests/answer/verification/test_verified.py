"""Statements of an LLM reach an answer only with sentences that support them, whatever it cites."""

import re
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pincite.answer.verification.statement_model import StatementModel
from pincite.answer.verification.statements import StatementReader
from pincite.answer.verification.verified import VerifiedAnswer
from pincite.answer.verification.verify import Verdict, Verifier
from pincite.records import Hit
from pincite.workspace import Workspace

MODEL = StatementModel.load()


def retrieved(workspace: Workspace, question: str = "ferry museum bakery 博物馆") -> list[Hit]:
    return workspace.retriever.search(question, 8).hits


@pytest.fixture(scope="module")
def verifier(workspace: Workspace) -> Verifier:
    return verifier_of(workspace)


def verifier_of(workspace: Workspace) -> Verifier:
    hits = retrieved(workspace)
    vectors = workspace.library.sentence_vectors([hit.passage.id for hit in hits])
    return Verifier(MODEL, workspace.encoder, hits, vectors)


def quotes(verdict: Verdict, workspace: Workspace) -> list[str]:
    return [
        workspace.library.document(hit.document.id).text[span.start : span.end]
        for hit, span in verdict.evidence
    ]


def number_of(workspace: Workspace, word: str) -> int:
    return next(n for n, hit in enumerate(retrieved(workspace), 1) if word in hit.passage.text)


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("A single night ticket costs 4.50 euros.", "A single night ticket costs 4.50 euros"),
        ("A night ticket costs 4.50 euros.", "A single night ticket costs 4.50 euros"),
        ("According to the articles, a night ticket costs €4.50.", "A single night ticket"),
        ("夜间单程票价为4.50欧元。", "A single night ticket costs 4.50 euros"),
        ("修缮费用约为200万元。", "修缮费用约为两百万元"),
        ("修繕費用約為兩百萬元，由保險公司承擔。", "修缮费用约为两百万元"),
        ("由于屋顶漏水，开放时间推迟到明年三月。", "由于屋顶漏水"),
        ("Kornfeld will close 12 of its 40 shops by the end of the year.", "close twelve of its"),
        ("Two of the five boats have electric engines.", "Two of the five boats"),
        ("According to the articles: Kornfeld will close twelve shops.", "close twelve of its"),
        ("根据文章：馆长王丽表示，修缮费用约为两百万元。", "修缮费用约为两百万元"),
        ("自一月以来，黄油价格翻了一番。", "which has doubled since January"),
        ("The price of butter has doubled since January.", "which has doubled since January"),
        ("五艘船中有两艘已安装电动发动机。", "Two of the five boats"),
    ],
)  # fmt: skip
def test_what_the_articles_say_is_supported_by_the_sentence_that_says_it(
    statement: str, quote: str, verifier: Verifier, workspace: Workspace
) -> None:
    verdict = verifier.verify(statement)
    assert verdict.supported, verdict
    assert any(quote in q for q in quotes(verdict, workspace))
    assert len(verdict.evidence) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "A single night ticket costs 5.40 euros.",
        "A single night ticket costs 4.50 dollars.",
        "夜间单程票价为5.40欧元。",
        "The port authority will run the harbour ferry through the night from 3 June 2025.",
        "The port authority will not run the harbour ferry through the night.",
        "修缮费用约为三百万元，由保险公司承担。",
        "修缮费用约为两百万元，不由保险公司承担。",
        "馆长张伟表示，修缮费用约为两百万元。",
        "The repairs cost about three million yuan.",
        "The bakery chain Kornfeld will open twelve shops by the end of the year.",
        "The bakery chain Backhaus will close twelve of its forty shops.",
        "The bakery blames the price of flour.",
        "The price of butter has tripled since January.",
        "According to the articles: The price of butter has halved since January.",
        "自一月以来，黄油价格上涨到三倍。",
        "According to the articles: the ferry sank.",
        "The mayor promised to resign.",
        "市长承诺辞职。",
        "Paris is the capital of France.",
        "The ferry is popular with tourists from Japan.",
    ],
)
def test_what_they_do_not_say_is_not(statement: str, verifier: Verifier) -> None:
    for cited in ((), (1,), tuple(range(1, 9))):
        assert not verifier.verify(statement, cited).supported


def test_a_wrong_citation_is_put_right(verifier: Verifier, workspace: Workspace) -> None:
    wrong = number_of(workspace, "butter")
    verdict = verifier.verify("A single night ticket costs 4.50 euros.", [wrong])
    assert verdict.supported
    assert [hit.document.source for hit, _ in verdict.evidence] == ["ferry"]


def test_a_statement_that_merges_two_sentences_is_supported_by_both(
    verifier: Verifier, workspace: Workspace
) -> None:
    verdict = verifier.verify(
        "The harbour ferry will run through the night from 3 May 2025, and a single night ticket"
        " costs 4.50 euros."
    )
    assert verdict.supported
    assert len(verdict.evidence) == 2


def answer(workspace: Workspace, text: str, pieces: Iterable[str] | None = None) -> VerifiedAnswer:
    made = VerifiedAnswer(verifier_of(workspace), workspace.library.document)
    reader = StatementReader(len(retrieved(workspace)))
    streamed = ""
    for piece in pieces or [text]:
        streamed += "".join(made.add(drafted) for drafted in reader.feed(piece))
    streamed += "".join(made.add(drafted) for drafted in reader.finish())
    assert streamed == made.text
    check(made, workspace)
    return made


def check(made: VerifiedAnswer, workspace: Workspace) -> None:
    for statement in made.statements:
        assert made.text[statement.start : statement.end] == statement.text
        assert statement.supported
        assert statement.citations
    for citation in made.citations:
        text = workspace.library.document(citation.document_id).text
        assert text[citation.start : citation.end] == citation.quote
    assert [c.marker for c in made.citations] == [*range(1, len(made.citations) + 1)]
    shown = [int(n) for n in re.findall(r"\[\s*(\d+)\s*\]", made.text)]
    assert shown == [n for statement in made.statements for n in statement.citations]
    assert set(shown) == {c.marker for c in made.citations}


def test_an_answer_has_what_is_supported_with_its_own_markers(workspace: Workspace) -> None:
    made = answer(
        workspace,
        "Here are the facts:\n"
        "- A single night ticket costs 4.50 euros [7]. It is free for children [1].\n"
        "- 馆长王丽表示，修缮费用约为两百万元，由保险公司承担【99】。\n"
        "The ferry sank in 1912 [2]. A single night ticket costs 4.50 euros. Kornfeld will close"
        " twelve of its forty shops by the end of the year[0][-1].\n\nThe rest:",
    )
    assert made.text == (
        "Here are the facts:\n"
        "- A single night ticket costs 4.50 euros. [1]\n"
        "- 馆长王丽表示，修缮费用约为两百万元，由保险公司承担。 [2]\n"
        "Kornfeld will close twelve of its forty shops by the end of the year. [3]"
    )
    assert [r.text for r in made.removed] == [
        "It is free for children.",
        "The ferry sank in 1912.",
    ]
    assert made.status == "partial"


def test_nothing_is_left_of_what_nothing_supports(workspace: Workspace) -> None:
    made = answer(workspace, "The reasons are:\n- The captain of the ferry was drunk [1].")
    assert (made.text, made.statements, made.citations) == ("", [], [])
    assert (made.status, len(made.removed)) == ("not_found", 1)


def test_a_sentence_quoted_twice_has_one_citation(workspace: Workspace) -> None:
    made = answer(
        workspace, "一张夜间单程票的价格为4.50欧元[1]。A single night ticket costs 4.50 euros."
    )
    assert [s.citations for s in made.statements] == [[1], [1]]
    assert made.status == "answered"


SCRAPS = [
    "A single night ticket costs 4.50 euros", "修缮费用约为两百万元", "It costs 99 euros",
    "Source 3 says so", "[1]", "[12]", "【2】", "[0]", "[[1]](http://evil.example)", "(1)", "¹",
    "[1", "2]", ". ", "。", "\n", "\n- ", "<b>", "![x](y)", "[3", "]", ":", "“", "”", "\u202e",
]  # fmt: skip


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(SCRAPS), max_size=25))
def test_no_forged_marker_survives(workspace: Workspace, scraps: list[str]) -> None:
    made = answer(workspace, "", scraps)
    assert all("99" not in s.text and "evil" not in s.text for s in made.statements)
