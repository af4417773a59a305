"""The questions of a run, read back from its JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pincite.errors import InputError
from pincite.evaluate.measures import DATA_SET_RANKS, Figures
from pincite.evaluate.report import Json
from pincite.evaluate.verdicts import Outcome
from pincite.records import Leg, Status


@dataclass(frozen=True, slots=True)
class StoredCitation:
    """Whether a citation hit gold evidence."""

    hit: bool


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """What the JSON of a run says of one answered question."""

    id: str
    digest: str
    question: str
    answerable: bool
    status: Status
    outcome: Outcome
    confidence: float
    right: bool
    evidence_hit: bool | None
    answer_contained: bool | None
    citations: list[StoredCitation]
    sentences: list[bool]
    ranks: dict[Leg, list[int]]
    latency_ms: float

    @property
    def answered(self) -> bool:
        """Whether an answer was given."""
        return self.status != "not_found"

    @property
    def rank(self) -> int | None:
        """The rank of the first passage with evidence in the first leg measured, if any."""
        return min(next(iter(self.ranks.values()), []), default=None)


@dataclass(frozen=True, slots=True)
class QueryRow:
    """What the JSON of a run says of one searched query."""

    id: str
    digest: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Part:
    """One question file or data set of a run; unnamed where there is only one.

    ``ranked``: its questions were also searched, so that they have ranks. ``corpus`` holds the
    digests of a data set's corpus.
    """

    name: str
    queries: list[QueryRow]
    questions: list[QuestionRow]
    ranked: bool
    corpus: frozenset[str] = frozenset()


_QUESTIONS = TypeAdapter(list[QuestionRow])
_QUERIES = TypeAdapter(list[dict[str, str | float | None]])


def read_run(path: Path) -> Json:
    """Read the JSON of a run.

    Raises:
        InputError: If it cannot be read, or is no JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise InputError(f"--against: {path} cannot be read: {exc}") from exc
    if not isinstance(content, dict):
        raise InputError(f"--against: {path} is not what pincite eval --json writes")
    return content


def read_parts(content: Mapping[str, object]) -> list[Part]:
    """Return the questions of a run's JSON, set by set.

    Raises:
        InputError: If it is not the JSON of a run, or of a version that kept less.
    """
    # As a file has it: tuples are lists.
    content = json.loads(json.dumps(content))
    sets: Any = content.get("sets", {"": content})
    try:
        return [_part(name, of_set) for name, of_set in sets.items()]
    except (ValidationError, AttributeError, KeyError, TypeError) as exc:
        raise InputError(
            "--against: the file is not what this version's pincite eval --json writes; run the"
            " older state again with it"
        ) from exc


def _part(name: str, content: Mapping[str, Mapping[str, object]]) -> Part:
    if "per_question" in content:
        return Part(name, [], _QUESTIONS.validate_python(content["per_question"]), ranked=True)
    answers = content.get("answers", {}).get("per_question", [])
    queries = [
        QueryRow(
            str(row["id"]),
            str(row["digest"]),
            {figure: _number(row[figure]) for figure in DATA_SET_RANKS},
        )
        for row in _QUERIES.validate_python(content["per_query"])
    ]
    corpus = {digest for file, digest in content["files"].items() if file.startswith("corpus")}
    return Part(
        name,
        queries,
        _QUESTIONS.validate_python(answers),
        ranked=False,
        corpus=frozenset(map(str, corpus)),
    )


def _number(value: str | float | None) -> float | None:
    return None if value is None else float(value)
