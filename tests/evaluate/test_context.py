"""Text around a citation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pincite.evaluate.context import in_context, overlaps
from pincite.records import Span


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [(0, 10, False), (0, 11, True), (19, 30, True), (20, 30, False), (12, 13, True), (0, 99, True)],
)
def test_a_range_overlaps_when_it_shares_a_character(start: int, end: int, wanted: bool) -> None:
    assert overlaps(start, end, [Span(10, 20)]) is wanted


def test_a_range_overlaps_no_evidence_where_there_is_none() -> None:
    assert not overlaps(0, 10, [])


@given(st.text(min_size=1, max_size=900), st.data())
def test_the_segments_are_the_document_and_the_cited_ones_are_the_quote(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    at = data.draw(st.integers(0, len(text) - 1))
    gold = [Span(at, data.draw(st.integers(at + 1, len(text))))]
    segments = in_context(text, start, end, gold)
    assert "".join(one.text for one in segments if one.cited) == text[start:end]
    marked = "".join(one.text for one in segments if one.cited and one.gold)
    assert marked == text[max(start, at) : max(start, at, min(end, gold[0].end))]
    shown = [one.text for one in segments if one.text not in ("… ", " …")]
    assert "".join(shown) in text


def test_a_cut_is_told_and_falls_between_words() -> None:
    text = "word " * 200
    first, *_, last = in_context(text, 500, 504, [])
    assert (first.text, last.text) == ("… ", " …")
    (_, before, cited, after, _) = in_context(text, 500, 504, [])
    assert before.text.startswith("word")
    assert after.text.endswith("word")
    assert cited.text == "word"
