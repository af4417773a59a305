"""Saved conversations: complete, escaped, and without anything from elsewhere."""

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from pincite.serve.ui.conversation import Turn
from pincite.serve.ui.export import as_html, as_markdown, export
from pincite.serve.ui.strings import strings_for
from tests.serve.memory import MemoryWorkspace
from tests.serve.scripted import explained
from tests.serve.test_hostile_text import HOSTILE

QUESTION = "What did the court rule on the Acme deposit?"
DAY = date(2025, 6, 1)
WORDS = strings_for("en")


@pytest.fixture
def turns(workspace: MemoryWorkspace) -> list[Turn]:
    asked = [QUESTION, "今年的小麦收成价格怎么样？", "Who painted the ceiling?"]
    made = [
        Turn(place, question, "en", answer=explained(workspace, question))
        for place, question in enumerate(asked, 1)
    ]
    return [*made, Turn(4, "What failed?", "en", error="it broke")]


def test_markdown_holds_questions_answers_and_citations(turns: list[Turn]) -> None:
    saved = as_markdown(turns, WORDS, DAY)
    assert saved.startswith(f"# {QUESTION}\n\nSaved from Pincite on 2025\\-06\\-01\n")
    assert "The court ruled against Acme on 5 May. \\[1\\]" in saved
    assert (
        "- \\[1\\] “The court ruled against Acme on 5 May.” — Verdict in the Acme case. "
        "acme.txt. 2025\\-05\\-06 · " in saved
    )
    assert "<https://news.example.com/harvest>" in saved
    assert "依据充分 (90%)" in saved
    assert "Not in your articles" in saved
    assert "What failed?" not in saved
    assert "/srv/articles" not in saved


def test_a_page_holds_the_same_in_each_answers_language(turns: list[Turn]) -> None:
    saved = as_html(turns, WORDS, DAY)
    assert saved.startswith('<!doctype html>\n<html lang="en">')
    assert 'lang="zh">' in saved
    assert '<a href="https://news.example.com/harvest">news.example.com</a>' in saved
    assert saved.count("<h2") == 3
    assert "script" not in saved
    assert export(turns, "html", WORDS, DAY) == saved


def test_an_empty_conversation_can_be_saved() -> None:
    assert as_markdown([], WORDS, DAY).startswith("# New conversation")
    assert "<h1>New conversation</h1>" in as_html([], WORDS, DAY)


class _Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name == "src"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(turns: list[Turn], text: str) -> None:
    answer = turns[0].answer
    assert answer
    quoted = [replace(citation, title=text, source=text) for citation in answer.citations]
    hostile = [replace(turns[0], question=text, answer=replace(answer, citations=quoted))]
    allowed = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "ul"}
    assert _Tags(as_html(hostile, WORDS, DAY)).tags <= allowed | {"li", "blockquote", "cite", "a"}
    saved = as_markdown(hostile, WORDS, DAY)
    # No unescaped mark that makes a link, an image, HTML or code of it.
    bare = re.sub(r"\\.", "", re.sub(r"<https?://[^<>\s]*>", "", saved))
    assert not re.search(r"[<>`\[\]]|!\(", bare)
