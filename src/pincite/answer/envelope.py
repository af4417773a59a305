"""What was found and chosen or written, put into the answer that every surface gives."""

import hashlib
import json
from dataclasses import asdict, replace

from pincite.answer.citations import Quoter, shown_text
from pincite.answer.composing import composed
from pincite.answer.confidence.calibration import Calibration
from pincite.answer.confidence.support import Candidate
from pincite.answer.explain import explanations, searched
from pincite.answer.finding import Found
from pincite.answer.messages import messages_for
from pincite.answer.writing import Written
from pincite.records import Answer, Citation, Question, Quotation, Reason
from pincite.retrieve.retriever import Retriever
from pincite.text import detect_language


def language_of(question: Question) -> str:
    """Return the BCP 47 tag that an answer is to be in."""
    return question.language or detect_language(question.text)


class Envelope:
    """Makes the answers of one library."""

    def __init__(self, retriever: Retriever, calibration: Calibration, reader: str) -> None:
        """Take the reader's revision, "" where nothing is read."""
        self._retriever = retriever
        self._library = retriever.library
        self._calibration = calibration
        self._reader = reader

    def extractive(self, question: Question, found: Found) -> Answer:
        """Quote the sentences that were chosen, or say why none was."""
        judgement = found.judgement
        reason = self._reason(found)
        if reason:
            closest = self._quotations(judgement.selection.closest)
            return self._refusal(question, found, reason, closest)
        chosen = judgement.selection.chosen
        quoter = Quoter(self._library.document)
        citations = [
            quoter.cite(candidate.hit, candidate.span, round(probability, 4), number)
            for number, (probability, candidate) in enumerate(chosen, 1)
        ]
        text, statements = composed(citations)
        missing = [*judgement.unanswered]
        if missing:
            # Without bracketed numbers of the question's own, which would pass for markers.
            named = [shown_text(part) for part in missing]
            text = f"{text}\n\n{messages_for(language_of(question)).not_answered(named)}"
        return replace(
            self._answer(question, found, citations),
            status="partial" if missing else "answered",
            answer=text,
            statements=statements,
            citations=citations,
            unanswered=missing,
        )

    def written(
        self, question: Question, found: Found, llm: str, written: Written | None
    ) -> Answer:
        """Give a language model's answer, or say that it has none.

        Args:
            question: What was asked.
            found: What the model was to answer from.
            llm: The model's name.
            written: What it wrote; None if it was not asked, since nothing is near the question.
        """
        verified = written.verified if written else None
        if written is None or verified is None or not verified.statements:
            selection = found.judgement.selection
            # The model says no, so what is nearest by its own measure is near and no more.
            near = self._quotations(selection.closest or selection.chosen)
            reason = self._reason(found) or "unsupported"
            answer = self._refusal(question, found, reason, near, written)
        else:
            answer = replace(
                self._answer(question, found, verified.citations, written),
                status=verified.status,
                answer=written.text,
                statements=verified.statements,
                citations=verified.citations,
            )
        # The same question may be answered in other words another time.
        digest = hashlib.sha256(f"{answer.id} {llm} {answer.answer}".encode()).hexdigest()[:24]
        return replace(answer, id=digest, mode="llm", model=llm)

    def _reason(self, found: Found) -> Reason | None:
        reason: Reason | None = found.judgement.selection.reason
        if reason and not self._library.counts().documents:
            return "no_documents"
        allowed = found.retrieval.allowed
        return "filtered_out" if allowed and not allowed.documents else reason

    def _refusal(
        self,
        question: Question,
        found: Found,
        reason: Reason,
        closest: list[Quotation],
        written: Written | None = None,
    ) -> Answer:
        return replace(
            self._answer(question, found, [], written),
            answer=messages_for(language_of(question)).not_found(reason),
            reason=reason,
            closest=closest,
        )

    def _answer(
        self,
        question: Question,
        found: Found,
        citations: list[Citation],
        written: Written | None = None,
    ) -> Answer:
        """Make what all answers have; it says "not found" until it is told otherwise."""
        retrieval, selection = found.retrieval, found.judgement.selection
        spec = self._retriever.encoder.spec
        reranker = self._retriever.reranker.name if self._retriever.reranker else None
        language = language_of(question)
        shown = frozenset(hit.passage.id for hit in written.prompt.hits) if written else None
        return Answer(
            id=self._id(replace(question, filters=retrieval.filters), found, reranker),
            status="not_found",
            answer="",
            language=language,
            statements=[],
            citations=[],
            closest=[],
            confidence=round(selection.confidence, 4),
            reason=None,
            mode="extractive",
            degraded=self._calibration.degraded(spec.name, self._reader),
            model=f"{spec.name}@{spec.revision}",
            index_generation=retrieval.generation,
            explain=explanations(retrieval, selection, citations, language, shown)
            if question.explain
            else None,
            search=searched(
                retrieval,
                selection,
                self._documents(found),
                calibration=self._calibration.name,
                reranker=reranker,
                prompt=written.prompt.used if written and question.explain else None,
            )
            if question.explain or retrieval.filters
            else None,
            resolved=found.text if found.text != question.text else None,
        )

    def _documents(self, found: Found) -> int:
        allowed = found.retrieval.allowed
        return allowed.documents if allowed else self._library.counts().documents

    def _quotations(self, chosen: list[tuple[float, Candidate]]) -> list[Quotation]:
        quoter = Quoter(self._library.document)
        return [
            quoter.quote(candidate.hit, candidate.span, round(probability, 4))
            for probability, candidate in chosen
        ]

    def _id(self, question: Question, found: Found, reranker: str | None) -> str:
        """Equal questions to an equal library have equal answers, so they have equal ids."""
        spec = self._retriever.encoder.spec
        parts: list[object] = [
            question.text,
            question.mode,
            question.top_k,
            question.language,
            found.retrieval.generation,
            spec.name,
            spec.revision,
            *filter(None, (reranker, self._calibration.revision)),
        ]
        if question.filters:
            parts.append(asdict(question.filters))
        if question.history:
            parts.append([asdict(message) for message in question.history])
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]
