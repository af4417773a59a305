import io

import pytest
from reportlab.pdfgen.canvas import Canvas

from pincite.errors import (
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    ParseError,
)
from tests.ingest.conftest import MakePdf, Parse, RawPdf

ZH = (
    "小米汽车今日回应了外界对其安全问题的质疑，称已经成立专项小组，并将在年底前公布调查结果。"
    "此前，多位车主反映车辆在行驶过程中出现异常，引发了广泛关注。公司表示将对所有受影响的用户负责到底。"
)
EN = (
    "Xiaomi's automotive venture is facing a credibility crisis due to safety concerns and quality "
    "issues, despite initial positive expectations and delivery growth. The company needs to "
    "recognize the unique challenges of the industry and enhance its safety standards."
)


def test_paragraphs_are_joined_over_their_lines(parse: Parse, make_pdf: MakePdf) -> None:
    data = make_pdf(("h", "小米汽车回应质疑"), ("zh", ZH), ("zh", ZH), ("en", EN), ("en", EN))
    parsed = parse("a.pdf", data)
    assert parsed.text == "\n\n".join(["## 小米汽车回应质疑", ZH, ZH, EN, EN])
    assert (parsed.title, parsed.lang) == ("小米汽车回应质疑", "zh")
    assert (parsed.media_type, parsed.encoding) == ("application/pdf", None)


def test_page_breaks_are_blank_lines(parse: Parse, make_pdf: MakePdf) -> None:
    data = make_pdf(("zh", ZH), ("page", ""), ("en", EN))
    assert parse("a.pdf", data).text == f"{ZH}\n\n{EN}"


def test_the_creation_date_is_no_publication_date(parse: Parse, make_pdf: MakePdf) -> None:
    data = make_pdf(("en", EN))
    assert b"/CreationDate" in data
    assert parse("a.pdf", data).published is None
    stated = make_pdf(("h", "Headline"), ("en", "Published: November 20, 2025"), ("en", EN))
    assert parse("a.pdf", stated).published == "2025-11-20"


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("小米年报 2025", "小米年报 2025"),
        ("Microsoft Word - draft_v3.doc", "Headline"),
        ("untitled", "Headline"),
        ("report-final.indd", "Headline"),
    ],
)
def test_a_meaningful_title_is_taken(
    stated: str, title: str, parse: Parse, make_pdf: MakePdf
) -> None:
    assert parse("a.pdf", make_pdf(("h", "Headline"), ("en", EN), title=stated)).title == title


def drawn(*pages: list[tuple[float, float, str]]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    for lines in pages:
        canvas.setFont("Helvetica", 12)
        for x, y, text in lines:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_words_broken_at_a_line_end_are_mended(parse: Parse) -> None:
    lines = [
        "The company must improve the automo-",
        "tive industry and also its rather well-",
        "known brand. Everyone knows that well-",
        "meant and well-known names are not un-",
        "important.",
    ]
    text = parse("a.pdf", drawn([(72, 700 - 14 * i, line) for i, line in enumerate(lines)])).text
    assert text == (
        "The company must improve the automotive industry and also its rather well-known brand. "
        "Everyone knows that wellmeant and well-known names are not unimportant."
    )


def test_a_sentence_goes_on_in_the_next_column(parse: Parse) -> None:
    left = [(50.0, 700.0 - 14 * i, "words that fill the left column quite well") for i in range(8)]
    right = [(320.0, 700.0 - 14 * i, "and words that fill the right one as well") for i in range(8)]
    text = parse("a.pdf", drawn([*left, *right])).text
    assert "quite well and words that fill the right" in text
    assert "\n" not in text


def test_list_items_stand_on_their_own_lines(parse: Parse) -> None:
    wide = "A line of text that is as wide as the whole column of this page is, and no wider."
    lines = [wide, wide + ".", "• the first item", "• the second item", "• the third"]
    text = parse("a.pdf", drawn([(72, 700 - 14 * i, line) for i, line in enumerate(lines)])).text
    assert text.endswith("- the first item\n- the second item\n- the third")


def test_running_heads_and_page_numbers_are_left_out(parse: Parse) -> None:
    pages = [
        [(72.0, 800.0, "ANNUAL REPORT"), (300.0, 20.0, f"Page {number}")]
        + [(72.0, 700.0 - 40 * i, f"{chr(65 + 6 * number + i)} statement.") for i in range(6)]
        for number in range(4)
    ]
    text = parse("a.pdf", drawn(*pages)).text
    assert "ANNUAL" not in text
    assert "Page" not in text
    assert text.count("statement") == 24


def test_characters_beyond_the_basic_plane_are_whole(parse: Parse, make_pdf: MakePdf) -> None:
    assert "𠮷野家" in parse("a.pdf", make_pdf(("zh", "他去了𠮷野家吃饭。"))).text


def test_a_password_is_told(parse: Parse, make_pdf: MakePdf) -> None:
    with pytest.raises(EncryptedDocumentError, match=r"a\.pdf: locked by a password"):
        parse("a.pdf", make_pdf(("en", EN), password="secret"))


def test_a_scanned_document_is_told(parse: Parse) -> None:
    with pytest.raises(EmptyDocumentError, match=r"2 pages; it looks scanned: run OCR"):
        parse("a.pdf", drawn([], []))


def test_too_many_pages_are_refused(parse: Parse, raw_pdf: RawPdf) -> None:
    kids = b" ".join([b"3 0 R"] * 20_000)
    data = raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[%s]/Count 20000>>" % kids,
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>",
        ]
    )
    with pytest.raises(DocumentTooLargeError, match="20000 pages, at most 2000"):
        parse("a.pdf", data)


def test_a_damaged_file_is_told(parse: Parse, make_pdf: MakePdf) -> None:
    with pytest.raises(ParseError, match=r"a\.pdf: damaged PDF"):
        parse("a.pdf", b"%PDF-1.7\n" + make_pdf(("en", EN))[2000:2400])
