"""From a question to an answer with citations, or a typed "not found"."""

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import pairwise
from time import perf_counter
from typing import Any

from pincite.answer.calibration import Calibration
from pincite.answer.citations import also_in, quotation
from pincite.answer.composing import composed
from pincite.answer.explain import explanations, searched
from pincite.answer.judge import Judge, Judgement
from pincite.answer.messages import messages_for
from pincite.answer.support import Candidate
from pincite.embed.reader import Reader
from pincite.errors import InputError, ModeUnavailableError
from pincite.records import (
    LONGEST_QUESTION,
    Answer,
    Citation,
    Delta,
    Document,
    Event,
    Mode,
    Question,
    Quotation,
    Reason,
    Stage,
)
from pincite.retrieve.retriever import Retrieval, Retriever
from pincite.text import clean_text, detect_language


class Assistant:
    """Answers questions from one library. Safe to use from several threads."""

    def __init__(
        self,
        retriever: Retriever,
        calibration: Calibration,
        default_mode: Mode = "auto",
        reader: Reader | None = None,
    ) -> None:
        self._retriever = retriever
        self._library = retriever.library
        self._calibration = calibration
        self._judge = Judge(retriever, calibration.model, reader)
        self._reader = reader.revision if reader else ""
        self._default_mode = default_mode

    def ask(self, question: Question, cancel: threading.Event | None = None) -> Answer:
        """Answer a question from the library, or say that it does not hold the answer.

        Args:
            question: What is asked.
            cancel: Set by the caller when nobody waits for the answer any longer.

        Raises:
            InputError: If the question is empty or longer than 4,000 characters.
            ModeUnavailableError: If the mode asked for is not configured.
        """
        *_, answer = self.stream(question, cancel)
        assert isinstance(answer, Answer)
        return answer

    def stream(self, question: Question, cancel: threading.Event | None = None) -> Iterator[Event]:
        """Answer as ``ask`` does, telling what is done and each piece of the text as it is made.

        The last event is the answer.
        """
        started = perf_counter()
        question = _checked(question, self._default_mode)
        yield Stage("retrieving")
        retrieval = self._retriever.search(question.text, question.top_k, filters=question.filters)
        reading = perf_counter()
        yield Stage("reading")
        judgement = self._judge.judge(retrieval)
        answering = perf_counter()
        answer = self._answer(question, retrieval, judgement)
        timings = {
            **retrieval.timings_ms,
            "read": 1000 * (answering - reading),
            "answer": 1000 * (perf_counter() - answering),
            "total": 1000 * (perf_counter() - started),
        }
        yield from _pieces(answer)
        yield replace(answer, timings_ms={name: round(ms, 2) for name, ms in timings.items()})

    def _answer(self, question: Question, retrieval: Retrieval, judgement: Judgement) -> Answer:
        selection = judgement.selection
        language = question.language or detect_language(question.text)
        reason: Reason | None = selection.reason
        if reason and not self._library.counts().documents:
            reason = "no_documents"
        elif retrieval.allowed and not retrieval.allowed.documents:
            reason = "filtered_out"
        quotations = self._quotations(selection.chosen)
        citations = [
            Citation(**_fields(quoted), marker=number, also_in=also_in(candidate.hit, quoted.quote))
            for number, (quoted, (_, candidate)) in enumerate(
                zip(quotations, selection.chosen, strict=True), 1
            )
        ]
        text, statements = composed(citations)
        if reason:
            text = messages_for(language).not_found(reason)
        elif judgement.unanswered:
            text = f"{text}\n\n{messages_for(language).not_answered(judgement.unanswered)}"
        spec = self._retriever.encoder.spec
        reranker = [self._retriever.reranker.name] if self._retriever.reranker else []
        own = [self._calibration.revision] if self._calibration.revision else []
        return Answer(
            id=_answer_id(
                replace(question, filters=retrieval.filters),
                retrieval.generation,
                spec.name,
                spec.revision,
                *reranker,
                *own,
            ),
            status="not_found" if reason else "partial" if judgement.unanswered else "answered",
            answer=text,
            language=language,
            statements=statements,
            citations=citations,
            closest=self._quotations(selection.closest),
            confidence=round(selection.confidence, 4),
            reason=reason,
            mode="extractive",
            degraded=self._calibration.degraded(spec.name, self._reader),
            model=f"{spec.name}@{spec.revision}",
            index_generation=retrieval.generation,
            explain=explanations(retrieval, selection, citations, language)
            if question.explain
            else None,
            search=searched(
                retrieval,
                selection,
                self._documents(retrieval),
                calibration=self._calibration.name,
                reranker=next(iter(reranker), None),
            )
            if question.explain or retrieval.filters
            else None,
            unanswered=[*judgement.unanswered],
        )

    def _documents(self, retrieval: Retrieval) -> int:
        if retrieval.allowed:
            return retrieval.allowed.documents
        return self._library.counts().documents

    def _quotations(self, chosen: list[tuple[float, Candidate]]) -> list[Quotation]:
        documents: dict[str, Document] = {}
        quotations = []
        for probability, candidate in chosen:
            document_id = candidate.hit.document.id
            if document_id not in documents:
                documents[document_id] = self._library.document(document_id)
            quotations.append(
                quotation(
                    documents[document_id],
                    candidate.hit.passage,
                    candidate.span,
                    round(probability, 4),
                )
            )
        return quotations


def _pieces(answer: Answer) -> Iterator[Delta]:
    """Cut an answer's text before each statement."""
    cuts = [0, *(statement.start for statement in answer.statements[1:]), len(answer.answer)]
    yield from (Delta(answer.answer[start:end]) for start, end in pairwise(cuts))


def _checked(question: Question, default_mode: Mode) -> Question:
    text = clean_text(question.text).strip()
    if not text:
        raise InputError("the question is empty; ask something, for example: what did they decide?")
    if len(text) > LONGEST_QUESTION:
        raise InputError(
            f"the question has {len(text):,} characters; the most is {LONGEST_QUESTION:,}"
        )
    mode = default_mode if question.mode == "auto" else question.mode
    if mode == "llm":
        raise ModeUnavailableError("no LLM is configured; use the mode 'extractive' or 'auto'")
    return replace(question, text=text)


def _fields(quoted: Quotation) -> dict[str, Any]:
    return {name: getattr(quoted, name) for name in Quotation.__dataclass_fields__}


def _answer_id(question: Question, generation: int, *models: str) -> str:
    """Equal questions to an equal library have equal answers, so they have equal ids."""
    parts: list[object] = [
        question.text,
        question.mode,
        question.top_k,
        question.language,
        generation,
        *models,
    ]
    if question.filters:
        parts.append(asdict(question.filters))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]
