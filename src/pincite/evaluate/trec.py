"""TREC run and judgement files, which trec_eval and ir_measures read."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pincite.errors import InputError
from pincite.evaluate.report import write_text
from pincite.evaluate.retrieval import DataSetRun
from pincite.evaluate.run import QuestionRun

_TAG = "pincite"


def save_question_run(path: Path, run: QuestionRun) -> list[Path]:
    """Write the passages found for each answerable question, by their ids, leg by leg.

    The ids are of one library at one generation. As no other file judges them, the passages that
    hold gold evidence are written as judgements beside the run.

    Returns:
        The files written, judgements last.
    """
    written = []
    for leg, ranked in run.ranked.items():
        target = path if len(run.ranked) == 1 else _named(path, leg)
        _write_run(target, ranked, f"{_TAG}-{leg}")
        written.append(target)
    judged = {id_: dict.fromkeys(passages, 1) for id_, passages in run.relevant.items()}
    return [*written, _write_judgements(path, judged)]


def save_set_runs(path: Path, runs: Sequence[DataSetRun]) -> list[Path]:
    """Write the documents found for each query, set by set and leg by leg; then the judgements.

    Returns:
        The files written.
    """
    written = []
    for run in runs:
        of_set = path if len(runs) == 1 else _named(path, run.name)
        for leg, searches in run.searches.items():
            target = of_set if len(run.searches) == 1 else _named(of_set, leg)
            ranked = {id_: found.documents for id_, found in searches.items()}
            _write_run(target, ranked, f"{_TAG}-{leg}")
            written.append(target)
        written.append(_write_judgements(of_set, run.data.qrels))
    return written


def _named(path: Path, part: str) -> Path:
    plain = re.sub(r"[^\w.-]+", "-", part)
    return path.with_name(f"{path.stem}.{plain}{path.suffix}")


def _write_run(path: Path, ranked: Mapping[str, Sequence[str]], tag: str) -> None:
    lines = [
        # trec_eval orders by score, and equal scores by id: the scores must not tie.
        f"{_id(query)} Q0 {_id(document)} {rank} {len(found) - rank + 1} {tag}\n"
        for query, found in ranked.items()
        for rank, document in enumerate(found, 1)
    ]
    write_text(path, "".join(lines))


def _write_judgements(path: Path, judged: Mapping[str, Mapping[str, int]]) -> Path:
    target = path.with_suffix(".qrels")
    lines = [
        f"{_id(query)} 0 {_id(document)} {grade}\n"
        for query, row in judged.items()
        for document, grade in row.items()
    ]
    write_text(target, "".join(lines))
    return target


def _id(value: str) -> str:
    if any(map(str.isspace, value)):
        raise InputError(f'--save-run: a TREC file cannot hold the id "{value}": it has a blank')
    return value
