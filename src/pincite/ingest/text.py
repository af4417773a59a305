"""Plain text and Markdown: kept as they stand."""

import re
from datetime import date
from typing import Any

import yaml

from pincite.ingest.describe import document, iso_date
from pincite.ingest.encoding import declared_encoding, decode
from pincite.ingest.formats import is_markdown
from pincite.records import ParsedDocument, RawSource
from pincite.text import clean_text

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_TITLE = re.compile(r"^# +(.+?)[ #]*$", re.M)


def parse(raw: RawSource) -> ParsedDocument:
    """Parse a text or Markdown document; front matter is read and left out of the text.

    Raises:
        EncodingError, UnsupportedFormatError, EmptyDocumentError: See `decode` and `document`.
    """
    decoded, encoding = decode(raw.data, raw.name, declared_encoding(raw.content_type or ""))
    text = clean_text(decoded)
    if not is_markdown(raw):
        return document(raw, text, media_type="text/plain", encoding=encoding)
    text, front = _split_front_matter(text)
    heading = _TITLE.search(text)
    return document(
        raw,
        text,
        media_type="text/markdown",
        title=_string(front, "title") or (heading[1] if heading else None),
        published=_day(front.get("published") or front.get("date")),
        lang=_string(front, "lang") or _string(front, "language"),
        encoding=encoding,
    )


def _split_front_matter(text: str) -> tuple[str, dict[str, Any]]:
    match = _FRONT_MATTER.match(text)
    if match is None:
        return text, {}
    try:
        front = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError):
        # Text between two rules, not front matter: it stays text.
        return text, {}
    return (text[match.end() :].lstrip("\n"), front) if isinstance(front, dict) else (text, {})


def _string(front: dict[str, Any], key: str) -> str | None:
    value = front.get(key)
    return value if isinstance(value, str) else None


def _day(value: object) -> str | None:
    if isinstance(value, date):
        return value.isoformat()[:10]
    return iso_date(value) if isinstance(value, str) else None
