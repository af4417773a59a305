"""PDF: text in reading order, its lines joined into paragraphs by where they stand on the page.

A paragraph ends where the next line's first word would still have fitted, where the next line is
indented, set apart or of another size, or begins a list item. Lines larger than the body text are
headings. A file's creation date is not taken for a publication date.
"""

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

import pypdfium2
from pypdfium2 import raw as pdfium

from pincite.errors import (
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    ParseError,
)
from pincite.ingest.clean import CJK, one_line, plain_ideographs
from pincite.ingest.describe import document
from pincite.records import ParsedDocument, RawSource

MAX_PAGES = 2_000
_COLUMN = 40.0
# PDFium's mark for a hyphen at the end of a line.
_HYPHEN = "\x02"
_LINE = re.compile(f"[^\r\n{_HYPHEN}]+{_HYPHEN}?")
_COMPOUND = re.compile(r"[a-z]+-[a-z]+")
_BULLET = re.compile(r"[•●▪■◦‣∙·▶➤–-]\s+")
_ENUMERATOR = re.compile(r"(?:\(?\d{1,2}[.)、]|[（(]?[一二三四五六七八九十]{1,3}[、）)])\s*\S")
_SENTENCE_END = re.compile(r"[.!?。！？；;：:][\"'”’」』）)]*$")
_WIDE = re.compile(f"[{CJK}]")
_NO_TITLE = re.compile(
    r"\W*$|\(\w+\)$|untitled|unbenannt|无标题|無標題"
    r"|microsoft (?:word|powerpoint)|(?:document|slide)\s*\d*$|https?:|about:"
    r"|.*\.(?:docx?|html?|pdf|pptx?|indd|tex|dvi|wps|rtf|txt)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page with its box in points; ``height`` is that of its font."""

    text: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def height(self) -> float:
        return max(self.top - self.bottom, 1.0)


def parse(raw: RawSource) -> ParsedDocument:
    """Parse a PDF file.

    Raises:
        EncryptedDocumentError: If it wants a password.
        DocumentTooLargeError: If it has more than 2,000 pages.
        EmptyDocumentError: If it holds no text, as scanned pages do.
        ParseError: If it is damaged.
    """
    try:
        with pypdfium2.PdfDocument(raw.data) as pdf:
            if len(pdf) > MAX_PAGES:
                raise DocumentTooLargeError(
                    f"{raw.name}: {len(pdf)} pages, at most {MAX_PAGES} are read; split it"
                )
            pages = [list(_page_lines(page)) for page in pdf]
            title = one_line(pdf.get_metadata_value("Title"))
    except pypdfium2.PdfiumError as exc:
        if exc.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise EncryptedDocumentError(
                f"{raw.name}: locked by a password; save a copy without it"
            ) from exc
        raise ParseError(f"{raw.name}: damaged PDF ({exc}); save or print it anew") from exc
    if not any(pages):
        raise EmptyDocumentError(
            f"{raw.name}: no text in its {len(pages)} pages; it looks scanned: "
            "run OCR on it first, for example with ocrmypdf"
        )
    text = _text(_without_repeats(pages))
    title = "" if _NO_TITLE.match(title) else title
    return document(raw, text, media_type="application/pdf", title=title)


def _page_lines(page: pypdfium2.PdfPage) -> Iterator[_Line]:
    textpage = page.get_textpage()
    count = textpage.count_chars()
    units = [pdfium.FPDFText_GetUnicode(textpage, index) for index in range(count)]
    text = "".join(map(chr, units))
    for match in _LINE.finditer(text):
        if not match.group().strip():
            continue
        first = match.start() + len(match.group()) - len(match.group().lstrip())
        last = match.start() + len(match.group().rstrip()) - 1
        left, bottom, _, top = textpage.get_charbox(first, loose=True)
        right = textpage.get_charbox(last, loose=True)[2]
        # Characters beyond the basic plane come as two surrogates.
        joined = match.group().encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        yield _Line(plain_ideographs(joined.strip(" \t")), left, right, bottom, top)
    textpage.close()
    page.close()


def _without_repeats(pages: list[list[_Line]]) -> list[list[_Line]]:
    """Leave out running headers, footers and page numbers: outer lines that most pages share."""
    outer = [_outer_lines(lines) for lines in pages]
    counts = Counter(key for keys in outer for key in set(keys.values()))
    often = {key for key, count in counts.items() if count >= max(3, len(pages) / 2)}
    return [
        [line for line in lines if keys.get(line) not in often]
        for lines, keys in zip(pages, outer, strict=True)
    ]


def _outer_lines(lines: list[_Line]) -> dict[_Line, tuple[str, int]]:
    """Map the two highest and two lowest lines to their text, digits masked, and their height."""
    if len(lines) < 6:
        return {}
    ordered = sorted(lines, key=lambda line: line.top)
    return {
        line: (re.sub(r"\d+", "#", line.text), round(line.top))
        for line in ordered[:2] + ordered[-2:]
    }


def _text(pages: list[list[_Line]]) -> str:
    sizes: Counter[int] = Counter()
    compounds: set[str] = set()
    for line in chain.from_iterable(pages):
        sizes[round(line.height)] += len(line.text)
        compounds.update(_COMPOUND.findall(line.text))
    body = sizes.most_common(1)[0][0]
    text = ""
    listed = False
    for lines in pages:
        for paragraph in _paragraphs(lines):
            block = _join(paragraph, compounds)
            if paragraph[0].height > 1.2 * body and len(block) <= 120:
                block = f"## {block}"
            text += ("\n" if listed and block.startswith("- ") else "\n\n") + block
            listed = block.startswith("- ")
        listed = False
    return text.lstrip()


def _paragraphs(lines: list[_Line]) -> Iterator[list[_Line]]:
    edges = _right_edges(lines)
    gaps = [above.bottom - below.top for above, below in pairwise(lines)]
    usual = statistics.median(gaps) if gaps else 0.0
    paragraph: list[_Line] = []
    for line in lines:
        if paragraph and _ends(paragraph, line, usual, edges[_column(paragraph[-1])]):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield paragraph


def _column(line: _Line) -> int:
    return round(line.left / _COLUMN)


def _right_edges(lines: list[_Line]) -> dict[int, float]:
    """Find the right edge of the column that begins near each left edge: nearly its longest line.

    Not the longest, which in pages of two columns is often a line across both.
    """
    rights = defaultdict(list)
    for line in lines:
        rights[_column(line)].append(line.right)
    edges = {}
    for column in list(rights):
        near = sorted(chain.from_iterable(rights.get(column + step, ()) for step in (-1, 0, 1)))
        edges[column] = near[int(0.85 * (len(near) - 1))]
    return edges


def _ends(paragraph: list[_Line], below: _Line, usual_gap: float, edge: float) -> bool:
    """Tell whether the paragraph ends above this line."""
    above = paragraph[-1]
    if above.text.endswith(_HYPHEN):
        return False
    if not 0.85 < below.height / above.height < 1.18 or _BULLET.match(below.text):
        return True
    finished = _SENTENCE_END.search(above.text) is not None
    if finished and _ENUMERATOR.match(below.text):
        return True
    if below.bottom >= above.top:
        # The text goes on in the next column.
        return finished
    # Pages mix scripts that are set with and without space between the lines.
    gap = above.bottom - below.top
    apart = gap > max(0.65 * above.height, min(usual_gap, above.height) + 0.4 * above.height)
    if apart or _indented(paragraph, below):
        return True
    # Within a sentence only much room left open ends a paragraph: lines of Chinese may end early
    # so that none begins with a comma.
    slack = 0.5 if finished else 3.0
    return edge - above.right > _first_word_width(below) + slack * below.height


def _indented(paragraph: list[_Line], below: _Line) -> bool:
    listed = _BULLET.match(paragraph[0].text) or _ENUMERATOR.match(paragraph[0].text)
    return not listed and below.left > paragraph[-1].left + 0.8 * below.height


def _first_word_width(line: _Line) -> float:
    """Estimate the width of what could have moved up a line: a word, or one ideograph."""
    if _WIDE.match(line.text):
        return line.height
    word = len(line.text.split(" ", 1)[0])
    return 1.2 * word * (line.right - line.left) / len(line.text)


def _join(paragraph: list[_Line], compounds: set[str]) -> str:
    text = paragraph[0].text
    for line in paragraph[1:]:
        if text.endswith(_HYPHEN):
            text = _dehyphenated(text[:-1], line.text, compounds)
        else:
            text += _separator(text, line.text) + line.text
    return _BULLET.sub("- ", text.replace(_HYPHEN, "-"), count=1) if _BULLET.match(text) else text


def _dehyphenated(text: str, below: str, compounds: set[str]) -> str:
    left, right = re.search(r"[a-z]*$", text), re.match(r"[a-z]*", below)
    word = f"{left[0]}-{right[0]}" if left and right else ""
    broken = _COMPOUND.fullmatch(word) and word not in compounds
    return text + ("" if broken else "-") + below


def _separator(text: str, below: str) -> str:
    """Lines of Chinese join without a space, others with one; mixed ends go by the majority."""
    wide = [bool(_WIDE.match(text[-1])), bool(_WIDE.match(below))]
    if all(wide):
        return ""
    return "" if any(wide) and 2 * len(_WIDE.findall(text[-80:])) > len(text[-80:]) else " "
