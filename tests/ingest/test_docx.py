import io
import re
import zipfile
from typing import Any

import pytest

from pincite.errors import (
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    ParseError,
)
from pincite.ingest.docx import MEDIA_TYPE
from tests.ingest.conftest import MakeDocx, Parse


def report(word: Any) -> None:
    word.add_heading("年度报告", 0)
    word.add_paragraph("第一段。")
    word.add_heading("背景", 1)
    word.add_paragraph("One", style="List Bullet")
    word.add_paragraph("Two", style="List Number")
    table = word.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["年份", "销量", "2024", "10万\n辆"], strict=True):
        cell.text = text
    word.add_heading("Details", 2)
    word.add_paragraph("最后一段。").add_run("加粗").bold = True


def test_a_document_keeps_its_order_and_structure(parse: Parse, make_docx: MakeDocx) -> None:
    parsed = parse("a.docx", make_docx(report))
    assert parsed.text.strip() == (
        "# 年度报告\n\n第一段。\n\n## 背景\n\n- One\n- Two\n\n年份 | 销量\n2024 | 10万 辆\n\n"
        "### Details\n\n最后一段。加粗"
    )
    assert (parsed.title, parsed.lang, parsed.published) == ("年度报告", "zh", None)
    assert parsed.media_type == MEDIA_TYPE


def test_the_stated_title_wins(parse: Parse, make_docx: MakeDocx) -> None:
    def fill(word: Any) -> None:
        word.core_properties.title = "The stated title"
        word.add_paragraph("Text.")

    assert parse("a.docx", make_docx(fill)).title == "The stated title"


def rewritten(data: bytes, part: str, pattern: str, replacement: str) -> bytes:
    """The DOCX with one part's text changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            if member.filename == part:
                content = re.sub(pattern, replacement, content.decode()).encode()
            new.writestr(member.filename, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def text_only(word: Any) -> None:
    word.add_paragraph("MARK")


def test_tracked_insertions_count_and_deletions_do_not(parse: Parse, make_docx: MakeDocx) -> None:
    data = rewritten(
        make_docx(text_only),
        "word/document.xml",
        "<w:r><w:t>MARK</w:t></w:r>",
        "<w:ins><w:r><w:t>in</w:t></w:r></w:ins><w:del><w:r><w:delText>out</w:delText></w:r></w:del>"
        "<w:hyperlink><w:r><w:tab/><w:t>link</w:t></w:r></w:hyperlink>",
    )
    assert parse("a.docx", data).text.strip() == "in\tlink"


def test_links_to_the_outside_are_not_followed(parse: Parse, make_docx: MakeDocx) -> None:
    relation = (
        '<Relationship Id="rId99" TargetMode="External" Target="http://127.0.0.1:9/evil.dotm" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'attachedTemplate"/></Relationships>'
    )
    data = rewritten(
        make_docx(text_only), "word/_rels/document.xml.rels", "</Relationships>", relation
    )
    assert parse("a.docx", data).text.strip() == "MARK"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_definition_is_refused(
    encoding: str, parse: Parse, make_docx: MakeDocx
) -> None:
    evil = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'.encode(encoding)
    with pytest.raises(ParseError, match=r"evil\.xml holds a document type definition"):
        parse("a.docx", with_member(make_docx(text_only), "word/evil.xml", evil))


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/evil", "word\\..\\..\\evil", "C:/evil"])
def test_unsafe_names_are_refused(name: str, parse: Parse, make_docx: MakeDocx) -> None:
    with pytest.raises(ParseError, match="unsafe part name"):
        parse("a.docx", with_member(make_docx(text_only), name, b"x"))


def test_a_zip_bomb_is_refused(parse: Parse, make_docx: MakeDocx) -> None:
    data = with_member(make_docx(text_only), "word/media/bomb.png", bytes(50 * 2**20))
    with pytest.raises(DocumentTooLargeError, match=r"unpack to \d{8}"):
        parse("a.docx", data)


def test_an_encrypted_part_is_told(parse: Parse, make_docx: MakeDocx) -> None:
    data = bytearray(make_docx(text_only))
    entry = data.index(b"PK\x01\x02")
    data[entry + 8] |= 1
    with pytest.raises(EncryptedDocumentError, match=r"a\.docx"):
        parse("a.docx", bytes(data))


@pytest.mark.parametrize(
    ("part", "pattern"),
    [
        ("word/document.xml", "</w:body>"),
        ("[Content_Types].xml", ".+"),
        ("_rels/.rels", "officeDocument"),
    ],
)
def test_damage_is_told(part: str, pattern: str, parse: Parse, make_docx: MakeDocx) -> None:
    with pytest.raises(ParseError, match=r"a\.docx: damaged DOCX"):
        parse("a.docx", rewritten(make_docx(text_only), part, pattern, ""))


def test_a_flipped_byte_is_told(parse: Parse, make_docx: MakeDocx) -> None:
    data = bytearray(make_docx(report))
    start = data.index(b"word/document.xml") + 60
    data[start : start + 20] = bytes(20)
    with pytest.raises(ParseError, match=r"a\.docx"):
        parse("a.docx", bytes(data))


def test_no_text_is_empty(parse: Parse, make_docx: MakeDocx) -> None:
    with pytest.raises(EmptyDocumentError, match=r"a\.docx"):
        parse("a.docx", make_docx(lambda word: None))
