"""Data sets answered: each query is asked, and judged by the documents that are relevant to it."""

from dataclasses import dataclass

from pincite.evaluate.context import excerpt
from pincite.evaluate.datasets import DataSet
from pincite.evaluate.figures import Curves, answer_figures, confidence_curves, slice_figures
from pincite.evaluate.journal import Journal
from pincite.evaluate.measures import Figures, latency_figures
from pincite.evaluate.questions import Evidence, GoldQuestion
from pincite.evaluate.run import Evaluated, Track, ask_all
from pincite.evaluate.verdicts import Gold, Verdict
from pincite.records import Mode, Span

_LATENCY = "answer_"
"""Before the name of a latency that includes answering."""


@dataclass(frozen=True, slots=True)
class AnsweredSet:
    """The answers to a data set's queries: figures, slices, curves and verdicts."""

    figures: Figures
    slices: dict[str, dict[str, Figures]]
    curves: Curves
    verdicts: list[Verdict]


def answer_data_set(
    workspace: Evaluated, data: DataSet, track: Track, mode: Mode, journal: Journal
) -> AnsweredSet:
    """Ask every query of a data set that has been taken in, and judge by relevant documents."""
    stored = {info.source: info for info in workspace.documents()}
    spans = {
        id_: {
            stored[document].id: [Span(0, stored[document].characters)]
            for document, grade in data.qrels.get(id_, {}).items()
            if grade > 0 and document in stored
        }
        for id_ in data.queries
    }
    gold = Gold(spans, {info.id: info.source for info in stored.values()}, literal=False)
    questions = [_question(data, id_, number) for number, id_ in enumerate(data.queries, 1)]
    verdicts = ask_all(
        workspace, questions, gold, track, mode=mode, journal=journal, name=data.name
    )
    latencies = latency_figures([verdict.latency_ms for verdict in verdicts])
    return AnsweredSet(
        figures={
            "questions": len(verdicts),
            **answer_figures(verdicts),
            **{_LATENCY + name: value for name, value in latencies.items()},
        },
        slices=slice_figures(verdicts, {id_: {} for id_ in data.queries}),
        curves=confidence_curves(verdicts),
        verdicts=verdicts,
    )


def _question(data: DataSet, id_: str, line: int) -> GoldQuestion:
    lang, kind = data.tags[id_]
    relevant = [
        Evidence(document, excerpt(data.documents[document].text))
        for document, grade in data.qrels.get(id_, {}).items()
        if grade > 0 and document in data.documents
    ]
    return GoldQuestion(
        id=id_,
        text=data.queries[id_],
        lang=lang,
        kind=kind,
        answerable=id_ not in data.unanswerable,
        evidence=tuple(relevant),
        answers=data.answers.get(id_, ()),
        line=line,
    )
