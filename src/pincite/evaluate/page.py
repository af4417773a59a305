"""What the report shows, in the order it shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pincite.evaluate.cards import Answered, QueryCard, answered, worst_queries
from pincite.evaluate.charts import (
    Chart,
    latency_chart,
    recall_chart,
    reliability_chart,
    risk_chart,
)
from pincite.evaluate.figures import Curves
from pincite.evaluate.measures import Figures
from pincite.evaluate.names import MEANINGS, shown
from pincite.evaluate.retrieval import DataSetRun
from pincite.evaluate.run import QuestionRun
from pincite.evaluate.verdicts import Verdict
from pincite.records import Leg

_GROUPS = {
    "Answers": (
        "evidence_hit",
        "hit@1",
        "answer_containment",
        "sentence_precision",
        "citation_precision",
    ),
    "Refusals": ("false_refusal_rate", "false_answer_rate", "abstention_precision"),
    "Confidence": ("auroc", "ece", "ece_noise", "aurc"),
    "Retrieval": ("recall@1", "recall@5", "recall@10", "mrr", "mrr@10", "ndcg@10"),
    "Speed": (
        "latency_ms_p50",
        "latency_ms_p95",
        "answer_latency_ms_p50",
        "answer_latency_ms_p95",
    ),
}
_SLICE_COLUMNS = (
    "questions",
    "evidence_hit",
    "hit@1",
    "answer_containment",
    "sentence_precision",
    "false_refusal_rate",
    "false_answer_rate",
    "auroc",
    "ece",
    "recall@1",
    "recall@5",
    "mrr",
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with what it says; ``share`` is its length as a bar, None for other figures."""

    label: str
    value: str
    text: str
    share: float | None
    less: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its heading, its columns and rows, the first cell of each naming it."""

    title: str
    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A question file or a data set; ``answered`` where asked, ``queries`` where searched."""

    name: str
    notes: list[str]
    groups: dict[str, list[Tile]]
    charts: list[Chart]
    tables: list[Table]
    answered: Answered | None
    queries: list[QueryCard] = field(default_factory=list)


def question_section(name: str, run: QuestionRun) -> Section:
    """Show a question file."""
    charts = [
        *_confidence_charts(run.verdicts, run.curves),
        recall_chart(run.recall, "Answerable questions with evidence"),
        latency_chart([v.latency_ms for v in run.verdicts], "an answer"),
    ]
    legs = [_table("By ranking", run.legs)] if len(run.legs) > 1 else []
    return Section(
        name=name,
        notes=[],
        groups=groups(run.figures),
        charts=[chart for chart in charts if chart],
        tables=[*legs, *_slices(run.slices)],
        answered=answered(run.verdicts),
    )


def set_section(run: DataSetRun) -> Section:
    """Show a data set, and the answers to its queries if they were asked."""
    charts: list[Chart | None] = []
    tables = [_table("By ranking", run.legs)]
    if run.answers:
        charts += _confidence_charts(run.answers.verdicts, run.answers.curves)
        tables += _slices(run.answers.slices)
    first = next(iter(run.searches.values()), {})
    charts.append(recall_chart(run.recall, "The mean share of a query's relevant documents"))
    charts.append(latency_chart([one.latency_ms for one in first.values()], "a search"))
    return Section(
        name=run.name,
        notes=_set_notes(run),
        groups=groups(run.figures),
        charts=[chart for chart in charts if chart],
        tables=tables,
        answered=answered(run.answers.verdicts) if run.answers else None,
        queries=worst_queries(run, first),
    )


def groups(figures: Figures) -> dict[str, list[Tile]]:
    """Return the figures that were measured as tiles, by what they are about."""
    found = {
        title: [_tile(name, figures[name]) for name in names if figures.get(name) is not None]
        for title, names in _GROUPS.items()
    }
    return {title: tiles for title, tiles in found.items() if tiles}


def models_table(rows: Mapping[str, Figures]) -> Table:
    """Compare models: a row for each, a column for each figure."""
    return _table("Models side by side", rows)


def _tile(name: str, value: float | None) -> Tile:
    meaning = MEANINGS[name]
    share = value if meaning.kind == "share" else None
    unit = " ms" if meaning.kind == "milliseconds" else ""
    return Tile(meaning.label, shown(name, value) + unit, meaning.text, share, meaning.better < 0)


def _table(title: str, rows: Mapping[str, Figures] | Mapping[Leg, Figures]) -> Table:
    names = [name for name in MEANINGS if any(row.get(name) is not None for row in rows.values())]
    cells = [
        [str(key), *(shown(name, row.get(name)) for name in names)] for key, row in rows.items()
    ]
    return Table(title, [MEANINGS[name].label for name in names], cells)


def _slices(slices: Mapping[str, Mapping[str, Figures]]) -> list[Table]:
    titles = {"lang": "By language", "kind": "By kind"}
    return [
        _table(
            titles[by],
            {
                value: {name: row[name] for name in _SLICE_COLUMNS if name in row}
                for value, row in rows.items()
            },
        )
        for by, rows in slices.items()
        if rows
    ]


def _confidence_charts(verdicts: Sequence[Verdict], curves: Curves) -> list[Chart | None]:
    answered = [v for v in verdicts if v.answered]
    now = (
        (len(answered) / len(verdicts), sum(not v.right for v in answered) / len(answered))
        if answered
        else None
    )
    return [risk_chart(curves.risk_coverage, now), reliability_chart(curves.reliability)]


def _set_notes(run: DataSetRun) -> list[str]:
    notes = [f"{run.documents} documents in {run.figures['passages']} passages"]
    if run.answers:
        notes.append("gold evidence is any sentence of a relevant document")
    for what, ids in (
        ("empty", run.empty),
        ("without a passage", run.refused),
        ("judged but not in the corpus", run.missing),
    ):
        notes += [f"{len(ids)} {what}"] if ids else []
    return notes
