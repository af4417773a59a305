"""What holds of passages for any text."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pincite.ingest.cut import is_character_boundary
from pincite.ingest.outline import Heading, outline
from pincite.ingest.split import Splitter
from tests.ingest.test_split import count_characters

CHARACTERS = "aA1 .,;:!?-*#|>`[]()\"'\n\n\n\t。，；：！？…“”‘’「」『』（）《》【】、①·•小米说"
PIECES = st.sampled_from(
    [
        *CHARACTERS,
        *("\r\n", "\u2028", "\u2029", "\x85", "\u00a0", "\u3000", "\u200b", "\u200d", "\ufeff"),
        *(
            "e\u0301",
            "👨\u200d👩\u200d👧",
            "🇨🇳",
            "👍🏽",
            "ｘ",
            "각",
            "\u1112\u1161",
            "ع",
            "हि",
            "\x00",
        ),
        *(" - ", "\n- ", "\n## ", "[1]", " [2][3]", "［3］", "【4】", "\n1. ", "\n一、", "（一）"),
        *("\n```\n", " | ", "\n| a | b |\n", "\n---\n", "\n===\n", "> ", "**b**", "……", "..."),
        *("Mr. ", "U.S. ", "No. 5", "3.14", "https://a.b/c?d=1 ", "Ends. ", "The next. "),
        *("他说：“好。” ", "小米汽车宣布其交付量突破五十万辆", "word " * 20, "第一章 总则\n"),
        *("\n\n", "Heading Like This\n\n"),
    ]
)
TEXTS = st.lists(PIECES | st.characters(codec="utf-8"), max_size=60).map("".join)
LAYOUT = re.compile(
    r"(?:[\s\[\]［］【】(){}（）\d,，、;；:：.．。!！?？…~—–=_*#|>+`·•●▪◦‣■□◆◇►▶➢✓✔○─━═-]"
    r"|[①-⑳⑴-⒇㈠-㈩一二三四五六七八九十]|[a-z](?=[)）])|[ivx]{1,4}(?=[)）])|<)*"
)


def _headings(text: str) -> list[tuple[int, int]]:
    return [(e.start, e.end) for e in outline(text) if isinstance(e, Heading)]


def _fence_words(text: str) -> set[int]:
    """Return the places of what stands on a code fence's line: it is layout."""
    return {i for m in re.finditer(r"(?:```|~~~).*", text) for i in range(*m.span())}


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.integers(8, 60))
def test_spans_are_in_order_clean_and_inside(text: str, most: int) -> None:
    chunks = Splitter(count_characters, most).split(text)
    assert chunks == Splitter(count_characters, most).split(text)
    at = 0
    for chunk in chunks:
        assert at <= chunk.start < chunk.end <= len(text)
        at = chunk.start
        assert chunk.sentences
        assert len(chunk.heading) <= 200
        for span in chunk.sentences:
            said = text[span.start : span.end]
            assert at <= span.start < span.end <= chunk.end
            assert said == said.strip() != ""
            at = span.end
        assert at == chunk.end


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.integers(8, 200))
def test_nothing_is_lost(text: str, most: int) -> None:
    chunks = Splitter(count_characters, most).split(text)
    assert bool(chunks) == bool(text.strip())
    covered = _fence_words(text)
    for chunk in chunks:
        for span in chunk.sentences:
            covered.update(range(span.start, span.end))
    for start, end in _headings(text):
        covered.update(range(start, end))
    missing = "".join("\n" if i in covered else c for i, c in enumerate(text))
    assert all(LAYOUT.fullmatch(gap) for gap in missing.splitlines()), missing


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(12, 60))
def test_passages_keep_to_the_budget(text: str, most: int) -> None:
    for chunk in Splitter(count_characters, most).split(text):
        if count_characters([text[chunk.start : chunk.end]])[0] > most:
            (only,) = chunk.sentences
            inner = range(only.start + 1, only.end)
            clusters = 1 + sum(is_character_boundary(text, i) for i in inner)
            # One character that is longer, with its list mark before it.
            assert clusters == 1 or only.end - only.start < most


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(8, 30))
def test_characters_are_never_cut(text: str, most: int) -> None:
    uncut = {
        place
        for chunk in Splitter(count_characters, 10**9).split(text)
        for span in chunk.sentences
        for place in (span.start, span.end)
    }
    for chunk in Splitter(count_characters, most).split(text):
        for span in chunk.sentences:
            for place in {span.start, span.end} - uncut - {0, len(text)}:
                beside_space = text[place - 1].isspace() or text[place].isspace()
                assert beside_space or is_character_boundary(text, place)


HOSTILE = [
    *("- ", "[", "[1]", ". ", "“", '"', "(", "1.", "A. ", " ", "\u3000", "#", " | ", "> ", "**a"),
    *(
        "…",
        "。”",
        "；①aaaaaaaaaa",
        " - A",
        "[1] A - B ",
        "• ",
        "\u0301",
        "👨\u200d",
        "a\n",
        "U.S. ",
    ),
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_lines_take_linear_time(unit: str) -> None:
    # A quadratic rule would take minutes here; the suite's own time limit catches it.
    text = (unit * (200_000 // len(unit) + 1))[:200_000]
    chunks = Splitter(count_characters, 500).split(f"x {text} x")
    assert chunks[0].start == 0
