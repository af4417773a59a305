"""What became of one question, and how it is judged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pincite.evaluate.context import Segment, excerpt, in_context, overlaps
from pincite.evaluate.questions import GoldQuestion, Spans
from pincite.explanation import Explanation
from pincite.records import (
    Answer,
    Document,
    Leg,
    Passage,
    Quotation,
    Status,
)
from pincite.text import fold

Outcome = Literal["right", "abstained", "invented", "elsewhere", "refused", "words"]
"""``right`` and ``abstained`` are as they should be; the others are failures, worst first."""

FAILURES: dict[Outcome, str] = {
    "invented": "answered, though the documents do not say",
    "elsewhere": "answered from elsewhere",
    "refused": "refused, though the documents say",
    "words": "cited well, but the answer lacks the expected words",
}


@dataclass(frozen=True, slots=True)
class Cited:
    """One sentence an answer cites (or would have), and whether it overlaps gold evidence."""

    document: str
    start: int
    end: int
    quote: str
    hit: bool
    score: float = 0.0
    context: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Considered:
    """A passage the answer was looked for in, why it was used or not, and whether it has gold."""

    explanation: Explanation
    document: str
    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one question.

    ``ranks`` are those, from 1, at which each leg brought up passages with gold evidence;
    ``contained`` is None for a question without gold answers. ``best`` is the sentence that the
    confidence speaks of: an answer's best citation, a refusal's best candidate. ``sentences``
    tells of each cited sentence whether it overlaps gold evidence.
    """

    question: GoldQuestion
    status: Status
    reason: str | None
    confidence: float
    cited: tuple[Cited, ...]
    contained: bool | None
    ranks: Mapping[Leg, tuple[int, ...]]
    latency_ms: float
    best: Cited | None = None
    sentences: tuple[bool, ...] = ()
    answer: str = ""
    closest: tuple[Cited, ...] = ()
    considered: tuple[Considered, ...] = ()
    degraded: str | None = None

    @property
    def answered(self) -> bool:
        """Whether an answer was given, in full or in part."""
        return self.status != "not_found"

    @property
    def evidenced(self) -> bool:
        """Whether an answer was given that cites gold evidence."""
        return self.answered and any(cited.hit for cited in self.cited)

    @property
    def right(self) -> bool:
        """Whether the best citation, or the best candidate of a refusal, hits gold evidence."""
        return self.question.answerable and self.best is not None and self.best.hit

    @property
    def outcome(self) -> Outcome:
        """What to call it."""
        if not self.question.answerable:
            return "invented" if self.answered else "abstained"
        if not self.answered:
            return "refused"
        if not self.evidenced:
            return "elsewhere"
        return "words" if self.contained is False else "right"


def worst_failures(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """List what went wrong, worst first.

    Wrong answers come before refusals, and those before answers that cite right but lack the
    expected words; among equals, the more confident first.
    """
    order = list(FAILURES)
    failed = [verdict for verdict in verdicts if verdict.outcome in FAILURES]
    return sorted(failed, key=lambda verdict: (order.index(verdict.outcome), -verdict.confidence))


def contains_answers(text: str, groups: Sequence[Sequence[str]]) -> bool:
    """Tell whether a text holds one answer of every group, case, width and script folded."""
    folded = _flat(text)
    return all(any(_flat(answer) in folded for answer in group) for group in groups)


def _flat(text: str) -> str:
    return " ".join(fold(text).split())


@dataclass(frozen=True, slots=True)
class Gold:
    """What is right.

    ``spans`` holds each question's gold evidence; ``names`` what to call each stored document.
    ``literal``: the spans are quotes, to be marked; else they are whole documents, and expected
    words must be in the cited sentences, not merely in the answer.
    """

    spans: Mapping[str, Spans]
    names: Mapping[str, str]
    literal: bool = True


class Texts(Protocol):
    """What judging reads of a library."""

    def document(self, document_id: str) -> Document:
        """Return one document with its text."""
        ...

    def passages(self, document_id: str) -> list[Passage]:
        """Return a document's passages in order."""
        ...


class Judge:
    """Holds answers against gold evidence. Each document is read once."""

    def __init__(self, texts: Texts, gold: Gold) -> None:
        self._texts = texts
        self._gold = gold
        self._documents: dict[str, str] = {}
        self._passages: dict[str, dict[int, Passage]] = {}

    def verdict(self, question: GoldQuestion, answer: Answer, latency_ms: float) -> Verdict:
        """Judge one answer; the ranks are left empty."""
        spans = self._gold.spans[question.id]
        cited = tuple(self._cited(citation, spans) for citation in answer.citations)
        closest = tuple(self._cited(quotation, spans) for quotation in answer.closest)
        return Verdict(
            question=question,
            status=answer.status,
            reason=answer.reason,
            confidence=answer.confidence,
            cited=cited,
            contained=self._contained(question, answer),
            ranks={},
            latency_ms=round(latency_ms, 3),
            best=max(cited or closest, key=lambda c: c.score, default=None),
            sentences=self._sentences(answer, spans),
            answer=answer.answer,
            closest=closest,
            considered=tuple(self._considered(row, spans) for row in answer.explain or ()),
            degraded=answer.degraded,
        )

    def _contained(self, question: GoldQuestion, answer: Answer) -> bool | None:
        if not question.answers:
            return None
        quotes = "\n".join(citation.quote for citation in answer.citations)
        text = answer.answer if self._gold.literal else quotes
        return contains_answers(text, question.answers)

    def _cited(self, quoted: Quotation, spans: Spans) -> Cited:
        id_ = quoted.document_id
        gold = spans.get(id_, ())
        return Cited(
            document=self._gold.names.get(id_, id_),
            start=quoted.start,
            end=quoted.end,
            quote=quoted.quote,
            hit=overlaps(quoted.start, quoted.end, gold),
            score=quoted.score,
            context=in_context(
                self._text(id_), quoted.start, quoted.end, gold if self._gold.literal else ()
            ),
        )

    def _sentences(self, answer: Answer, spans: Spans) -> tuple[bool, ...]:
        """Judge each sentence that the citations touch, once."""
        touched = dict.fromkeys(
            (citation.document_id, sentence.start, sentence.end)
            for citation in answer.citations
            if (passage := self._passage(citation.document_id, citation.passage_id))
            for sentence in passage.sentences
            if overlaps(citation.start, citation.end, [sentence])
        )
        return tuple(overlaps(start, end, spans.get(id_, ())) for id_, start, end in touched)

    def _considered(self, row: Explanation, spans: Spans) -> Considered:
        passage = self._passage(row.document_id, row.passage_id)
        return Considered(
            explanation=row,
            document=self._gold.names.get(row.document_id, row.document_id),
            text=excerpt(passage.text) if passage else "",
            hit=passage is not None and holds(passage, spans),
        )

    def _text(self, document_id: str) -> str:
        if document_id not in self._documents:
            self._documents[document_id] = self._texts.document(document_id).text
        return self._documents[document_id]

    def _passage(self, document_id: str, passage_id: int) -> Passage | None:
        if document_id not in self._passages:
            stored = self._texts.passages(document_id)
            self._passages[document_id] = {passage.id: passage for passage in stored}
        return self._passages[document_id].get(passage_id)


def holds(passage: Passage, evidence: Spans) -> bool:
    """Tell whether a passage shares a character with gold evidence."""
    return overlaps(passage.start, passage.end, evidence.get(passage.document_id, ()))


def by_outcome(verdicts: Iterable[Verdict]) -> dict[Outcome, int]:
    """Count the verdicts by outcome, failures first, worst first."""
    counts: dict[Outcome, int] = dict.fromkeys((*FAILURES, "right", "abstained"), 0)
    for verdict in verdicts:
        counts[verdict.outcome] += 1
    return counts
