import io
import zipfile

import pytest

from pincite.errors import EncryptedDocumentError, UnsupportedFormatError
from pincite.ingest.formats import is_markdown, sniff
from pincite.records import RawSource


def raw(name: str, data: bytes, content_type: str | None = None) -> RawSource:
    return RawSource(name, name, data, "", content_type)


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", b"%PDF-1.7 ...", "pdf"),
        ("a.pdf", b"junk first\n%PDF-1.4", "pdf"),
        ("a.pdf", b"<!DOCTYPE html><p>not a PDF", "html"),
        ("a.pdf", b"just text", "text"),
        ("a.txt", archive("[Content_Types].xml", "word/document.xml"), "docx"),
        ("a", b"\xef\xbb\xbf \n<!-- note -->\n<HTML lang=en>", "html"),
        ("a", b"<?xml version='1.0'?><html xmlns='x'>", "html"),
        ("a", "<html><body>小米".encode("utf-16"), "html"),
        ("a.html", b"<p>a fragment</p>", "html"),
        ("a.txt", b"<p>markup talked about</p>", "text"),
        ("a.txt", b"He wrote <html> in his text.", "text"),
        ("a.md", b"# Title", "text"),
        ("a.txt", b"", "text"),
    ],
)
def test_the_content_decides_not_the_name(name: str, data: bytes, told: str) -> None:
    assert sniff(raw(name, data)) == told


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (b"\x89PNG\r\n\x1a\n", "PNG image"),
        (b"\xff\xd8\xff\xe0", "JPEG image"),
        (archive("xl/workbook.xml"), "Excel"),
        (archive("../../evil.txt"), "ZIP archive"),
        (b"PK\x03\x04 cut off", "damaged ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"WordDocument", "old Office"),
        (b"{\\rtf1 hello}", "RTF"),
        (b"\x7fELF\x02", "program"),
        (b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><lolz/>', "XML"),
        (b"<svg onload='x'/>", "XML"),
    ],
)
def test_other_formats_are_refused_by_what_was_seen(data: bytes, seen: str) -> None:
    with pytest.raises(UnsupportedFormatError, match=f"a.txt: .*{seen}"):
        sniff(raw("a.txt", data))


def test_an_office_document_with_a_password_is_told() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(EncryptedDocumentError, match=r"a\.docx"):
        sniff(raw("a.docx", data))


def test_markdown_is_told_by_name_or_content_type() -> None:
    assert is_markdown(raw("a.MD", b""))
    assert is_markdown(raw("a", b"", "text/markdown; charset=utf-8"))
    assert not is_markdown(raw("a.txt", b"", "text/plain"))
