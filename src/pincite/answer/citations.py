"""Quotes that are literally there, and the text that is shown for them."""

import re
from collections.abc import Callable
from functools import cache

from pincite.records import AlsoIn, Citation, Document, Hit, Passage, Quotation, Span
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


class Quoter:
    """Quotes the spans that retrieval brought up, reading each document once.

    Args:
        document: Gives a document by its id, such as ``Library.document``.
    """

    def __init__(self, document: Callable[[str], Document]) -> None:
        self._document = cache(document)

    def quote(self, hit: Hit, span: Span, score: float) -> Quotation:
        """Quote a span of a retrieved passage."""
        return quotation(self._document(hit.document.id), hit.passage, span, score)

    def cite(self, hit: Hit, span: Span, score: float, marker: int) -> Citation:
        """Quote a span under a marker, and name the duplicates that have it too."""
        quoted = self.quote(hit, span, score)
        fields = {name: getattr(quoted, name) for name in Quotation.__dataclass_fields__}
        return Citation(**fields, marker=marker, also_in=also_in(hit, quoted.quote))
