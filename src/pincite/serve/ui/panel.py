"""The source panel: each quoted passage in its context, the quote highlighted."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pincite.answer.messages import messages_for
from pincite.errors import DocumentNotFoundError
from pincite.records import Answer, Citation, Document, Quotation
from pincite.serve.ui.markup import element, origin, text
from pincite.serve.ui.strings import Strings, strings_for

CONTEXT = 280
_BOUNDARY = re.compile(r"[\s。！？；，、,.!?;:：]+")
_HEADING = re.compile(r"^#{1,6} +", re.MULTILINE)
_BULLET = re.compile(r"^[-*] +", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A quotation with the document's text round it; ``number`` None: it answers nothing."""

    number: int | None
    quotation: Quotation
    before: str
    after: str


def excerpts(answer: Answer, document: Callable[[str], Document]) -> list[Excerpt]:
    """Return an answer's citations, or if it has none its closest passages, in their context."""
    quotations: Sequence[Quotation] = answer.citations or answer.closest
    documents: dict[str, Document | None] = {}
    for quotation in quotations:
        if quotation.document_id not in documents:
            documents[quotation.document_id] = _still_there(document, quotation.document_id)
    return [_excerpt(quotation, documents[quotation.document_id]) for quotation in quotations]


def _still_there(document: Callable[[str], Document], document_id: str) -> Document | None:
    # It may have been deleted since the answer; the quote itself is in the answer.
    try:
        return document(document_id)
    except DocumentNotFoundError:
        return None


def _excerpt(quotation: Quotation, document: Document | None) -> Excerpt:
    number = quotation.marker if isinstance(quotation, Citation) else None
    start, end = quotation.start, quotation.end
    if document is None or document.text[start:end] != quotation.quote:
        return Excerpt(number, quotation, "", "")
    return Excerpt(number, quotation, _before(document.text, start), _after(document.text, end))


def _before(whole: str, start: int) -> str:
    if start <= CONTEXT:
        return whole[:start]
    window = whole[start - CONTEXT : start]
    boundary = _BOUNDARY.search(window)
    return "… " + (window[boundary.end() :] if boundary else window)


def _after(whole: str, end: int) -> str:
    window = whole[end : end + CONTEXT]
    if end + CONTEXT >= len(whole):
        return window
    boundaries = list(_BOUNDARY.finditer(window))
    return (window[: boundaries[-1].start()] if boundaries else window) + " …"


def source_id(turn: int, place: int) -> str:
    """Return the element id of a turn's source, for the links that lead to it."""
    return f"t{turn}-s{place}"


def render_section(turn: int, found: Sequence[Excerpt], language: str, *, current: bool) -> str:
    """Render the sources of one answer; only the current section is shown."""
    words = strings_for(language)
    answers = any(excerpt.number for excerpt in found)
    return element(
        "section",
        element("h2", text(words.panel if answers else messages_for(language).closest)),
        *(_source(turn, place, excerpt, words) for place, excerpt in enumerate(found, 1)),
        class_="pc-sources is-current" if current else "pc-sources",
        data_turn=str(turn),
    )


def render_panel(sections: str, words: Strings) -> str:
    """Render the whole panel; without sections it says what it is for."""
    empty = element(
        "section",
        element("h2", text(words.panel)),
        element("p", text(words.panel_hint), class_="pc-hint"),
        class_="pc-sources is-current",
    )
    return element("aside", sections or empty, class_="pc-panel", aria_label=words.panel)


def _source(turn: int, place: int, excerpt: Excerpt, words: Strings) -> str:
    quotation = excerpt.quotation
    number = element("span", str(excerpt.number), class_="pc-number") if excerpt.number else ""
    return element(
        "article",
        element("header", number, element("h3", text(quotation.title))),
        element("p", *_about(quotation, words), class_="pc-about"),
        element(
            "blockquote",
            text(_plain(excerpt.before)),
            element("mark", text(quotation.quote)),
            text(_plain(excerpt.after)),
        ),
        class_="pc-source" if excerpt.number else "pc-source is-nearest",
        id=source_id(turn, place),
        tabindex="-1",
    )


def _plain(markdown: str) -> str:
    """Take the heading and list marks out of a context; the quote itself stays literal."""
    return _BULLET.sub("– ", _HEADING.sub("", markdown))


def _about(quotation: Quotation, words: Strings) -> list[str]:
    place = origin(quotation.source)
    if place.url:
        name = element(
            "a",
            text(place.name),
            href=place.url,
            rel="noopener noreferrer nofollow",
            target="_blank",
            title=words.open_source,
        )
    else:
        name = element("span", text(place.name))
    if not quotation.published:
        return [name]
    return [name, element("span", text(words.published.format(date=quotation.published)))]
