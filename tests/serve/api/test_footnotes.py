import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from pincite.records import Answer, Citation, Question, Quotation
from pincite.serve.api.footnotes import Escaper, footnotes, restarted, without_additions
from tests.serve.memory import MemoryWorkspace


def _answer(workspace: MemoryWorkspace, question: str, **further: object) -> Answer:
    return replace(workspace.ask(Question(question)), **further)  # type: ignore[arg-type]


def _quotation(**further: str | None) -> Quotation:
    values = {"title": "T", "source": "/srv/a/b.txt", "published": None, "quote": "q", **further}
    return Quotation(document_id="d", start=0, end=1, passage_id=1, score=0.5, **values)  # type: ignore[arg-type]


def test_citations_are_listed_below_in_the_answers_language(workspace: MemoryWorkspace) -> None:
    english = footnotes(_answer(workspace, "What did the court rule on Acme?"))
    assert english.startswith(
        "\n\n---\n\n**Sources**\n\n- [1] Verdict in the Acme case · 2025-05-06 ·"
    )
    assert "acme.txt · “The court ruled against Acme on 5 May.”" in english
    assert "/srv" not in english
    chinese = footnotes(_answer(workspace, "今年的小麦收成价格怎么样？"))
    assert "**来源**\n\n- [1] 今年的收成 · https://news.example.com/harvest · “" in chinese


def test_without_citations_the_closest_passages_are_listed(workspace: MemoryWorkspace) -> None:
    text = footnotes(_answer(workspace, "Who painted the ceiling?", degraded="no *LLM*"))
    assert "**The closest passages, which do not answer the question**\n\n- " in text
    assert "[1]" not in text
    assert text.endswith(r"*Degraded: no \*LLM\**")


def _live(markdown: str) -> set[str]:
    """Return the elements that a chat client makes of it, those of plain prose apart."""
    html = MarkdownIt("commonmark", {"html": True}).render(markdown)
    return set(re.findall(r"<(\w+)", html)) - {"p", "ul", "li", "hr", "em", "strong"}


HOSTILE = [
    "![x](http://evil.example/a.png)",
    "[click](http://evil.example)",
    "![x][1] [y][1]\n\n[1]: http://evil.example",
    "<img src=http://evil.example> <b>",
    "<http://evil.example>",
    "</p><script>evil()</script><!-- <?x?>",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_an_answers_text_is_no_markup(hostile: str) -> None:
    assert _live(hostile)
    escaper = Escaper()
    assert not _live("".join(map(escaper.feed, hostile)) + escaper.rest())


@pytest.mark.parametrize("hostile", [*HOSTILE, "`<b>`", "# x\n\n# y"])
def test_what_documents_say_is_no_markup(workspace: MemoryWorkspace, hostile: str) -> None:
    url = "https://news.example.com/a)![x](b<c>"
    quoted = _quotation(title=hostile, quote=hostile, source=url)
    text = footnotes(_answer(workspace, "Nothing?", closest=[quoted]))
    assert not _live(text)
    assert "https://news.example.com/a%29%21%5Bx%5D%28b%3Cc%3E" in text


def test_a_long_quote_is_shortened(workspace: MemoryWorkspace) -> None:
    quoted = Citation(**{f: getattr(_quotation(quote="文" * 900), f) for f in Quotation.__slots__})
    assert f"“{'文' * 200}…”" in footnotes(_answer(workspace, "Nothing?", citations=[quoted]))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Costs fell [1][2]. a < 5", "Costs fell [1][2]. a < 5"),
        ("![x](http://e)", r"!\[x]\(http://e)"),
        ("[1]: http://e", r"[1]\: http://e"),
        ("<img src=x> </b> <", r"\<img src=x> \</b> <"),
        ("好！[1] 了", "好！[1] 了"),
    ],
)
def test_an_answers_text_is_the_same_in_one_piece_and_in_many(text: str, escaped: str) -> None:
    for pieces in ([text], list(text), [text[:2], "", text[2:]]):
        escaper = Escaper()
        assert "".join(map(escaper.feed, pieces)) + escaper.rest() == escaped


@pytest.mark.parametrize("language", ["en", "zh", "zh-Hant", "fr"])
def test_additions_are_taken_off_what_a_client_sends_back(
    workspace: MemoryWorkspace, language: str
) -> None:
    for question in ("What did the court rule on Acme?", "Nothing?"):
        answer = _answer(workspace, question, language=language)
        sent = f"void{restarted(language)}{answer.answer}{footnotes(answer)}"
        assert without_additions(sent) == answer.answer
    assert without_additions("a\n\n---\n\nb") == "a\n\n---\n\nb"
