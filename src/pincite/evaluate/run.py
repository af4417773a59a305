"""Question files run: asked one by one, searched, judged."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Protocol

from pydantic import TypeAdapter

from pincite.evaluate.figures import (
    Curves,
    confidence_curves,
    passage_figures,
    question_figures,
    slice_figures,
)
from pincite.evaluate.journal import Journal
from pincite.evaluate.measures import Figures, mean_figures, recall_curve
from pincite.evaluate.questions import (
    GoldQuestion,
    Spans,
    file_name,
    load_questions,
    locate_evidence,
)
from pincite.evaluate.verdicts import Gold, Judge, Verdict, holds
from pincite.records import (
    Answer,
    Document,
    DocumentInfo,
    Hit,
    Leg,
    Mode,
    ParsedDocument,
    Passage,
    Question,
)

DEPTH = 50
"""Passages in which evidence, and documents, are looked for."""
WARM_UP = "Which question warms a cold machine?"
"""Asked or searched once before anything is timed."""
ASK = "ask "
"""Before a question's id, its step in a journal."""

Track = Callable[[str, int], Callable[[], object]]
"""Start a step of this name and length; what comes back is called after each part of it."""

_VERDICT = TypeAdapter(Verdict)


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

    def passages(self, document_id: str) -> list[Passage]:
        """Return a document's passages in order."""
        ...

    def add_parsed(
        self, documents: Iterable[tuple[str, ParsedDocument]], *, sentence_vectors: bool = True
    ) -> None:
        """Take in documents that are already text."""
        ...


@dataclass(frozen=True, slots=True)
class QuestionRun:
    """A question file's figures: overall, by leg (rank figures only), by slice, by question.

    ``recall`` holds by leg the recall at 1 to 50; ``ranked`` by leg and question the ids of the
    passages found, best first, and ``relevant`` by question those that hold gold evidence.
    """

    figures: Figures
    legs: dict[Leg, Figures]
    slices: dict[str, dict[str, Figures]]
    verdicts: list[Verdict]
    curves: Curves = field(default_factory=lambda: Curves([], []))
    recall: dict[Leg, list[float]] = field(default_factory=dict)
    ranked: dict[Leg, dict[str, list[str]]] = field(default_factory=dict)
    relevant: dict[str, list[str]] = field(default_factory=dict)


def run_questions(
    workspace: Evaluated,
    path: Path,
    track: Track,
    *,
    legs: Sequence[Leg] = ("fused",),
    mode: Mode = "auto",
    limit: int | None = None,
    journal: Journal | None = None,
) -> QuestionRun:
    """Ask every question of a file, one after another, and measure what comes back.

    Args:
        workspace: Holds the documents that the file asks about.
        path: A question file.
        track: Told the progress.
        legs: The rankings measured; the first fills the overall rank figures.
        mode: How to answer.
        limit: Ask only the first questions.
        journal: Holds what an interrupted run has done already.

    Raises:
        InputError: If the file is wrong or the library lacks its documents.
    """
    journal = journal or Journal()
    questions = load_questions(path)[:limit]
    infos = workspace.documents()
    evidence = locate_evidence(path, questions, infos, workspace.document)
    gold = Gold(evidence, {info.id: file_name(info.source) for info in infos})
    # All are asked before any is searched: a search would warm what asking is timed for.
    asked = ask_all(workspace, questions, gold, track, mode=mode, journal=journal)
    ranked = {leg: _search_all(workspace, questions, leg, track, journal) for leg in legs}
    relevant = _relevant(workspace, evidence)
    verdicts = [replace(v, ranks=_ranks(v.question.id, ranked, relevant)) for v in asked]
    by_leg = {leg: passage_figures(verdicts, leg) for leg in legs}
    first = by_leg[legs[0]]
    return QuestionRun(
        figures=question_figures(verdicts, first),
        legs={leg: mean_figures(list(rows.values())) for leg, rows in by_leg.items()},
        slices=slice_figures(verdicts, first),
        verdicts=verdicts,
        curves=confidence_curves(verdicts),
        # Any one passage with evidence answers: it is reached at the first of them.
        recall={
            leg: recall_curve(
                ((v.ranks[leg][:1], 1) for v in verdicts if v.question.answerable), DEPTH
            )
            for leg in legs
        },
        ranked=ranked,
        relevant=relevant,
    )


def ask_all(
    workspace: Evaluated,
    questions: Sequence[GoldQuestion],
    gold: Gold,
    track: Track,
    *,
    mode: Mode,
    journal: Journal,
    name: str = "",
) -> list[Verdict]:
    """Ask questions one after another, after one that warms, and judge the answers.

    Returns:
        The verdicts in order, their ranks left empty.
    """
    if not all(journal.has(ASK + question.id) for question in questions):
        workspace.ask(Question(WARM_UP, mode))
    judge = Judge(workspace, gold)
    step = track(f"Asking {name}".strip(), len(questions))
    verdicts = []
    for question in questions:

        def ask(question: GoldQuestion = question) -> object:
            started = perf_counter()
            answer = workspace.ask(Question(question.text, mode, explain=True))
            elapsed = 1000 * (perf_counter() - started)
            return asdict(judge.verdict(question, answer, elapsed))

        row = journal.once(ASK + question.id, ask)
        assert isinstance(row, dict)
        verdicts.append(_VERDICT.validate_python({**row, "question": question}))
        step()
    return verdicts


def _search_all(
    workspace: Evaluated,
    questions: Sequence[GoldQuestion],
    leg: Leg,
    track: Track,
    journal: Journal,
) -> dict[str, list[str]]:
    answerable = [question for question in questions if question.answerable]
    step = track(f"Searching ({leg})", len(answerable))
    ranked: dict[str, list[str]] = {}
    for question in answerable:

        def search(text: str = question.text) -> list[str]:
            return [str(hit.passage.id) for hit in workspace.search(text, DEPTH, leg)]

        found = journal.once(f"search {leg} {question.id}", search)
        assert isinstance(found, list)
        ranked[question.id] = found
        step()
    return ranked


def _relevant(workspace: Evaluated, evidence: Mapping[str, Spans]) -> dict[str, list[str]]:
    """List for each question the passages that hold gold evidence."""
    ids = sorted({id_ for spans in evidence.values() for id_ in spans})
    passages = {id_: workspace.passages(id_) for id_ in ids}
    return {
        question: [str(p.id) for id_ in spans for p in passages[id_] if holds(p, spans)]
        for question, spans in evidence.items()
    }


def _ranks(
    question: str, ranked: Mapping[Leg, Mapping[str, list[str]]], relevant: Mapping[str, list[str]]
) -> dict[Leg, tuple[int, ...]]:
    wanted = set(relevant[question])
    return {
        leg: tuple(
            rank for rank, passage in enumerate(found.get(question, ()), 1) if passage in wanted
        )
        for leg, found in ranked.items()
    }
