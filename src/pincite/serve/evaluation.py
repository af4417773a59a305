"""What the server is given of evaluation, which it does not import: questions and reports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Figures = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class DraftQuestion:
    """An evaluation question as a person wrote it.

    ``evidence`` are sources with literal quotes, without which the question is unanswerable;
    ``answers`` are groups of words, one of each of which is expected.
    """

    text: str
    lang: str | None
    evidence: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, ...], ...]
    note: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A report: what was measured and when, its figures in all and by language, its page."""

    name: str
    finished: str
    figures: Figures
    languages: Mapping[str, Figures]
    page: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The question file and the reports.

    Args:
        questions: Where questions are added to.
        add: Adds one and returns its id; raises ``InputError`` if it is none.
        newest: Returns the last report, if there is one; raises ``InputError`` if it is damaged.
    """

    questions: Path
    add: Callable[[DraftQuestion], str]
    newest: Callable[[], Measured | None]
