"""Question files run: asked one by one, searched, judged."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Protocol

from pincite.evaluate.measures import (
    Cited,
    Figures,
    Verdict,
    contains_answers,
    mean_figures,
    overlaps,
    passage_figures,
    question_figures,
    slice_figures,
)
from pincite.evaluate.questions import (
    GoldQuestion,
    Spans,
    file_name,
    load_questions,
    locate_evidence,
)
from pincite.records import (
    Answer,
    Document,
    DocumentInfo,
    Hit,
    Leg,
    Mode,
    ParsedDocument,
    Question,
)

DEPTH = 50
"""Passages in which evidence, and documents, are looked for."""
WARM_UP = "Which question warms a cold machine?"
"""Asked or searched once before anything is timed."""

Track = Callable[[str, int], Callable[[], object]]
"""Start a step of this name and length; what comes back is called after each part of it."""


class Evaluated(Protocol):
    """What of a workspace is evaluated."""

    def ask(self, question: Question) -> Answer:
        """Answer a question."""
        ...

    def search(self, text: str, k: int, leg: Leg = "fused") -> list[Hit]:
        """Return the k best passages, best first."""
        ...

    def documents(self) -> list[DocumentInfo]:
        """List the stored documents."""
        ...

    def document(self, document_id: str) -> Document:
        """Return one document with its text."""
        ...

    def add_parsed(
        self, documents: Iterable[tuple[str, ParsedDocument]], *, sentence_vectors: bool = True
    ) -> None:
        """Take in documents that are already text."""
        ...


@dataclass(frozen=True, slots=True)
class QuestionRun:
    """A question file's figures: overall, by leg (rank figures only), by slice, by question."""

    figures: Figures
    legs: dict[Leg, Figures]
    slices: dict[str, dict[str, Figures]]
    verdicts: list[Verdict]


def run_questions(
    workspace: Evaluated,
    path: Path,
    track: Track,
    *,
    legs: Sequence[Leg] = ("fused",),
    mode: Mode = "auto",
    limit: int | None = None,
) -> QuestionRun:
    """Ask every question of a file, one after another, and measure what comes back.

    Args:
        workspace: Holds the documents that the file asks about.
        path: A question file.
        track: Told the progress.
        legs: The rankings measured; the first fills the overall rank figures.
        mode: How to answer.
        limit: Ask only the first questions.

    Raises:
        InputError: If the file is wrong or the library lacks its documents.
    """
    questions = load_questions(path)[:limit]
    evidence = locate_evidence(path, questions, workspace.documents(), workspace.document)
    workspace.ask(Question(WARM_UP, mode))
    # All are asked before any is searched: a search would warm what asking is timed for.
    step = track("Asking", len(questions))
    asked = [_ask(workspace, question, mode, step) for question in questions]
    step = track("Searching", len(questions))
    names = {info.id: file_name(info.source) for info in workspace.documents()}
    verdicts: list[Verdict] = []
    for question, (answer, latency) in zip(questions, asked, strict=True):
        spans = evidence[question.id]
        ranks = {leg: _ranks(workspace, question, leg, spans) for leg in legs}
        verdicts.append(_judge(question, answer, spans, ranks=ranks, latency=latency, names=names))
        step()
    by_leg = {leg: passage_figures(verdicts, leg) for leg in legs}
    first = by_leg[legs[0]]
    return QuestionRun(
        figures=question_figures(verdicts, first),
        legs={leg: mean_figures(list(rows.values())) for leg, rows in by_leg.items()},
        slices=slice_figures(verdicts, first),
        verdicts=verdicts,
    )


def _ask(
    workspace: Evaluated, question: GoldQuestion, mode: Mode, step: Callable[[], object]
) -> tuple[Answer, float]:
    started = perf_counter()
    answer = workspace.ask(Question(question.text, mode))
    elapsed = 1000 * (perf_counter() - started)
    step()
    return answer, elapsed


def _ranks(
    workspace: Evaluated, question: GoldQuestion, leg: Leg, evidence: Spans
) -> tuple[int, ...]:
    if not evidence:
        return ()
    passages = [hit.passage for hit in workspace.search(question.text, DEPTH, leg)]
    return tuple(
        rank
        for rank, passage in enumerate(passages, 1)
        if overlaps(passage.start, passage.end, evidence.get(passage.document_id, ()))
    )


def _judge(
    question: GoldQuestion,
    answer: Answer,
    evidence: Spans,
    *,
    ranks: Mapping[Leg, tuple[int, ...]],
    latency: float,
    names: Mapping[str, str],
) -> Verdict:
    cited = tuple(
        Cited(
            document=names.get(c.document_id, c.document_id),
            start=c.start,
            end=c.end,
            quote=c.quote,
            hit=overlaps(c.start, c.end, evidence.get(c.document_id, ())),
        )
        for c in answer.citations
    )
    groups = question.answers
    return Verdict(
        question=question,
        status=answer.status,
        reason=answer.reason,
        confidence=answer.confidence,
        cited=cited,
        contained=contains_answers(answer.answer, groups) if groups else None,
        ranks=ranks,
        latency_ms=round(latency, 3),
    )
