"""A small workspace in memory: real records, word overlap for ranking, one quote an answer."""

import re
from collections.abc import Iterable

from pincite.errors import DocumentNotFoundError
from pincite.explanation import Explanation
from pincite.records import (
    Answer,
    Citation,
    Document,
    DocumentInfo,
    Hit,
    Leg,
    ParsedDocument,
    Passage,
    Question,
    Span,
)
from pincite.text import content_terms, index_terms

_SENTENCE = re.compile(r"[^.\n]+\.?")


class MemoryWorkspace:
    """What ``evaluate`` asks of a workspace; a passage is a sentence.

    The dense leg ranks backwards, so that a test can tell the legs apart.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.searched: list[tuple[str, int, Leg]] = []
        self.with_sentence_vectors: list[bool] = []
        self.refuses: set[str] = set()
        self._documents: dict[str, Document] = {}
        self._passages: list[Passage] = []

    def add_parsed(
        self, documents: Iterable[tuple[str, ParsedDocument]], *, sentence_vectors: bool = True
    ) -> None:
        self.with_sentence_vectors.append(sentence_vectors)
        for source, parsed in documents:
            if source not in self.refuses:
                self._add(source, parsed)

    def _add(self, source: str, parsed: ParsedDocument) -> None:
        id_ = f"d{len(self._documents)}"
        spans = [m.span() for m in _SENTENCE.finditer(parsed.text) if m.group().strip()]
        info = DocumentInfo(
            id=id_,
            title=parsed.title,
            source=source,
            published=None,
            lang=parsed.lang,
            media_type=parsed.media_type,
            sha256="",
            added="2025-01-01T00:00:00Z",
            characters=len(parsed.text),
            passages=len(spans),
        )
        self._documents[id_] = Document(info, parsed.text)
        for ordinal, (start, end) in enumerate(spans):
            self._passages.append(
                Passage(
                    id=len(self._passages),
                    document_id=id_,
                    ordinal=ordinal,
                    start=start,
                    end=end,
                    heading="",
                    text=parsed.text[start:end],
                    sentences=(Span(start, end),),
                )
            )

    def documents(self) -> list[DocumentInfo]:
        return [document.info for document in self._documents.values()]

    def document(self, document_id: str) -> Document:
        if document_id not in self._documents:
            raise DocumentNotFoundError(document_id)
        return self._documents[document_id]

    def passages(self, document_id: str) -> list[Passage]:
        return [passage for passage in self._passages if passage.document_id == document_id]

    def search(self, text: str, k: int, leg: Leg = "fused") -> list[Hit]:
        self.searched.append((text, k, leg))
        terms = set(content_terms(text))
        scored = [(len(terms & set(index_terms(p.text))) / len(terms), p) for p in self._passages]
        scored.sort(key=lambda pair: (pair[0] if leg == "dense" else -pair[0], pair[1].id))
        return [
            Hit(p, self._documents[p.document_id].info, score, None, rank, 0.0, score)
            for rank, (score, p) in enumerate(scored[:k], 1)
        ]

    def ask(self, question: Question) -> Answer:
        self.asked.append(question.text)
        best = next(iter(self.search(question.text, 1)), None)
        found = best is not None and best.coverage >= 0.5
        citations = [_citation(best)] if best and found else []
        return Answer(
            id="a",
            status="answered" if found else "not_found",
            answer=f"{citations[0].quote} [1]" if citations else "The articles do not say.",
            language="en",
            statements=[],
            citations=citations,
            closest=[_citation(best)] if best and not found else [],
            confidence=best.coverage if best else 0.0,
            reason=None if found else "nothing_relevant",
            mode=question.mode,
            degraded=None,
            model="words",
            index_generation=1,
            explain=[_explanation(best, used=found)] if best and question.explain else None,
        )


def _explanation(hit: Hit, *, used: bool) -> Explanation:
    return Explanation(
        passage_id=hit.passage.id,
        document_id=hit.document.id,
        title=hit.document.title,
        dense_rank=hit.dense_rank,
        lexical_rank=hit.lexical_rank,
        cosine=hit.cosine,
        lexical=hit.lexical,
        coverage=hit.coverage,
        translated=hit.translated,
        fused=hit.fused,
        rerank=None,
        support=hit.coverage,
        used=used,
        code="cited" if used else "below_threshold",
        why="cited" if used else "too little",
    )


def _citation(hit: Hit) -> Citation:
    passage = hit.passage
    return Citation(
        document_id=passage.document_id,
        title=hit.document.title,
        source=hit.document.source,
        published=None,
        start=passage.start,
        end=passage.end,
        quote=passage.text,
        passage_id=passage.id,
        score=hit.coverage,
        marker=1,
    )
