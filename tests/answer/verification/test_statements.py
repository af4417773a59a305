"""An LLM's text is cut into statements, its markers read, and nothing harmful is left in it."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pincite.answer.verification.statements import Drafted, StatementReader


def read(text: str, passages: int = 8) -> list[Drafted]:
    reader = StatementReader(passages)
    return [*reader.feed(text), *reader.finish()]


def only(text: str, passages: int = 8) -> Drafted:
    (drafted,) = read(text, passages)
    return drafted


@pytest.mark.parametrize(
    ("text", "markers"),
    [
        ("It rained [1].", (1,)),
        ("It rained[1][2].", (1, 2)),
        ("It rained [1] [2].", (1, 2)),
        ("It rained [1, 2].", (1, 2)),
        ("It rained [1-3].", (1, 2, 3)),
        ("It rained [1–3, 5].", (1, 2, 3, 5)),
        ("It rained [1 and 2].", (1, 2)),
        ("It rained.[1]", (1,)),
        ("It rained. [1] [2]", (1, 2)),
        ("It rained 【1】.", (1,)),
        ("It rained【1†source】.", (1,)),
        ("It rained［１，２］.", (1, 2)),
        ("It rained [^1].", (1,)),
        ("It rained [[1]](https://x.example).", (1,)),
        ("It rained [1](https://x.example).", (1,)),
        (r"It rained \[1\].", (1,)),
        ("It rained [Passage 1].", (1,)),
        ("It rained (Passage 1, Passage 3).", (1, 3)),
        ("It rained [citation:2].", (2,)),
        ("It rained [Source 1; Source 2].", (1, 2)),
        ("It rained (1).", (1,)),
        ("It rained.¹", (1,)),
        ("It rained<sup>1</sup>.", (1,)),
        ("It rained [\u200b1\u202e].", (1,)),
        ("It rained [0].", ()),
        ("It rained [9].", ()),
        ("It rained [99][1].", (1,)),
        ("It rained [-1].", ()),
        ("It rained [7-12].", (7, 8)),
        ("It rained [1][1].", (1,)),
        ("It rained [1[2]].", (2,)),
        ("It rained [[1].", (1,)),
        ("It **rained** [1].", (1,)),
    ],
)
def test_markers_of_any_form_are_read_and_removed(text: str, markers: tuple[int, ...]) -> None:
    assert only(text) == Drafted("It rained.", markers, True, "\n")


@pytest.mark.parametrize(
    ("text", "markers"),
    [
        ("下雨了[1]。", (1,)),
        ("下雨了 [1] 。", (1,)),
        ("下雨了。[1]", (1,)),
        ("下雨了。【1】【2】", (1, 2)),
        ("下雨了［1］。", (1,)),
        ("下雨了〔１〕。", (1,)),
        ("下雨了[来源1]。", (1,)),
        ("下雨了（来源1、2）。", (1, 2)),
        ("下雨了[段落 2]。", (2,)),
        ("下雨了[第3段]。", (3,)),
        ("下雨了[1、2]。", (1, 2)),
        ("下雨了[1至3]。", (1, 2, 3)),
        ("下雨了（1）。", (1,)),
        ("下雨了¹。", (1,)),
    ],
)
def test_chinese_markers(text: str, markers: tuple[int, ...]) -> None:
    assert only(text) == Drafted("下雨了。", markers, True, "\n")


@pytest.mark.parametrize(
    "text",
    [
        "The park covers 10 km² in all.",
        "Section 5 (1) applies.",
        "That is so under section 5 (1).",
        "In [brackets] it said so.",
        "It grew from 3 to 4 (see below).",
        "She founded the firm (2019).",
        "It cost 4.50 euros, i.e. too much.",
        "面积为10平方公里（约）。",
    ],
)
def test_what_is_no_marker_stays(text: str) -> None:
    assert only(text) == Drafted(text, (), True, "\n")


def test_a_year_in_brackets_stays_but_cannot_be_taken_for_a_marker() -> None:
    assert only("The judgment [2024] is final [1].").text == "The judgment (2024) is final."


def test_a_marker_after_the_stop_belongs_to_the_sentence_before_it() -> None:
    drafted = read("A boat sank.[1] Nobody died. [2] 船沉了。[3]无人死亡。[4]")
    assert [(d.text, d.markers) for d in drafted] == [
        ("A boat sank.", (1,)),
        ("Nobody died.", (2,)),
        ("船沉了。", (3,)),
        ("无人死亡。", (4,)),
    ]


def test_sentences_are_not_cut_in_abbreviations_numbers_or_quotations() -> None:
    text = (
        'Dr. Wu paid 4.50 U.S. dollars [1]. "It is late. Go!" she said [2]. 他说：“太晚了。走！”[3]'
    )
    assert [d.text for d in read(text)] == [
        "Dr. Wu paid 4.50 U.S. dollars.",
        '"It is late. Go!" she said.',
        "他说：“太晚了。走！”",
    ]


def test_lines_and_items_are_statements_and_lead_ins_no_claims() -> None:
    drafted = read(
        "## The ferry\n\nThe facts are:\n- It runs at night [1]\n2. It costs 4.50 euros [2]\n\n"
        "**Criticism**\n以下是批评：\n（三）居民担心噪音[3]。他们抗议。\n\nSources:\n[1] Harbour"
    )
    assert drafted == [
        Drafted("The ferry", (), False, "\n"),
        Drafted("The facts are:", (), False, "\n"),
        Drafted("It runs at night", (1,), True, "\n- "),
        Drafted("It costs 4.50 euros", (2,), True, "\n- "),
        Drafted("Criticism", (), False, "\n"),
        Drafted("以下是批评：", (), False, "\n"),
        Drafted("居民担心噪音。", (3,), True, "\n- "),
        Drafted("他们抗议。", (), True, ""),
    ]


def test_nothing_that_acts_or_deceives_is_left() -> None:
    text = (
        "![pixel](https://evil.example/p.png?q=1)The [ferry](javascript:alert(1)) runs"
        " <img src=x onerror=alert(1)><b>at</b> \u202enight\u0000 `now` https://evil.example/x"
        " <script>ok [1].\n```html\n|---|---|\n```"
    )
    assert only(text) == Drafted("The ferry runs at night now ok.", (1,), True, "\n")


def test_what_a_model_thinks_is_no_answer() -> None:
    assert only("\n<think>It may rain [1].\nOr not.</think>\n\nIt rained [2].").markers == (2,)
    assert read("<think>It may rain [1]. And so on, for ever") == []


def test_a_statement_comes_as_soon_as_the_next_has_begun() -> None:
    reader = StatementReader(3)
    first = reader.feed("The ferry runs at night [1]. The ticket for it costs 4.50 euros")
    assert [d.text for d in first] == ["The ferry runs at night."]
    assert [d.text for d in reader.finish()] == ["The ticket for it costs 4.50 euros"]


PIECES = st.lists(
    st.sampled_from(
        ["[1]", " [2, 3]", "【1】", "[Pas", "sage 2]", "。", ". ", "! ", "？", "\n", "\n- ", "“",
         "”", '"', "(", ")", "The ferry", " runs", "渡轮", "夜间运行", "Dr", " 4.5", "**", "`",
         "<b", ">", "[x](http://", "a.b)", ":", "：", "## ", "```\n", "<think>", "</think>", "¹",
         "[", "]", "\u202e", " he said", "\\"]
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(PIECES, st.lists(st.integers(0, 200), max_size=12))
def test_the_bounds_of_the_pieces_make_no_difference(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    whole = read(text)
    reader = StatementReader(8)
    bounds = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    pieces = [text[a:b] for a, b in pairwise(bounds)]
    assert [d for piece in pieces for d in reader.feed(piece)] + reader.finish() == whole
    for drafted in whole:
        assert drafted.text == drafted.text.strip() != ""
        assert not re.search(r"[\[【［〔]\s*\d+\s*[\]】］〕]|<b>|\n|`|\u202e|https?:", drafted.text)
        assert all(1 <= n <= 8 for n in drafted.markers)
