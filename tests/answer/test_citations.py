"""Quotes are literal; shown text is clean."""

import pytest

from pincite.answer.citations import quotation, shown_text
from pincite.records import Document, DocumentInfo, Passage, Span

TEXT = "Title\n\n- The court ruled [3] against 小米👍 [47][49] - Next"


def _document(text: str = TEXT) -> Document:
    info = DocumentInfo("d1", "Title", "/a.txt", None, "en", "text/plain", "0", "now", len(text), 1)
    return Document(info, text)


def _passage(start: int, end: int) -> Passage:
    return Passage(7, "d1", 0, start, end, "", TEXT[start:end], (Span(start + 2, end),))


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("The court [3] ruled [47][49]", "The court ruled"),
        ("- It was\n  wrapped", "It was wrapped"),
        ("全国［１２］第一【3】", "全国第一"),
        ("a range [1-3], [4, 5] and [12]", "a range, and"),
        ("kept: [sic] and a[i]", "kept: [sic] and a[i]"),
        ("2019 - 2021", "2019 - 2021"),
    ],
)
def test_shown_text_has_no_list_marks_and_no_foreign_reference_numbers(
    quote: str, shown: str
) -> None:
    assert shown_text(quote) == shown


def test_a_quotation_is_literally_there() -> None:
    start = TEXT.index("The court")
    end = TEXT.index(" [47]")
    quoted = quotation(_document(), _passage(start - 2, end), Span(start, end), 0.5)
    assert quoted.quote == "The court ruled [3] against 小米👍"
    assert TEXT[quoted.start : quoted.end] == quoted.quote


def test_a_citation_that_is_not_there_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="not in document"):
        quotation(_document("other" * 20), _passage(7, 30), Span(9, 20), 0.5)
    with pytest.raises(ValueError, match="outside passage"):
        quotation(_document(), _passage(7, 30), Span(9, 40), 0.5)
