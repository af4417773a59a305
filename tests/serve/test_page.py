"""What the chat page is made of, without a browser."""

import re
from dataclasses import fields, replace
from html.parser import HTMLParser
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pincite.records import Question
from pincite.serve.ui.article import render_article
from pincite.serve.ui.conversation import Turn, history, render_turn
from pincite.serve.ui.markup import element, origin, text
from pincite.serve.ui.panel import CONTEXT, excerpts
from pincite.serve.ui.strings import LANGUAGES, Strings, strings_for, strings_for_browser
from pincite.serve.ui.why import passage_notes
from tests.serve.memory import RULING, MemoryWorkspace

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
QUESTION = "What did the court rule on the Acme deposit?"


class _Reader(HTMLParser):
    """Collects the tags, the attributes and the text that a browser would see."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def _turn(workspace: MemoryWorkspace, question: str = QUESTION) -> Turn:
    answer = workspace.ask(Question(question, explain=True))
    found = excerpts(answer, workspace.document)
    notes = passage_notes(answer, workspace.passages)
    return Turn(1, question, "en", answer=answer, excerpts=tuple(found), notes=notes)


_PIECES = st.sampled_from(["<", ">", "&", '"', "'", "/", "=", "&lt;", "<script>", "<!--", "]]>"])
_TEXTS = st.lists(_PIECES | st.text(max_size=3)).map("".join)


@given(_TEXTS, _TEXTS)
def test_any_text_stays_text(content: str, value: str) -> None:
    read = _Reader(element("p", text(content), title=value))
    assert read.tags == ["p"]
    assert [name for name, _ in read.attributes] == ["title"]
    assert read.text == _BIDI.sub("", content)
    assert dict(read.attributes) == {"title": _BIDI.sub("", value)}


@pytest.mark.parametrize(
    ("source", "name", "url"),
    [
        ("https://news.example.com/a?b=1", "news.example.com", True),
        ("http://example.com", "example.com", True),
        ("HTTPS://Example.com/", "example.com", True),
        ("/srv/articles/acme.txt", "acme.txt", False),
        ("C:\\articles\\acme.txt", "acme.txt", False),
        ("upload:acme.pdf", "acme.pdf", False),
        ("javascript:alert(1)", "javascript:alert(1)", False),
        (" javascript:alert(1)//http://x", "x", False),
        ("data:text/html,<script>", "html,<script>", False),
        ("https:evil", "https:evil", False),
        ("http://[broken", "http://[broken", False),
        ("//example.com/x", "//example.com/x", False),
        ("", "", False),
    ],
)
def test_only_web_addresses_become_links(source: str, name: str, url: bool) -> None:
    found = origin(source)
    assert (found.name, found.url) == (name, source if url else None)


def test_a_quote_is_shown_in_its_context(workspace: MemoryWorkspace) -> None:
    turn = _turn(workspace)
    assert turn.answer
    first = turn.excerpts[0]
    quote = first.quotation.quote
    assert first.number == 1
    assert quote == "The court ruled against Acme on 5 May."
    assert RULING.endswith(first.after)
    assert first.before + quote + first.after == RULING
    assert f"<mark>{quote}</mark>" in render_turn(turn)


def test_a_long_context_is_cut_between_words(workspace: MemoryWorkspace) -> None:
    words = "alpha beta gamma " * 100
    body = f"{words}\n\nThe zeppelin landed at Lakehurst.\n\n{words}"
    workspace.reset()
    workspace.add("Airships", body, "a.txt")
    (found, *_) = _turn(workspace, "Where did the zeppelin land at Lakehurst?").excerpts
    assert found.quotation.quote == "The zeppelin landed at Lakehurst."
    assert found.before.startswith("… ")
    assert found.after.endswith(" …")
    before, after = found.before.removeprefix("… "), found.after.removesuffix(" …")
    assert 0 < len(before) <= CONTEXT
    assert 0 < len(after) <= CONTEXT
    assert before.split()[0] in {"alpha", "beta", "gamma"}
    assert after.split()[-1] in {"alpha", "beta", "gamma"}
    assert f"{before}{found.quotation.quote}{after}" in body


def test_a_document_gone_or_changed_since_leaves_the_quote(workspace: MemoryWorkspace) -> None:
    answer = workspace.ask(Question(QUESTION))
    document_id = answer.citations[0].document_id
    changed = replace(workspace.stored[document_id], text="Another text altogether.")
    edited = excerpts(answer, lambda _: changed)
    assert {(e.before, e.after) for e in edited} == {("", "")}
    del workspace.stored[document_id]
    gone = excerpts(answer, workspace.document)
    assert [e.quotation.quote for e in gone] == [c.quote for c in answer.citations]
    assert {(e.before, e.after) for e in gone} == {("", "")}


def test_markers_lead_to_their_sources(workspace: MemoryWorkspace) -> None:
    turn = _turn(workspace)
    assert turn.answer
    read = _Reader(render_turn(turn))
    targets = [value for name, value in read.attributes if name == "data-source"]
    ids = [value for name, value in read.attributes if name == "id"]
    assert len(turn.answer.citations) == 2
    assert set(targets) == {"t1-s1", "t1-s2"}
    assert sorted(map(str, ids)) == ["t1", "t1-s1", "t1-s2"]
    assert "[1]" not in read.text


def test_brackets_that_are_no_markers_stay(workspace: MemoryWorkspace) -> None:
    turn = _turn(workspace)
    assert turn.answer
    forged = replace(turn.answer, answer="See [7] and [x] [0].", statements=[])
    shown = render_turn(replace(turn, answer=forged))
    assert "See [7] and [x] [0]." in _Reader(shown).text
    assert "pc-marker" not in shown


def test_an_unsupported_statement_is_marked(workspace: MemoryWorkspace) -> None:
    turn = _turn(workspace)
    assert turn.answer
    doubtful = replace(turn.answer.statements[1], supported=False)
    answer = replace(
        turn.answer, status="partial", statements=[turn.answer.statements[0], doubtful]
    )
    markup = render_turn(replace(turn, answer=answer))
    assert markup.count('class="pc-unsupported"') == 1
    assert strings_for("en").partial in _Reader(markup).text
    assert strings_for("en").partial_text in _Reader(markup).text


@pytest.mark.parametrize(
    ("confidence", "said"),
    [(0.95, "Well supported"), (0.7, "Supported"), (0.45, "Weakly supported")],
)
def test_confidence_is_said_in_words(
    workspace: MemoryWorkspace, confidence: float, said: str
) -> None:
    turn = _turn(workspace)
    assert turn.answer
    read = _Reader(render_turn(replace(turn, answer=replace(turn.answer, confidence=confidence))))
    assert f"{said} (Confidence {confidence:.0%}" in read.text


def test_a_turn_tells_its_state(workspace: MemoryWorkspace) -> None:
    working = Turn(1, "x", "en", stage="reading", said="Half an answer [1]")
    read = render_turn(working, beat=3)
    assert "is-working" in read
    assert "data-done" not in read
    assert 'data-beat="3"' in read
    assert strings_for("en").reading in read
    for turn, state in (
        (replace(working, stopped=True), "is-stopped"),
        (replace(working, error="it broke"), "is-failed"),
        (_turn(workspace), "is-answered"),
        (_turn(workspace, "Who painted the ceiling?"), "is-not-found"),
    ):
        assert state in render_turn(turn)
        assert "data-done" in render_turn(turn)


def test_only_answered_turns_are_the_history(workspace: MemoryWorkspace) -> None:
    turns = [_turn(workspace), Turn(2, "x", "en", error="it broke"), _turn(workspace)]
    assert turns[0].answer
    assert [(m.role, m.content) for m in history(turns)] == [
        ("user", QUESTION),
        ("assistant", turns[0].answer.answer),
    ] * 2
    assert len(history(turns * 20)) == 12


def test_labels_follow_the_answers_language(workspace: MemoryWorkspace) -> None:
    turn = _turn(workspace, "今年的小麦收成怎么样？")
    markup = render_turn(turn)
    assert strings_for("zh").well_supported in markup
    assert strings_for("zh").why in markup
    assert 'lang="zh"' in markup


def test_the_table_of_reasons_survives_a_deleted_article(workspace: MemoryWorkspace) -> None:
    turn = _turn(workspace)
    assert turn.answer
    assert all(note.beginning for note in turn.notes)
    workspace.stored.clear()
    notes = passage_notes(turn.answer, workspace.passages)
    assert {note.beginning for note in notes} == {""}
    assert "Verdict in the Acme case" in render_turn(replace(turn, notes=notes))


@given(st.integers(0, 120), st.integers(0, 120))
def test_an_article_is_shown_whole_with_its_quote(start: int, end: int) -> None:
    memory = MemoryWorkspace()
    body = "Heading\n\n## Part <b>\n\n- one & two 🚢\n- three\n\nA paragraph\nof two lines.\n"
    document = memory.add("<i>Title</i>", body, "https://example.com/a")
    passages = memory.passages(document.info.id)
    read = render_article(document, passages, start, end, strings_for("en"))
    marked = "".join(re.findall(r"<mark>(.*?)</mark>", read))
    marks = re.finditer(r"^(?:## |- )|\n", body, re.MULTILINE)
    hidden = {at for mark in marks for at in range(*mark.span())}
    shown = [body[at] for at in range(start, min(end, len(body))) if at not in hidden]
    assert _Reader(f"<p>{marked}</p>").text == "".join(shown)
    assert "<b>" not in read
    assert "Part <b>one & two 🚢threeA paragraphof two lines." in _Reader(read).text


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        (None, "en"),
        ("", "en"),
        ("*", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-TW,zh;q=0.9", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.5, zh;q=0.9", "zh"),
        ("fr-FR,fr;q=0.9,zh;q=0.3", "zh"),
        ("zh;q=0,en;q=0.1", "en"),
        ("de,fr", "en"),
        ("zha-CN", "en"),
        ("zh;q=2;;,,;q=x", "en"),
        ("<script>" * 1000, "en"),
    ],
)
def test_the_interface_follows_the_browser(header: str | None, tag: str) -> None:
    assert strings_for_browser(header).tag == tag


def test_every_string_has_the_same_blanks_in_every_language() -> None:
    english = strings_for("en")
    for tag in ("zh", "zh-Hant"):
        other = strings_for(tag)
        assert other.tag == tag
        for field in fields(Strings):
            words = [getattr(strings, field.name) for strings in (english, other)]
            blanks = [[part[1] for part in Formatter().parse(word) if part[1]] for word in words]
            assert sorted(blanks[0]) == sorted(blanks[1]), field.name
            assert all(words)
    assert strings_for("zh-Hant").welcome_empty != strings_for("zh").welcome_empty
    assert len({strings_for(tag).own_name for tag in LANGUAGES}) == 3


def test_counts_are_spoken_rightly() -> None:
    assert strings_for("en").count(1, "article") == "1 article"
    assert strings_for("en").count(1200, "article") == "1,200 articles"
    assert strings_for("zh").count(2, "passage") == "2 个段落"


def test_an_article_on_one_line_is_cut_at_its_passages(workspace: MemoryWorkspace) -> None:
    document = workspace.add("Airships", "Airships\n\nFirst part. Second part.", "a.txt")
    [title, passage] = workspace.passages(document.info.id)
    halves = [replace(passage, end=22), replace(passage, start=22)]
    read = render_article(document, [title, *halves], 10, 21, strings_for("en"))
    assert "<p><mark>First part.</mark></p><p>Second part.</p>" in read
    # The title stands above; it is not said twice.
    assert read.count("Airships") == 1
