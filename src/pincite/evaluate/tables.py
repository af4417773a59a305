"""What a run tells people: progress bars, tables, the worst failures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from pincite.evaluate.against import Comparison, changes_line, difference_cells, moved
from pincite.evaluate.measures import QUESTION_RANKS, Figures
from pincite.evaluate.names import shown
from pincite.evaluate.report import macro_average, macro_legs
from pincite.evaluate.retrieval import DataSetRun
from pincite.evaluate.run import QuestionRun, Track
from pincite.evaluate.verdicts import FAILURES, Verdict, worst_failures
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
_ANSWER_COLUMNS = {
    "questions": "n",
    "hit@1": "hit\n@1",
    "evidence_hit": "evidence\nhit",
    "answer_containment": "answer\ncont.",
    "false_refusal_rate": "false\nrefus.",
    "false_answer_rate": "false\nanswers",
    "auroc": "auroc",
    "ece": "ece",
}
_CHANGES = 20
_COMPARED = "ndcg@10"
_WORST = 10


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
    _show_failures(console, run.verdicts)


def _show_failures(console: Console, verdicts: Sequence[Verdict]) -> None:
    failures = worst_failures(verdicts)
    number = "1 failure" if len(failures) == 1 else f"{len(failures)} failures"
    more = f", the worst {_WORST}" if len(failures) > _WORST else ""
    console.print(f"\n{number}{more}{':' if failures else ''}")
    for verdict in failures[:_WORST]:
        _show_failure(console, verdict)


def _show_failure(console: Console, verdict: Verdict) -> None:
    question = verdict.question
    lines = [
        f"\n[bold]{escape(question.id)}[/] {escape(question.text)}",
        f"  [red]{FAILURES[verdict.outcome]}[/] (confidence {verdict.confidence:.2f})",
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
        if run.answers:
            console.print(f"\n[bold]{escape(run.name)}[/]: its queries answered")
            _show_figures(console, run.answers.figures)
            _show_rows(console, "slice", run.answers.slices, _ANSWER_COLUMNS)
            _show_failures(console, run.answers.verdicts)
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
            rows[f"macro average {leg}"] = macro_legs(runs)[leg][_COMPARED]
    return rows


def show_comparisons(console: Console, comparisons: Sequence[Comparison]) -> None:
    """Print what changed against an older run: figures with intervals, then the questions."""
    for comparison in comparisons:
        heading = f"Against the older run{': ' if comparison.name else ''}{comparison.name}"
        console.print(f"\n[bold]{escape(heading)}[/]")
        if comparison.notice:
            console.print(f"[yellow]notice:[/] {comparison.notice}", soft_wrap=True)
        table = Table("figure", box=None, header_style="dim")
        for name in ("old", "new", "change", "95 % interval", ""):
            table.add_column(name, justify="right")
        same = [one.name for one in comparison.differences if not moved(one)]
        for one in comparison.differences:
            if one.name not in same:
                table.add_row(one.name, *difference_cells(one))
        if table.rows:
            console.print(table)
        if same:
            console.print(f"as before: {', '.join(same)}", soft_wrap=True)
        console.print(changes_line(comparison))
        for change in comparison.changes[:_CHANGES]:
            told = f"  {change.turn:<8}{change.id}  {change.before} → {change.after}"
            told += f"  {_short(change.text)}" if change.text else ""
            console.print(escape(told), soft_wrap=True)
        if len(comparison.changes) > _CHANGES:
            console.print(f"  … {len(comparison.changes) - _CHANGES} more: see --html or --json")


def _show_columns(console: Console, heading: str, columns: Mapping[str, Figures]) -> None:
    table = Table(heading, box=None, header_style="dim")
    for name in columns:
        # Of a path, as much as a model's name on the hub has.
        short = "/".join(Path(name).parts[-2:])
        table.add_column(escape(short), justify="right", overflow="fold")
    for row in next(iter(columns.values())):
        table.add_row(escape(row), *(shown(row, column[row]) for column in columns.values()))
    console.print()
    console.print(table)


def _show_figures(console: Console, figures: Figures) -> None:
    table = Table("figure", box=None, header_style="dim")
    table.add_column("value", justify="right")
    for name, value in figures.items():
        table.add_row(name, shown(name, value))
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
        table.add_row(escape(name), *(shown(column, row[column]) for column in columns))
    console.print()
    console.print(table)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 160 else flat[:159] + "…"
