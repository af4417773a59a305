"""What a run tells people: progress bars, tables, the worst failures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from pincite.evaluate.measures import QUESTION_RANKS, Figures, Verdict, mean_figures
from pincite.evaluate.report import macro_average
from pincite.evaluate.retrieval import DataSetRun
from pincite.evaluate.run import QuestionRun, Track
from pincite.records import Leg

# Figure → heading, short enough for a terminal of 80 columns.
_SLICE_COLUMNS = {
    "questions": "n",
    "recall@1": "recall\n@1",
    "recall@5": "recall\n@5",
    "mrr": "mrr",
    "evidence_hit": "evidence\nhit",
    "citation_precision": "citation\nprec.",
    "answer_containment": "answer\ncont.",
    "abstention_precision": "abstain\nprec.",
    "abstention_recall": "abstain\nrecall",
}
_SET_COLUMNS = {
    "queries": "queries",
    "recall@1": "recall\n@1",
    "recall@5": "recall\n@5",
    "recall@10": "recall\n@10",
    "mrr@10": "mrr\n@10",
    "ndcg@10": "ndcg\n@10",
    "latency_ms_p50": "p50\nms",
    "latency_ms_p95": "p95\nms",
}
_COMPARED = "ndcg@10"
_WORST = 10
_FAILURES = (
    "answered, though the documents do not say",
    "answered from elsewhere",
    "refused, though the documents say",
    "cited well, but the answer lacks the expected words",
)


@contextmanager
def progress(console: Console) -> Iterator[Track]:
    """Show the steps of a run as bars that vanish when it is over."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )

    def track(name: str, length: int) -> Callable[[], object]:
        task = bar.add_task(escape(name), total=length)
        return lambda: bar.advance(task)

    with bar:
        yield track


def show_questions(console: Console, run: QuestionRun) -> None:
    """Print a question run: overall, by leg, by language and kind, then the worst failures."""
    _show_figures(console, run.figures)
    if len(run.legs) > 1:
        _show_rows(console, "leg", {"": dict(run.legs)}, {name: name for name in QUESTION_RANKS})
    _show_rows(console, "slice", run.slices, _SLICE_COLUMNS)
    failures = worst_failures(run.verdicts)
    console.print(f"\n{len(failures)} failures" + (f", the worst {_WORST}:" if failures else ""))
    for what, verdict in failures[:_WORST]:
        _show_failure(console, what, verdict)


def worst_failures(verdicts: Sequence[Verdict]) -> list[tuple[str, Verdict]]:
    """List what went wrong, in words, worst first.

    Wrong answers come before refusals, and those before answers that cite right but lack the
    expected words; among equals, the more confident first.
    """
    failed = [(level, verdict) for verdict in verdicts if (level := _failure(verdict)) is not None]
    failed.sort(key=lambda pair: (pair[0], -pair[1].confidence))
    return [(_FAILURES[level], verdict) for level, verdict in failed]


def _failure(verdict: Verdict) -> int | None:
    if not verdict.question.answerable:
        return 0 if verdict.answered else None
    if not verdict.answered:
        return 2
    if not verdict.evidenced:
        return 1
    return 3 if verdict.contained is False else None


def _show_failure(console: Console, what: str, verdict: Verdict) -> None:
    question = verdict.question
    lines = [
        f"\n[bold]{escape(question.id)}[/] {escape(question.text)}",
        f"  [red]{what}[/] (confidence {verdict.confidence:.2f})",
    ]
    quoted = [("cited ", cited.document, cited.quote) for cited in verdict.cited]
    quoted += [("wanted", piece.document, piece.quote) for piece in question.evidence]
    lines += [
        f"  {verb} [dim]{escape(name)}[/] {escape(_short(text))}" for verb, name, text in quoted
    ]
    if verdict.evidenced and verdict.contained is False:
        groups = " and ".join(" or ".join(group) for group in question.answers)
        lines.append(f"  wanted words: {escape(groups)}")
    console.print("\n".join(lines), soft_wrap=True)


def show_data_sets(console: Console, runs: Sequence[DataSetRun]) -> None:
    """Print the figures of data sets by set and leg, and what must be known of their corpora."""
    rows = {
        run.name: {leg: {"queries": run.figures["queries"], **run.legs[leg]} for leg in run.legs}
        for run in runs
    }
    _show_rows(console, "data set", rows, _SET_COLUMNS)
    if len(runs) > 1:
        console.print("\nMacro average: each set counts the same.")
        _show_figures(console, macro_average(runs))
    for run in runs:
        figures = run.figures
        notes = [f"{run.documents} documents in {figures['passages']} passages"]
        notes += [f"taken in within {figures['ingest_seconds']:.1f} s"]
        for what, ids in (
            ("empty", run.empty),
            ("without a passage", run.refused),
            ("judged but not in the corpus", run.missing),
        ):
            notes += [f"{len(ids)} {what}"] if ids else []
        console.print(f"{escape(run.name)}: {', '.join(notes)}", soft_wrap=True)


def compare_questions(console: Console, runs: Mapping[str, QuestionRun]) -> None:
    """Print the figures of one question file side by side, by encoder."""
    _show_columns(console, "figure", {name: run.figures for name, run in runs.items()})


def compare_data_sets(console: Console, runs: Mapping[str, Sequence[DataSetRun]]) -> None:
    """Print the nDCG@10 of the same data sets side by side, by encoder, set and leg."""
    _show_columns(console, _COMPARED, {name: _by_set(of_one) for name, of_one in runs.items()})


def _by_set(runs: Sequence[DataSetRun]) -> Figures:
    rows = {f"{run.name} {leg}": run.legs[leg][_COMPARED] for run in runs for leg in run.legs}
    if len(runs) > 1:
        for leg in runs[0].legs:
            rows[f"macro average {leg}"] = mean_figures([run.legs[leg] for run in runs])[_COMPARED]
    return rows


def _show_columns(console: Console, heading: str, columns: Mapping[str, Figures]) -> None:
    table = Table(heading, box=None, header_style="dim")
    for name in columns:
        # Of a path, as much as a model's name on the hub has.
        short = "/".join(Path(name).parts[-2:])
        table.add_column(escape(short), justify="right", overflow="fold")
    for row in next(iter(columns.values())):
        table.add_row(escape(row), *(_number(row, column[row]) for column in columns.values()))
    console.print()
    console.print(table)


def _show_figures(console: Console, figures: Figures) -> None:
    table = Table("figure", box=None, header_style="dim")
    table.add_column("value", justify="right")
    for name, value in figures.items():
        table.add_row(name, _number(name, value))
    console.print(table)


def _show_rows(
    console: Console,
    heading: str,
    groups: Mapping[str, Mapping[Leg, Figures]] | Mapping[str, Mapping[str, Figures]],
    columns: Mapping[str, str],
) -> None:
    named = {
        f"{group} {name}".strip(): row
        for group, rows in groups.items()
        for name, row in rows.items()
    }
    table = Table(heading, box=None, header_style="dim", padding=(0, 1, 0, 0))
    for short in columns.values():
        table.add_column(short, justify="right")
    for name, row in named.items():
        table.add_row(escape(name), *(_number(column, row[column]) for column in columns))
    console.print()
    console.print(table)


def _number(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, int):
        return str(value)
    return f"{value:.1f}" if name.startswith(("latency", "ingest")) else f"{value:.3f}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 160 else flat[:159] + "…"
