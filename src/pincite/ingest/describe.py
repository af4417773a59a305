"""What a document says of itself: its title, publication date and language.

A publication date is read only where the document states one: in its metadata, or near its top
as a dateline, a byline or a labelled date. When a file was created says nothing of publication.
"""

import re
from datetime import date
from pathlib import PurePath

from pincite.errors import DocumentTooLargeError, EmptyDocumentError
from pincite.ingest.clean import one_line
from pincite.records import ParsedDocument, RawSource
from pincite.text import clean_text, detect_language

MAX_CHARACTERS = 5_000_000
_MAX_TITLE = 200
# A line that ends in a full stop is a sentence; one that ends in an ellipsis may be a headline.
_SENTENCE = re.compile(r"(?:(?<!\.)\.|(?<!。)。)$")
_TOP_LINES = 5
_MARKUP = re.compile(r"^(?:#{1,6}|[-*•])\s+")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_OTHER_SCRIPTS = frozenset("zh ja ko ru uk bg sr el ar fa ur he hi bn ta te th ka hy am".split())

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?:19|20)\d\d"
_DATE = (
    rf"(?P<date>{_YEAR}-\d\d?-\d\d?|{_YEAR}/\d\d?/\d\d?|{_YEAR}\s?年\s?\d\d?\s?月\s?\d\d?\s?日"
    rf"|{_MONTH}\s\d\d?,?\s{_YEAR}|\d\d?\s{_MONTH},?\s{_YEAR})(?!\d)"
)
_OPEN = r"[\s(（\[【]*"
_LABEL = (
    r"(?:first\s)?(?:published|posted|publication\sdate|release\sdate|dated?)(?:\son)?"
    r"|发布(?:时间|日期|于)?|發布(?:時間|日期|於)?|发表(?:时间|日期|于)?|日期|時間|时间"
)
_CONTEXTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # Alone on its line, or before a time, a source or an author.
        rf"{_OPEN}{_DATE}(?:[T,\s]*\d\d?:\d\d(?::\d\d)?)?[\s)）\]】]*(?:$|[|·•/(（]|来源|來源|作者|编辑|by\s|source)",
        rf"{_OPEN}(?:{_LABEL})\s*[:：]?\s*{_DATE}",
        rf"{_OPEN}(?:来源|來源|作者|source|by)[:：\s][^。.!?|]{{1,60}}?[\s|·,，/–—-]+{_DATE}"
        r"\W*(?:\d\d?:\d\d.*)?$",
        # "BEIJING, Nov. 20, 2025 (Xinhua) --", "新华社北京2025年11月20日电"
        rf"[A-Z][A-Za-z.,'’ -]{{1,40}}?[,(]\s?{_DATE}\)?\s?(?:\([^)]{{1,40}}\)\s?)?"
        r"(?:--|[–—-]\s|/PRNewswire)",
        rf"[（(【]?[^\s，。]{{2,14}}?{_DATE}[电電讯訊]",
    )
)


def document(
    raw: RawSource,
    text: str,
    *,
    media_type: str,
    title: str | None = None,
    published: str | None = None,
    lang: str | None = None,
    encoding: str | None = None,
) -> ParsedDocument:
    """Clean a parsed text and complete what the document's metadata leaves open.

    Args:
        raw: The source; its name without the ending is the last resort for a title.
        text: Markdown-flavoured plain text, not yet cleaned.
        media_type: MIME type of the format.
        title: Title from the metadata; else the first line if it stands like a headline.
        published: ISO 8601 date from the metadata; else one stated near the top of the text.
        lang: Language from the metadata, taken where the text does not speak against it.
        encoding: Encoding of the bytes, for text formats.

    Raises:
        EmptyDocumentError: If there is no text.
        DocumentTooLargeError: If there are more than 5,000,000 characters of it.
    """
    text = clean_text(text)
    if not text.strip():
        raise EmptyDocumentError(f"{raw.name}: there is no text in it")
    if len(text) > MAX_CHARACTERS:
        raise DocumentTooLargeError(
            f"{raw.name}: {len(text)} characters of text, at most {MAX_CHARACTERS} are "
            "read; split it"
        )
    headline = _headline(text)
    rest = text.lstrip().partition("\n")[2]
    body = rest if headline and rest.strip() else text
    return ParsedDocument(
        title=one_line(title or "")[:_MAX_TITLE] or headline or PurePath(raw.name).stem,
        text=text,
        published=published or stated_date(text),
        lang=_language(lang, body),
        media_type=media_type,
        encoding=encoding,
    )


def iso_date(stated: str) -> str | None:
    """Read a date in one of the unmistakable forms at the start of a text as ISO 8601.

    The forms: 2025-11-20, 2025/11/20, 2025年11月20日, November 20, 2025 and 20 Nov 2025.
    """
    match = re.match(_DATE, stated.strip(), re.IGNORECASE)
    if match is None:
        return None
    month_name = re.search(r"[a-z]{3}", match["date"].lower())
    numbers = [int(n) for n in re.findall(r"\d+", match["date"])]
    if month_name:
        day, year = sorted(numbers)
        month = _MONTHS.index(month_name.group()) + 1
    else:
        year, month, day = numbers
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def stated_date(text: str) -> str | None:
    """Find the publication date that a text's first five lines state in a dateline or byline."""
    lines = [line.strip() for line in text[:10_000].splitlines() if line.strip()]
    for line in lines[:_TOP_LINES]:
        for context in _CONTEXTS:
            if match := context.match(line):
                return iso_date(match["date"])
    return None


def _headline(text: str) -> str | None:
    """Take the first line as a title if it is short and set off from what follows."""
    first, *rest = text.lstrip().split("\n", 2)
    line = _MARKUP.sub("", first.strip())
    following = rest[0].strip() if rest else ""
    set_off = not following or len(following) > 2 * len(line) or stated_date(following)
    short = 0 < len(line) <= _MAX_TITLE
    return line if short and set_off and not _SENTENCE.search(line) else None


def _language(declared: str | None, body: str) -> str:
    """Choose between the declared language and the script the text is written in.

    Page templates often declare the wrong one, so it counts only where the script agrees: the
    Latin script stands for many languages and no letters at all for any.
    """
    found = detect_language(body)
    if not declared or not _TAG.fullmatch(declared.strip()):
        return found
    primary = re.split("[-_]", declared.strip().lower())[0]
    if found == "und" or (found == "en" and primary not in _OTHER_SCRIPTS):
        return primary
    return found
