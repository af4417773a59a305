"""What a run tells machines: its JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import TYPE_CHECKING

from pincite.errors import InputError
from pincite.evaluate.figures import COUNTS, Curves
from pincite.evaluate.measures import Figures, mean_figures
from pincite.evaluate.questions import digest
from pincite.evaluate.retrieval import DataSetRun
from pincite.evaluate.run import QuestionRun
from pincite.evaluate.verdicts import Cited, Verdict
from pincite.records import Leg

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
_SUMS = ("queries", "passages", "ingest_seconds", *COUNTS)


def library_facts(status: "Status") -> Json:
    """Describe the library that was asked."""
    return {
        "model": asdict(status.model),
        "generation": status.generation,
        "documents": status.documents,
        "passages": status.passages,
        "passage_tokens": status.passage_tokens,
        "splitter_version": status.splitter_version,
    }


def run_facts(settings: Mapping[str, object], library: Json, files: Mapping[str, str]) -> Json:
    """Describe what made a run.

    Args:
        settings: How it was run.
        library: The library that was asked; of several, the last.
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
        **library,
        "settings": dict(settings),
        "files": dict(files),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def question_json(run: QuestionRun, facts: Json) -> Json:
    """Make the JSON of a question run: figures flat, then legs, slices, questions and facts."""
    return {
        **run.figures,
        "slices": run.slices,
        "legs": run.legs,
        "curves": _curves_json(run.curves) | {"recall_at_k": run.recall},
        "per_question": [_verdict_json(verdict) for verdict in run.verdicts],
        "run": facts,
    }


def _curves_json(curves: Curves) -> Json:
    return {
        "risk_coverage": [asdict(point) for point in curves.risk_coverage],
        "reliability": [asdict(one) for one in curves.reliability],
    }


def _verdict_json(verdict: Verdict) -> Json:
    question = verdict.question
    return {
        "id": question.id,
        "digest": question.digest,
        "question": question.text,
        "lang": question.lang,
        "kind": question.kind,
        "answerable": question.answerable,
        "status": verdict.status,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "confidence": verdict.confidence,
        "right": verdict.right,
        "ranks": verdict.ranks,
        "evidence_hit": verdict.evidenced if question.answerable else None,
        "answer_contained": verdict.contained,
        "answer": verdict.answer,
        "citations": [_cited_json(cited) for cited in verdict.cited],
        "sentences": verdict.sentences,
        "latency_ms": verdict.latency_ms,
    }


def _cited_json(cited: Cited) -> Json:
    return {f.name: getattr(cited, f.name) for f in fields(cited) if f.name != "context"}


def data_set_json(run: DataSetRun) -> Json:
    """Make the JSON of one data set: figures flat, then legs, counts and queries."""
    content: Json = {
        **run.figures,
        "legs": run.legs,
        "curves": {"recall_at_k": run.recall},
        "documents": run.documents,
        "empty_documents": run.empty,
        "refused_documents": run.refused,
        "missing_judged_documents": run.missing,
        "files": run.files,
        "per_query": [
            {"id": id_, "digest": digest(run.data.queries[id_], run.data.qrels[id_]), **figures}
            for id_, figures in run.queries.items()
        ],
    }
    if run.answers:
        answers = run.answers
        content["answers"] = {
            "slices": answers.slices,
            "curves": _curves_json(answers.curves),
            "per_question": [_verdict_json(verdict) for verdict in answers.verdicts],
        }
    return content


def macro_average(runs: Sequence[DataSetRun]) -> Figures:
    """Average the sets' figures, each set counting the same; counts and seconds are summed."""
    rows = [run.figures for run in runs]
    totals = {name: sum(row[name] or 0 for row in rows) for name in _SUMS if name in rows[0]}
    return mean_figures(rows) | totals


def macro_legs(runs: Sequence[DataSetRun]) -> dict[Leg, Figures]:
    """Average the sets' figures by leg."""
    return {leg: mean_figures([run.legs[leg] for run in runs]) for leg in runs[0].legs}


def data_sets_json(runs: Sequence[DataSetRun], facts: Json) -> Json:
    """Make the JSON of several data sets: the macro average flat, then each set."""
    return {
        **macro_average(runs),
        "average": "macro",
        "legs": macro_legs(runs),
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
    write_text(path, json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file of a run.

    Raises:
        InputError: If it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise InputError(f"{path} cannot be written: {exc}; name another file") from exc
