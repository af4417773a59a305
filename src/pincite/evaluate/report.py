"""What a run tells machines: its JSON, and the minimums it must reach."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import TYPE_CHECKING

from pincite.errors import InputError
from pincite.evaluate.measures import (
    DATA_SET_RANKS,
    QUESTION_SHARES,
    Figures,
    Verdict,
    mean_figures,
)
from pincite.evaluate.retrieval import DataSetRun
from pincite.evaluate.run import QuestionRun

if TYPE_CHECKING:
    from pincite.workspace import Status

Json = dict[str, object]

_PACKAGES = (
    "pincite",
    "faiss-cpu",
    "ir-measures",
    "numpy",
    "onnxruntime",
    "sentence-transformers",
    "tantivy",
    "tokenizers",
)
_SUMS = ("queries", "passages", "ingest_seconds")


def run_facts(settings: Mapping[str, object], status: "Status", files: Mapping[str, str]) -> Json:
    """Describe what made a run.

    Args:
        settings: How it was run.
        status: The library that was asked; of several, the last.
        files: Name → SHA-256 of the files that were run.
    """
    versions = {"python": python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:  # an optional one
            continue
    return {
        "versions": versions,
        "model": asdict(status.model),
        "generation": status.generation,
        "documents": status.documents,
        "passages": status.passages,
        "passage_tokens": status.passage_tokens,
        "splitter_version": status.splitter_version,
        "settings": dict(settings),
        "files": dict(files),
    }


def question_json(run: QuestionRun, facts: Json) -> Json:
    """Make the JSON of a question run: figures flat, then legs, slices, questions and facts."""
    return {
        **run.figures,
        "slices": run.slices,
        "legs": run.legs,
        "per_question": [_verdict_json(verdict) for verdict in run.verdicts],
        "run": facts,
    }


def _verdict_json(verdict: Verdict) -> Json:
    question = verdict.question
    return {
        "id": question.id,
        "question": question.text,
        "lang": question.lang,
        "kind": question.kind,
        "answerable": question.answerable,
        "status": verdict.status,
        "reason": verdict.reason,
        "confidence": verdict.confidence,
        "ranks": verdict.ranks,
        "evidence_hit": verdict.evidenced if question.answerable else None,
        "answer_contained": verdict.contained,
        "citations": [asdict(cited) for cited in verdict.cited],
        "latency_ms": verdict.latency_ms,
    }


def data_set_json(run: DataSetRun) -> Json:
    """Make the JSON of one data set: figures flat, then legs, counts and queries."""
    return {
        **run.figures,
        "legs": run.legs,
        "documents": run.documents,
        "empty_documents": run.empty,
        "refused_documents": run.refused,
        "missing_judged_documents": run.missing,
        "files": run.files,
        "per_query": [{"id": id_, **figures} for id_, figures in run.queries.items()],
    }


def macro_average(runs: Sequence[DataSetRun]) -> Figures:
    """Average the sets' figures, each set counting the same; counts and seconds are summed."""
    rows = [run.figures for run in runs]
    totals = {name: sum(row[name] or 0 for row in rows) for name in _SUMS}
    return mean_figures(rows) | totals


def data_sets_json(runs: Sequence[DataSetRun], facts: Json) -> Json:
    """Make the JSON of several data sets: the macro average flat, then each set."""
    legs = {leg: mean_figures([run.legs[leg] for run in runs]) for leg in runs[0].legs}
    return {
        **macro_average(runs),
        "average": "macro",
        "legs": legs,
        "sets": {run.name: data_set_json(run) for run in runs},
        "run": facts,
    }


def compared_json(contents: Mapping[str, Json]) -> Json:
    """Make the JSON of one run with several encoders: the first flat, the others by name."""
    (_, first), *others = contents.items()
    return {**first, "compared": dict(others)} if others else first


def write_json(path: Path, content: Json) -> None:
    """Write a run's JSON.

    Raises:
        InputError: If the file cannot be written.
    """
    try:
        text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as exc:
        raise InputError(f"{path} cannot be written: {exc}; name another file") from exc


def parse_minimums(given: Sequence[str], *, data_sets: bool) -> dict[str, float]:
    """Read ``NAME=VALUE`` pairs; the names are the figures that are shares.

    Raises:
        InputError: If a name is no such figure, or a value is not between 0 and 1.
    """
    names: Sequence[str] = list(DATA_SET_RANKS) if data_sets else QUESTION_SHARES
    minimums: dict[str, float] = {}
    for pair in given:
        name, _, value = pair.partition("=")
        if name not in names:
            what = "data sets" if data_sets else "question files"
            raise InputError(
                f'--min "{pair}": no figure "{name}" that can have a minimum;'
                f" {what} have {', '.join(names)}"
            )
        if not re.fullmatch(r"0|1|[01]?\.\d+", value) or not 0 <= float(value) <= 1:
            raise InputError(f'--min "{pair}": write {name}=VALUE, with a value from 0 to 1')
        minimums[name] = float(value)
    return minimums


def missed_minimums(figures: Figures, minimums: Mapping[str, float]) -> list[str]:
    """List the minimums that the figures miss, as lines to print; in the order given."""
    missed = []
    for name, minimum in minimums.items():
        value = figures[name]
        if value is None:
            missed.append(f"{name} could not be measured, wanted at least {minimum:g}")
        elif value < minimum:
            missed.append(f"{name} is {value:.4f}, wanted at least {minimum:g}")
    return missed
