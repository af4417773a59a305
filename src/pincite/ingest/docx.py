"""Word documents (DOCX): paragraphs, headings, lists and tables in document order.

Headers, footers, footnotes and text boxes are left out, and so is deleted text of tracked
changes; inserted text is kept.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError

from pincite.errors import DocumentTooLargeError, EncryptedDocumentError, ParseError
from pincite.ingest.clean import one_line
from pincite.ingest.describe import document
from pincite.records import ParsedDocument, RawSource

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAX_UNPACKED = 100 * 2**20
_MAX_RATIO = 100
_SMALL = 10 * 2**20
_MAX_MEMBERS = 10_000
_HEADING = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.I)
_BLOCKS = "./w:p | ./w:tbl | ./w:sdt/w:sdtContent/w:p | ./w:sdt/w:sdtContent/w:tbl"
_PIECES = (
    ".//*[self::w:t or self::w:tab or self::w:br or self::w:cr or self::w:noBreakHyphen]"
    "[not(ancestor::w:txbxContent) and not(ancestor::w:pPr)]"
)
_SPECIAL = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def parse(raw: RawSource) -> ParsedDocument:
    """Parse a DOCX file; its creation date is not taken for a publication date.

    Raises:
        DocumentTooLargeError: If it unpacks to more than 100 MiB or like a ZIP bomb.
        EncryptedDocumentError: If its parts are encrypted.
        ParseError: If it is damaged, or holds unsafe names or a document type definition.
        EmptyDocumentError: If there is no text in it.
    """
    try:
        _check_archive(raw)
        word = docx.Document(io.BytesIO(raw.data))
    except (
        PackageNotFoundError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        KeyError,
        ValueError,
        SyntaxError,
    ) as exc:
        raise ParseError(
            f"{raw.name}: damaged DOCX ({one_line(str(exc))}); open it in Word and save it again"
        ) from exc
    styles = {style.style_id: style.name or "" for style in word.styles}
    return document(
        raw,
        "\n".join(_lines(word.element.body, styles)),
        media_type=MEDIA_TYPE,
        title=_stated_title(word),
        lang=word.core_properties.language or None,
    )


def _check_archive(raw: RawSource) -> None:
    with zipfile.ZipFile(io.BytesIO(raw.data)) as archive:
        members = archive.infolist()
        unpacked = sum(member.file_size for member in members)
        bomb = unpacked > _SMALL and unpacked > _MAX_RATIO * len(raw.data)
        if unpacked > _MAX_UNPACKED or bomb or len(members) > _MAX_MEMBERS:
            raise DocumentTooLargeError(
                f"{raw.name}: {len(raw.data)} bytes unpack to {unpacked} in {len(members)} parts, "
                f"more than is allowed ({_MAX_UNPACKED} bytes, {_MAX_RATIO} times, "
                f"{_MAX_MEMBERS} parts)"
            )
        for member in members:
            _check_member(raw.name, archive, member)


def _check_member(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 1:
        raise EncryptedDocumentError(f"{name}: its parts are encrypted; save it without a password")
    path = member.filename.replace("\\", "/")
    if path.startswith("/") or ".." in path.split("/") or ":" in path:
        raise ParseError(f"{name}: unsafe part name {member.filename!r} in the DOCX; not opened")
    if path.endswith((".xml", ".rels")):
        # Without its zero bytes UTF-16 reads as ASCII.
        markup = archive.read(member).replace(b"\0", b"")
        if b"<!DOCTYPE" in markup or b"<!ENTITY" in markup:
            raise ParseError(f"{name}: {path} holds a document type definition; not opened")


def _stated_title(word: Any) -> str | None:
    title = one_line(word.core_properties.title or "")
    # python-docx and some converters leave their template's title.
    return title if title.casefold() not in {"", "word document", "document", "untitled"} else None


def _lines(body: Any, styles: dict[str, str]) -> Iterator[str]:
    """Yield the lines of the document, an empty one after each block but between list items."""
    listed = False
    for block in body.xpath(_BLOCKS):
        if block.tag.endswith("}tbl"):
            line, item = _table(block), False
        else:
            line, item = _paragraph(block, styles)
        if not line:
            continue
        if not (listed and item):
            yield ""
        yield line
        listed = item


def _text(element: Any) -> str:
    pieces = ((piece, piece.tag.rpartition("}")[2]) for piece in element.xpath(_PIECES))
    return "".join(_SPECIAL.get(tag) or piece.text or "" for piece, tag in pieces).strip()


def _paragraph(paragraph: Any, styles: dict[str, str]) -> tuple[str, bool]:
    text = _text(paragraph)
    style = styles.get(paragraph.style or "", "")
    if not text or style.lower().startswith("toc"):
        return "", False
    if style.lower() == "title":
        return f"# {one_line(text)}", False
    if heading := _HEADING.match(style):
        return f"{'#' * min(6, int(heading[1]) + 1)} {one_line(text)}", False
    if style.lower().startswith("list") or paragraph.xpath("./w:pPr/w:numPr"):
        return "- " + text.replace("\n", "\n  "), True
    return text, False


def _table(table: Any) -> str:
    rows = ([_cell(cell) for cell in row.xpath("./w:tc")] for row in table.xpath("./w:tr"))
    return "\n".join(" | ".join(row) for row in rows if any(row))


def _cell(cell: Any) -> str:
    return one_line(" ".join(_text(paragraph) for paragraph in cell.xpath(".//w:p")))
