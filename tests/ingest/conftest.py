"""A loader for the whole folder, and builders of real PDF and DOCX files."""

import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import docx
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

from pincite.ingest.load import Loader
from pincite.records import ParsedDocument
from tests.ingest.site import Site

Parse = Callable[..., ParsedDocument]
MakePdf = Callable[..., bytes]
MakeDocx = Callable[[Callable[[Any], object]], bytes]
RawPdf = Callable[[Sequence[bytes]], bytes]

_BODY = ParagraphStyle("body", fontName="STSong-Light", fontSize=12, leading=18, spaceAfter=8)
_STYLES = {
    "zh": ParagraphStyle("zh", _BODY, wordWrap="CJK", firstLineIndent=24),
    "en": ParagraphStyle("en", _BODY, fontName="Helvetica", leading=14),
    "h": ParagraphStyle("h", _BODY, fontSize=20, leading=26, spaceAfter=12),
}


@pytest.fixture(scope="session")
def loader() -> Iterator[Loader]:
    with Loader() as loader:
        yield loader


@pytest.fixture(scope="session")
def parse(loader: Loader) -> Parse:
    """Parse bytes as an upload: ``parse(name, data, content_type=None)``."""

    def parse(name: str, data: bytes, content_type: str | None = None) -> ParsedDocument:
        return loader.parse(loader.wrap(name, data, content_type))

    return parse


@pytest.fixture(scope="session")
def make_pdf() -> MakePdf:
    """Typeset ``(style, text)`` paragraphs; ``("page", "")`` begins a new page."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

    def make(
        *blocks: tuple[str, str], title: str | None = None, password: str | None = None
    ) -> bytes:
        out = io.BytesIO()
        encrypt = StandardEncryption(password) if password else None
        template = SimpleDocTemplate(out, title=title, encrypt=encrypt)
        template.build(
            [
                PageBreak() if style == "page" else Paragraph(text, _STYLES[style])
                for style, text in blocks
            ]
        )
        return out.getvalue()

    return make


@pytest.fixture(scope="session")
def make_docx() -> MakeDocx:
    """Build a DOCX file with a function that fills an empty document."""

    def make(fill: Callable[[Any], object]) -> bytes:
        word = docx.Document()
        fill(word)
        out = io.BytesIO()
        word.save(out)
        return out.getvalue()

    return make


@pytest.fixture(scope="session")
def raw_pdf() -> RawPdf:
    """Assemble a PDF from its numbered objects; the first is the catalogue."""

    def assemble(objects: Sequence[bytes]) -> bytes:
        out = b"%PDF-1.7\n"
        offsets = []
        for number, content in enumerate(objects, 1):
            offsets.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
        table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        size = len(objects) + 1
        return out + (
            b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n"
            b"%%%%EOF" % (size, table, size, len(out))
        )

    return assemble


@pytest.fixture(scope="session")
def slow_pdf(raw_pdf: RawPdf) -> bytes:
    """A PDF of 60 kB whose 2,000 pages share 20 MB of instructions: minutes of work."""
    idle = zlib.compress(b"q Q\n" * 5_000_000, 9)
    return raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[%s]/Count 2000>>" % b" ".join([b"3 0 R"] * 2000),
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
            b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(idle), idle),
        ]
    )


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()
