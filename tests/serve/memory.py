"""A library in memory behind Workspace's methods, which answers by shared words."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from pincite import records
from pincite.embed.encoder import EncoderSpec
from pincite.errors import DocumentNotFoundError, UnsupportedFormatError, UrlForbiddenError
from pincite.explanation import NO_FILTERS, Filters
from pincite.records import (
    Answer,
    Citation,
    Delta,
    Document,
    DocumentInfo,
    Hit,
    Leg,
    Outcome,
    Passage,
    Question,
    Quotation,
    Reason,
    Span,
    Stage,
    Statement,
)
from pincite.retrieve.filters import normalised, passes
from pincite.text import content_terms, detect_language, index_terms
from tests.serve.explaining import not_chosen

if TYPE_CHECKING:
    from pincite.workspace import Workspace

_SENTENCE = re.compile(r"[^\s。.!?！？][^\n。.!?！？]*[。.!?！？]?")
_PIECE = re.compile(r".+?(?:\[\d+\]|$)")
_PARAGRAPH = re.compile(r"[^\n]+(?:\n[^\n]+)*")
_MODEL = EncoderSpec("memory", "1", 8, 512)

RULING = (
    "Verdict in the Acme case\n\nThe trial began in March. Witnesses spoke for two days.\n\n"
    "The court ruled against Acme on 5 May. Acme must pay the deposit back twice. "
    "It may appeal within a month.\n\nReporters filled the room."
)
HARVEST = "今年的收成\n\n农民说今年的小麦收成很好。价格比去年高一成。\n\n雨水来得正是时候。"


class MemoryWorkspace:
    """Documents, passages (paragraphs) and answers (the two sentences nearest to a question).

    ``before_asking`` is called with each question, ``while_answering`` with the flag that nobody
    waits any longer: to fail or to wait in the tests' stead.
    """

    def __init__(self) -> None:
        self.stored: dict[str, Document] = {}
        self.kept: dict[str, list[Passage]] = {}
        self.generation = 0
        self.warmed = 0
        self.closed = False
        self.before_asking: Callable[[Question], object] = lambda question: None
        self.while_answering: Callable[[Event | None], object] = lambda cancel: None
        self.before_warming: Callable[[], object] = lambda: None

    def reset(self) -> None:
        self.__init__()  # type: ignore[misc]

    def add(self, title: str, text: str, source: str, published: str | None = None) -> Document:
        document_id = hashlib.sha256(source.encode()).hexdigest()[:12]
        passages = []
        for ordinal, match in enumerate(_PARAGRAPH.finditer(text)):
            at = match.start()
            spans = [Span(at + m.start(), at + m.end()) for m in _SENTENCE.finditer(match[0])]
            number = 1000 * (self.generation + 1) + ordinal
            passages.append(
                Passage(number, document_id, ordinal, at, match.end(), "", match[0], tuple(spans))
            )
        info = DocumentInfo(
            id=document_id,
            title=title,
            source=source,
            published=published,
            lang=detect_language(text),
            media_type="text/plain",
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            added=f"2025-01-01T00:00:{self.generation % 60:02}Z",
            characters=len(text),
            passages=len(passages),
        )
        self.stored[document_id] = Document(info, text)
        self.kept[document_id] = passages
        self.generation += 1
        return self.stored[document_id]

    def __enter__(self) -> "MemoryWorkspace":
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def warm_up(self) -> None:
        self.before_warming()
        self.warmed += 1

    def documents(self) -> list[DocumentInfo]:
        return sorted((d.info for d in self.stored.values()), key=lambda info: info.title)

    def document(self, document_id: str) -> Document:
        if document_id not in self.stored:
            raise DocumentNotFoundError(f"no document has the id {document_id!r}")
        return self.stored[document_id]

    def passages(self, document_id: str) -> list[Passage]:
        return self.kept[self.document(document_id).info.id]

    def upload(
        self, name: str, data: bytes, content_type: str | None = None, tags: Sequence[str] = ()
    ) -> Outcome:
        source = f"upload:{name}"
        if b"\0" in data:
            raise UnsupportedFormatError(f"{name} is not a format Pincite reads")
        old = next((d for d in self.stored.values() if d.info.source == source), None)
        text = data.decode()
        if old and old.text == text:
            return Outcome(source, "unchanged", old.info.id)
        document = self.add(name, text, source)
        self.set_tags(document.info.id, tags)
        return Outcome(source, "changed" if old else "added", document.info.id)

    def add_url(self, url: str, tags: Sequence[str] = ()) -> Outcome:
        if not url.startswith(("http://", "https://")) or "internal" in url:
            raise UrlForbiddenError(f"{url}: it leads to no public address")
        known = any(d.info.source == url for d in self.stored.values())
        document = self.add(f"Page of {url}", f"What {url} says.", url)
        self.set_tags(document.info.id, tags)
        return Outcome(url, "changed" if known else "added", document.info.id)

    def set_tags(self, document_id: str, tags: Sequence[str]) -> DocumentInfo:
        document = self.document(document_id)
        info = replace(document.info, tags=tuple(sorted(tags)))
        self.stored[document_id] = Document(info, document.text)
        return info

    def forget(self, id_or_source: str) -> DocumentInfo:
        document = self.document(id_or_source)
        del self.stored[id_or_source], self.kept[id_or_source]
        self.generation += 1
        return document.info

    def status(self) -> SimpleNamespace:
        return SimpleNamespace(
            generation=self.generation,
            documents=len(self.stored),
            passages=sum(map(len, self.kept.values())),
            model=_MODEL,
        )

    def search(
        self,
        text: str,
        k: int,
        leg: Leg = "fused",
        filters: Filters = NO_FILTERS,
        *,
        collapse: bool = False,
    ) -> list[Hit]:
        wanted = set(content_terms(text))
        among = normalised(filters)
        shares = [
            (len(wanted & set(index_terms(passage.text))) / max(1, len(wanted)), passage)
            for document_id, passages in self.kept.items()
            for passage in passages
            if passes(self.stored[document_id].info, among)
        ]
        best = sorted(shares, key=lambda pair: -pair[0])[:k]
        return [
            Hit(
                passage=passage,
                document=self.stored[passage.document_id].info,
                fused=share,
                dense_rank=rank if leg != "lexical" else None,
                lexical_rank=rank if leg != "dense" else None,
                cosine=share,
                coverage=share,
            )
            for rank, (share, passage) in enumerate(best, 1)
        ]

    def answer(self, question: Question) -> Answer:
        wanted = set(content_terms(question.text))
        hits = self.search(question.text, question.top_k, filters=question.filters)
        scored = sorted(
            (
                (self._overlap(wanted, hit.passage, span), hit, span)
                for hit in hits
                for span in hit.passage.sentences
            ),
            key=lambda row: -row[0],
        )
        chosen = [row for row in scored if row[0] >= 2][:2]
        reason: Reason | None = None
        if not chosen:
            reason = "nothing_relevant" if self.stored else "no_documents"
        citations = [
            _cite(self._quote(hit, span, score), number)
            for number, (score, hit, span) in enumerate(chosen, 1)
        ]
        language = question.language or detect_language(question.text)
        text, statements = self._compose(citations)
        return Answer(
            id=hashlib.sha256(question.text.encode()).hexdigest()[:24],
            status="not_found" if reason else "answered",
            answer=text or ("文章中没有找到答案。" if language == "zh" else "Not found."),
            language=language,
            statements=statements,
            citations=citations,
            closest=[self._quote(h, s, v) for v, h, s in scored[:2] if reason],
            confidence=0.0 if reason else 0.9,
            reason=reason,
            mode="extractive",
            degraded=None,
            model="memory@1",
            index_generation=self.generation,
            timings_ms={"search": 0.5, "total": 6.4},
            explain=[not_chosen(hit) for hit in hits] if question.explain else None,
        )

    def stream(self, question: Question, cancel: Event | None = None) -> Iterator[records.Event]:
        self.before_asking(question)
        yield Stage("retrieving")
        self.while_answering(cancel)
        answer = self.answer(question)
        yield from map(Delta, _PIECE.findall(answer.answer))
        yield answer

    def ask(self, question: Question, cancel: Event | None = None) -> Answer:
        *_, answer = self.stream(question, cancel)
        assert isinstance(answer, Answer)
        return answer

    @staticmethod
    def _compose(citations: list[Citation]) -> tuple[str, list[Statement]]:
        text, statements = "", []
        for citation in citations:
            start = len(text) + bool(text)
            text = f"{text} {citation.quote} [{citation.marker}]".lstrip()
            end = start + len(citation.quote)
            statements.append(
                Statement(citation.quote, start, end, [citation.marker], citation.score, True)
            )
        return text, statements

    def _overlap(self, wanted: set[str], passage: Passage, span: Span) -> int:
        text = self.stored[passage.document_id].text[span.start : span.end]
        return len(wanted & set(index_terms(text)))

    def _quote(self, hit: Hit, span: Span, score: float) -> Quotation:
        return Quotation(
            document_id=hit.document.id,
            title=hit.document.title,
            source=hit.document.source,
            published=hit.document.published,
            start=span.start,
            end=span.end,
            quote=self.stored[hit.document.id].text[span.start : span.end],
            passage_id=hit.passage.id,
            score=float(score),
        )

    @property
    def as_workspace(self) -> "Workspace":
        """The same object, for the parameters that name the real class."""
        return cast("Workspace", self)


def _cite(quotation: Quotation, marker: int) -> Citation:
    values: dict[str, Any] = {f.name: getattr(quotation, f.name) for f in fields(quotation)}
    return Citation(**values, marker=marker)


def fill(workspace: MemoryWorkspace) -> None:
    """Put two articles into an empty library."""
    workspace.reset()
    workspace.add("Verdict in the Acme case", RULING, "/srv/articles/acme.txt", "2025-05-06")
    workspace.add("今年的收成", HARVEST, "https://news.example.com/harvest")
