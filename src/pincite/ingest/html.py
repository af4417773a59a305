"""HTML pages: the main text with its headings, lists and tables; no links, no images."""

import re
from collections.abc import Iterator
from typing import Any

import trafilatura
from trafilatura.settings import use_config

from pincite.ingest.clean import CJK, one_line
from pincite.ingest.describe import document, iso_date
from pincite.ingest.encoding import declared_encoding, decode
from pincite.records import ParsedDocument, RawSource

_PUBLISHED = (
    *(
        f"//meta[@property='{name}' or @name='{name}' or @itemprop='{name}']/@content"
        for name in (
            "article:published_time og:article:published_time og:published_time datePublished "
            "parsely-pub-date sailthru.date publishdate pubdate dc.date.issued DC.date.issued "
            "dcterms.issued citation_publication_date dc.date date"
        ).split()
    ),
    "//script[@type='application/ld+json']/text()",
    "//time[@pubdate or @itemprop='datePublished']/@datetime",
    "//article//header//time/@datetime",
)
_JSON_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]+)"')
_TITLES = ("//meta[@property='og:title']/@content", "//h1[count(//h1)=1]", "//head/title")
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_WRAPPED_CJK = re.compile(rf"(?<=[{CJK}])[ \t]*\n\s*(?=[{CJK}])")
_SPACES = re.compile(r"[^\S\u3000]+")
# Characters below which an extraction is given up for a cruder one: the default of 250 is a whole
# news flash in Chinese.
_CONFIG = use_config()
_CONFIG["DEFAULT"]["MIN_EXTRACTED_SIZE"] = "20"
_LINE_BREAK = "\0"


def parse(raw: RawSource) -> ParsedDocument:
    """Parse an HTML page; where no main text stands out, all the visible text is taken.

    Raises:
        EncodingError, UnsupportedFormatError, EmptyDocumentError: See `decode` and `document`.
    """
    head = raw.data[:4096].decode("ascii", errors="replace")
    declared = declared_encoding(raw.content_type or "") or declared_encoding(head)
    decoded, encoding = decode(raw.data, raw.name, declared)
    markup = _XML_DECLARATION.sub("", decoded)
    tree: Any = trafilatura.load_html(markup)
    if tree is None:
        # A lone fragment is taken for no HTML unless it stands in a page.
        tree = trafilatura.load_html(f"<html><body>{markup}</body></html>")
    title = _title(tree)
    text = _main_text(tree) or trafilatura.html2txt(tree)
    if title and text and title not in one_line(text):
        text = f"# {title}\n\n{text}"
    return document(
        raw,
        text,
        media_type="text/html",
        title=title,
        published=_published(tree),
        lang=next(iter(tree.xpath("//html/@lang")), None),
        encoding=encoding,
    )


def _title(tree: Any) -> str:
    for path in _TITLES:
        for found in tree.xpath(path):
            if title := one_line(found if isinstance(found, str) else found.text_content()):
                return title
    return ""


def _published(tree: Any) -> str | None:
    for path in _PUBLISHED:
        for found in tree.xpath(path):
            stated = _JSON_DATE.search(found) if "ld+json" in path else None
            if day := iso_date(stated[1] if stated else found):
                return day
    return None


def _main_text(tree: Any) -> str:
    extracted: Any = trafilatura.bare_extraction(
        tree,
        include_comments=False,
        include_tables=True,
        include_formatting=True,
        config=_CONFIG,
    )
    if extracted is None:
        return ""
    return "\n\n".join(block for block in _blocks(extracted.body) if block)


def _blocks(element: Any) -> Iterator[str]:
    """Yield the blocks of an element of trafilatura's tree as Markdown-flavoured text."""
    loose = element.text or ""
    for child in element:
        if child.tag in _BLOCKS:
            yield _tidy(loose)
            yield from _BLOCKS[child.tag](child)
            loose = child.tail or ""
        else:
            loose += _inline(child) + (child.tail or "")
    yield _tidy(loose)


def _inline(element: Any) -> str:
    if element.tag == "lb":
        return _LINE_BREAK
    inside = "".join(_inline(child) + (child.tail or "") for child in element)
    return (element.text or "") + inside


def _tidy(text: str) -> str:
    text = _SPACES.sub(" ", _WRAPPED_CJK.sub("", text))
    return "\n".join(line.strip() for line in text.split(_LINE_BREAK)).strip()


def _heading(element: Any) -> Iterator[str]:
    level = int(element.get("rend", "h2")[1:] or 2)
    if text := one_line(_inline(element)):
        yield f"{'#' * level} {text}"


def _list(element: Any) -> Iterator[str]:
    items = ("\n".join(filter(None, _blocks(item))) for item in element.iterchildren("item"))
    yield "\n".join("- " + item.replace("\n", "\n  ") for item in items if item)


def _table(element: Any) -> Iterator[str]:
    rows = (
        [one_line(" ".join(_blocks(cell))) for cell in row.iterchildren("cell")]
        for row in element.iterchildren("row")
    )
    yield "\n".join(" | ".join(row) for row in rows if any(row))


_BLOCKS = {
    "head": _heading,
    "list": _list,
    "p": _blocks,
    "quote": _blocks,
    "table": _table,
}
