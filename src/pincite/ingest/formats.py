"""Which format a document is in, told from its bytes; its name only tells Markdown from text."""

import io
import re
import zipfile
from typing import Literal

from pincite.errors import EncryptedDocumentError, UnsupportedFormatError
from pincite.records import RawSource

Format = Literal["pdf", "docx", "html", "text"]

_HEAD = 1024
_PDF = re.compile(rb"%PDF-\d")
_HTML = re.compile(
    rb"(?:\s|<!--.*?-->|<\?xml[^>]*\?>)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_HTML_TAG = re.compile(
    rb"<(?:meta|title|div|p|h[1-6]|article|section|table|span|ul|ol|br)\b[^>]*>", re.I
)
_MARKUP = re.compile(rb"\s*<(?:\?xml|svg|rss|feed|!doctype|!entity)\b", re.I)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY = {
    b"\x89PNG\r\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\x1f\x8b": "a gzip archive",
    b"BZh91AY": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"{\\rtf": "a Rich Text (RTF) document",
    b"%!PS": "a PostScript document",
    b"\x7fELF": "a program",
    b"MZ\x90\x00": "a Windows program",
    b"SQLite format 3": "an SQLite database",
}
_OFFICE = {
    "xl/workbook.xml": "an Excel workbook",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "META-INF/container.xml": "an EPUB book",
    "content.xml": "an OpenDocument file",
}


def sniff(raw: RawSource) -> Format:
    """Tell a document's format from its bytes.

    Raises:
        UnsupportedFormatError: If they are a known format that Pincite does not read.
        EncryptedDocumentError: If they are an Office document locked by a password.
    """
    if _PDF.search(raw.data[:_HEAD]):
        return "pdf"
    if raw.data.startswith(b"PK\x03\x04"):
        return _sniff_zip(raw)
    if raw.data.startswith(_OLE):
        _refuse_ole(raw)
    for magic, what in _BINARY.items():
        if raw.data.startswith(magic):
            raise _unsupported(raw, what)
    # UTF-16 and UTF-32 markup without its zero bytes reads as ASCII.
    head = raw.data[: 4 * _HEAD].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")[:_HEAD]
    if _HTML.match(head) or (_named_html(raw) and _HTML_TAG.search(head)):
        return "html"
    if _MARKUP.match(head):
        raise _unsupported(raw, "an XML document")
    return "text"


def is_markdown(raw: RawSource) -> bool:
    """Tell whether a text says by its name or content type that it is Markdown."""
    declared = (raw.content_type or "").lower().startswith("text/markdown")
    return declared or raw.name.lower().endswith((".md", ".markdown"))


def _named_html(raw: RawSource) -> bool:
    declared = (raw.content_type or "").lower().startswith(("text/html", "application/xhtml"))
    return declared or raw.name.lower().endswith((".html", ".htm", ".xhtml"))


def _unsupported(raw: RawSource, what: str) -> UnsupportedFormatError:
    return UnsupportedFormatError(
        f"{raw.name}: {what}; Pincite reads text, Markdown, HTML, PDF and DOCX"
    )


def _refuse_ole(raw: RawSource) -> None:
    if "EncryptedPackage".encode("utf-16-le") in raw.data:
        raise EncryptedDocumentError(
            f"{raw.name}: an Office document locked by a password; save a copy without it"
        )
    raise _unsupported(raw, "an old Office document (.doc, .xls or .ppt): save it as .docx or PDF")


def _sniff_zip(raw: RawSource) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(raw.data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as exc:
        raise _unsupported(raw, f"a damaged ZIP archive ({exc})") from exc
    if "word/document.xml" in names:
        return "docx"
    for member, what in _OFFICE.items():
        if member in names:
            raise _unsupported(raw, what)
    raise _unsupported(raw, "a ZIP archive")
