"""A run held against an older one: what changed question by question, and figure by figure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from pincite.errors import InputError
from pincite.evaluate.bootstrap import (
    Difference,
    Figure,
    aurc_of,
    auroc_of,
    differences,
    ece_of,
    percentile_of,
    ratio,
)
from pincite.evaluate.measures import DATA_SET_RANKS, Figures
from pincite.evaluate.names import MEANINGS, shown
from pincite.evaluate.report import Json
from pincite.evaluate.rows import Part, QueryRow, QuestionRow, read_parts
from pincite.evaluate.verdicts import FAILURES, Outcome

Turn = Literal["broken", "worse", "changed", "fixed", "better"]

OUTCOMES: dict[Outcome, str] = {
    "invented": "false answer",
    "elsewhere": "answered from elsewhere",
    "refused": "false refusal",
    "words": "expected words missing",
    "right": "right",
    "abstained": "rightly refused",
}
_TURNS: tuple[Turn, ...] = ("broken", "worse", "changed", "fixed", "better")
_RANKED = "ndcg@10"

Row = TypeVar("Row", QueryRow, QuestionRow)


@dataclass(frozen=True, slots=True)
class Change:
    """A question that came out differently, and how."""

    turn: Turn
    id: str
    text: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs of the same questions. ``overall``: its figures are those of the whole run."""

    name: str
    questions: int
    notice: str
    differences: list[Difference]
    changes: list[Change]
    overall: bool


@dataclass(frozen=True, slots=True)
class _Pair(Generic[Row]):
    """The rows that two runs have in common, in the new run's order."""

    name: str
    old: list[Row]
    new: list[Row]
    notice: str


def compare(new: Json, old: Json) -> list[Comparison]:
    """Compare two runs on the questions that they have in common.

    Questions are the same if id, text and what is right for them are equal.

    Raises:
        InputError: If they have no question in common.
    """
    before = {part.name: part for part in read_parts(old)}
    parts = [(before[part.name], part) for part in read_parts(new) if part.name in before]
    ranked = all(part.ranked for _, part in parts)
    found = _comparisons(_pairs(parts, lambda part: part.queries), _query_figures, _query_changes)
    found += _comparisons(
        _pairs(parts, lambda part: part.questions),
        lambda rows: _question_figures(rows, ranked=ranked),
        _question_changes,
        "" if ranked else "answers",
    )
    if not found:
        raise InputError(
            "--against: the two runs have no question in common; a question must have the same id,"
            " text and evidence in both. Run the older state on these questions again"
        )
    return found


def overall(comparisons: Sequence[Comparison]) -> tuple[Figures, Figures]:
    """Return the figures of the whole runs, old and new, on what they have in common."""
    found = [
        one for comparison in comparisons if comparison.overall for one in comparison.differences
    ]
    return {one.name: one.old for one in found}, {one.name: one.new for one in found}


def moved(one: Difference) -> bool:
    """Tell whether a figure differs between the two runs, or between resamples of them."""
    return one.old != one.new or one.sure


def difference_cells(one: Difference) -> tuple[str, str, str, str, str]:
    """Return a difference as people read it: old, new, change, interval, whether it is sure."""
    old, new = shown(one.name, one.old), shown(one.name, one.new)
    if one.change is None or one.low is None or one.high is None:
        return old, new, "–", "–", ""
    if not moved(one):
        return old, new, "0", "–", ""
    digits = 1 if MEANINGS[one.name].kind == "milliseconds" else 3
    low, high = (f"{value:+.{digits}f}" for value in (one.low, one.high))
    sure = (
        "" if not one.sure else "better" if one.change * MEANINGS[one.name].better > 0 else "worse"
    )
    return old, new, f"{one.change:+.{digits}f}", f"{low} … {high}", sure


def changes_line(comparison: Comparison) -> str:
    """Count the questions that came out differently, by turn."""
    counts = Counter(change.turn for change in comparison.changes)
    same = comparison.questions - len(comparison.changes)
    told = [f"{counts[turn]} {turn}" for turn in _TURNS if counts[turn]]
    return ", ".join([*told, f"{same} as before"])


def _pairs(
    parts: Sequence[tuple[Part, Part]], rows: Callable[[Part], list[Row]]
) -> list[_Pair[Row]]:
    pairs = []
    for old, new in parts:
        known = {(row.id, row.digest): row for row in rows(old)}
        common = [row for row in rows(new) if (row.id, row.digest) in known]
        if common:
            then = [known[row.id, row.digest] for row in common]
            notices = [_notice(len(common), len(rows(old)), len(rows(new)))]
            notices += ["the corpus is not the same"] if old.corpus != new.corpus else []
            pairs.append(_Pair(new.name, then, common, "; ".join(filter(None, notices))))
    return pairs


def _notice(common: int, old: int, new: int) -> str:
    if common == old == new:
        return ""
    return (
        f"only the {common} questions in common are compared: {new - common} of the new run are"
        f" new or changed, {old - common} of the old run are gone or changed"
    )


def _comparisons(
    pairs: Sequence[_Pair[Row]],
    figures: Callable[[Sequence[Row]], Mapping[str, Figure]],
    changes: Callable[[_Pair[Row]], list[Change]],
    what: str = "",
) -> list[Comparison]:
    old = [figures(pair.old) for pair in pairs]
    new = [figures(pair.new) for pair in pairs]
    sizes = [len(pair.new) for pair in pairs]
    found = [
        Comparison(
            name=", ".join(filter(None, (pair.name, what))),
            questions=size,
            notice=pair.notice,
            differences=differences([then], [now], [size]),
            changes=sorted(changes(pair), key=lambda change: _TURNS.index(change.turn)),
            overall=len(pairs) == 1,
        )
        for pair, then, now, size in zip(pairs, old, new, sizes, strict=True)
    ]
    if len(pairs) > 1:
        name = ", ".join(filter(None, ("macro average", what)))
        compared = differences(old, new, sizes)
        found.append(Comparison(name, sum(sizes), "", compared, [], overall=True))
    return found


def _query_figures(rows: Sequence[QueryRow]) -> dict[str, Figure]:
    ones = [1.0] * len(rows)
    return {
        name: ratio([row.figures[name] or 0.0 for row in rows], ones) for name in DATA_SET_RANKS
    }


def _query_changes(pair: _Pair[QueryRow]) -> list[Change]:
    moved = []
    for then, now in zip(pair.old, pair.new, strict=True):
        before, after = then.figures[_RANKED] or 0.0, now.figures[_RANKED] or 0.0
        if before != after:
            turn: Turn = "better" if after > before else "worse"
            told = (f"nDCG@10 {before:.3f}", f"{after:.3f}")
            moved.append((-abs(after - before), Change(turn, now.id, "", *told)))
    return [change for _, change in sorted(moved, key=lambda pair: pair[0])]


def _question_figures(rows: Sequence[QuestionRow], *, ranked: bool) -> dict[str, Figure]:
    yes = [float(row.answerable) for row in rows]
    no = [1 - value for value in yes]
    answered = [float(row.answered) for row in rows]
    refused = [1 - value for value in answered]
    confidence = [row.confidence for row in rows]
    right = [row.right for row in rows]

    def both(left: Sequence[float], top: Sequence[float]) -> list[float]:
        return [a * b for a, b in zip(left, top, strict=True)]

    def found_by(k: int) -> list[float]:
        return [float(row.answerable and row.rank is not None and row.rank <= k) for row in rows]

    cited = [row.citations if row.answered else [] for row in rows]
    gold = [row.sentences if row.answered and row.answerable else [] for row in rows]
    words = [float(row.answerable and row.answer_contained is not None) for row in rows]
    ranks = {
        "recall@1": ratio(found_by(1), yes),
        "recall@5": ratio(found_by(5), yes),
        "mrr": ratio([1 / row.rank if row.rank else 0.0 for row in rows], yes),
    }
    return {
        **(ranks if ranked else {}),
        "hit@1": ratio(both(answered, list(map(float, right))), yes),
        "evidence_hit": ratio([float(bool(row.evidence_hit)) for row in rows], yes),
        "citation_precision": ratio(
            [float(sum(c.hit for c in some)) for some in cited], [float(len(c)) for c in cited]
        ),
        "sentence_precision": ratio(
            [float(sum(some)) for some in gold], [float(len(some)) for some in gold]
        ),
        "answer_containment": ratio(
            both(both(words, answered), [float(bool(row.answer_contained)) for row in rows]), words
        ),
        "abstention_precision": ratio(both(no, refused), refused),
        "abstention_recall": ratio(both(no, refused), no),
        "answered_rate": ratio(both(yes, answered), yes),
        "false_refusal_rate": ratio(both(yes, refused), yes),
        "false_answer_rate": ratio(both(no, answered), no),
        "auroc": auroc_of(confidence, [row.answerable for row in rows]),
        "ece": ece_of(confidence, right),
        "aurc": aurc_of(confidence, right),
        **{
            f"{'' if ranked else 'answer_'}latency_ms_p{p}": percentile_of(
                [row.latency_ms for row in rows], p
            )
            for p in (50, 95)
        },
    }


def _question_changes(pair: _Pair[QuestionRow]) -> list[Change]:
    changes = []
    for then, now in zip(pair.old, pair.new, strict=True):
        if then.outcome != now.outcome:
            before, after = then.outcome in FAILURES, now.outcome in FAILURES
            turn: Turn = "changed" if before == after else "fixed" if before else "broken"
            told = (OUTCOMES[then.outcome], OUTCOMES[now.outcome])
            changes.append(Change(turn, now.id, now.question, *told))
    return changes
