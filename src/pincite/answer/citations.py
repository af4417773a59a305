"""Quotes that are literally there, and the text that is shown for them."""

import re

from pincite.records import AlsoIn, Document, Hit, Passage, Quotation, Span
from pincite.retrieve.duplicates import sentences_of
from pincite.text import index_terms

_REFERENCES = re.compile(r"\s*[\[［【〔]\d{1,3}(?:\s*[,，、–-]\s*\d{1,3})*[\]］】〕]")
_SPACE = re.compile(r"\s+")
_LIST_MARK = re.compile(r"^(?:#{1,6}|[-*+•·●▪◦‣–])\s+")


def shown_text(quote: str) -> str:
    """Return a quote as an answer shows it, on one line.

    List marks and the source's own bracketed numbers are left out: the numbers would be taken
    for this answer's markers.
    """
    text = _REFERENCES.sub("", quote)
    return _SPACE.sub(" ", _LIST_MARK.sub("", text)).strip()


def quotation(document: Document, passage: Passage, span: Span, score: float) -> Quotation:
    """Quote a span of a document.

    Raises:
        ValueError: If the span does not lie in the passage, or the passage's text is not the
            document's: such a citation cannot be made.
    """
    if document.text[passage.start : passage.end] != passage.text:
        raise ValueError(f"passage {passage.id} is not in document {document.info.id}")
    if not passage.start <= span.start < span.end <= passage.end:
        raise ValueError(f"span {span.start}:{span.end} is outside passage {passage.id}")
    info = document.info
    return Quotation(
        document_id=info.id,
        title=info.title,
        source=info.source,
        published=info.published,
        start=span.start,
        end=span.end,
        quote=document.text[span.start : span.end],
        passage_id=passage.id,
        score=score,
    )


def also_in(hit: Hit, quote: str) -> tuple[AlsoIn, ...]:
    """Name the other documents whose duplicate of a quoted passage has the same sentence."""
    said = index_terms(quote)
    found: dict[str, AlsoIn] = {}
    for other in hit.duplicates:
        passage, info = other.passage, other.document
        sentences = map(index_terms, sentences_of(passage))
        if info.id != hit.document.id and said in sentences:
            found.setdefault(
                info.id, AlsoIn(info.id, info.title, info.source, info.published, passage.id)
            )
    return tuple(found.values())
