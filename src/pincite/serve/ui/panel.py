"""The source panel: each quoted passage in its context, the quote highlighted."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pincite.answer.messages import messages_for
from pincite.errors import DocumentNotFoundError
from pincite.records import Answer, Citation, Document, Quotation
from pincite.serve.ui.markup import element, origin, text
from pincite.serve.ui.shell import icon
from pincite.serve.ui.strings import Strings, strings_for

CONTEXT = 280
_BOUNDARY = re.compile(r"[\s。！？；，、,.!?;:：]+")
_HEADING = re.compile(r"^#{1,6} +", re.MULTILINE)
_BULLET = re.compile(r"^[-*] +", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A quotation with the document's text round it; ``number`` None: it answers nothing.

    ``whole`` tells whether the article can still be shown at the quote.
    """

    number: int | None
    quotation: Quotation
    before: str
    after: str
    whole: bool = True


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
        return Excerpt(number, quotation, "", "", whole=False)
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
    """Return the element id of a turn's source, for the markers that lead to it."""
    return f"t{turn}-s{place}"


def render_section(turn: int, found: Sequence[Excerpt], language: str) -> str:
    """Render the sources of one answer, for the panel; the page moves them there."""
    words = strings_for(language)
    answers = any(excerpt.number for excerpt in found)
    return element(
        "section",
        element("h3", text(messages_for(language).closest)) if not answers else "",
        *(_source(turn, place, excerpt, words) for place, excerpt in enumerate(found, 1)),
        class_="pc-sources",
        hidden="",
        lang=words.tag,
    )


def citation_text(quotation: Quotation, words: Strings) -> str:
    """Write a citation out, as it is copied."""
    return words.citation.format(
        quote=quotation.quote,
        title=quotation.title,
        source=origin(quotation.source).url or origin(quotation.source).name,
        date=quotation.published or words.undated,
        start=quotation.start,
        end=quotation.end,
    )


def _source(turn: int, place: int, excerpt: Excerpt, words: Strings) -> str:
    quotation = excerpt.quotation
    number = element("span", str(excerpt.number), class_="pc-number") if excerpt.number else ""
    return element(
        "article",
        element("header", number, element("h4", text(quotation.title), dir="auto")),
        element("p", *about(quotation.source, quotation.published, words), class_="pc-about"),
        element(
            "blockquote",
            text(_plain(excerpt.before)),
            element("mark", text(quotation.quote)),
            text(_plain(excerpt.after)),
            dir="auto",
        ),
        _also_in(quotation, words),
        element("div", *_actions(excerpt, words), class_="pc-source-actions"),
        class_="pc-source" if excerpt.number else "pc-source is-nearest",
        id=source_id(turn, place),
        tabindex="-1",
    )


def _also_in(quotation: Quotation, words: Strings) -> str:
    if not isinstance(quotation, Citation) or not quotation.also_in:
        return ""
    titles = "; ".join(other.title for other in quotation.also_in)
    return element("p", text(words.also_in.format(titles=titles)), class_="pc-about", dir="auto")


def _actions(excerpt: Excerpt, words: Strings) -> list[str]:
    quotation = excerpt.quotation
    copy = element(
        "button",
        icon("copy"),
        element("span", text(words.copy_citation)),
        type="button",
        class_="pc-quiet",
        data_copy=citation_text(quotation, words),
    )
    if not excerpt.whole:
        return [copy, element("p", text(words.article_gone), class_="pc-note")]
    show = element(
        "button",
        icon("article"),
        element("span", text(words.show_article)),
        type="button",
        class_="pc-quiet",
        data_article=quotation.document_id,
        data_start=str(quotation.start),
        data_end=str(quotation.end),
    )
    return [show, copy]


def _plain(markdown: str) -> str:
    """Take the heading and list marks out of a context; the quote itself stays literal."""
    return _BULLET.sub("– ", _HEADING.sub("", markdown))


def about(source: str, published: str | None, words: Strings) -> list[str]:
    """Render where a document came from, a link only to the web, and when it was published."""
    place = origin(source)
    if place.url:
        name = element(
            "a",
            text(place.name),
            icon("out"),
            element("span", text(words.open_source), class_="pc-unseen"),
            href=place.url,
            rel="noopener noreferrer nofollow",
            target="_blank",
            title=words.open_source,
        )
    else:
        name = element("span", text(place.name), dir="auto")
    if not published:
        return [name]
    return [name, element("span", text(words.published.format(date=published)))]
