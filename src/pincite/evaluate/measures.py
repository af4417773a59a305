"""The figures: rank measures, citations, answers, abstention, latency."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import ir_measures
from ir_measures import RR, Measure, R, Success, nDCG

from pincite.evaluate.questions import GoldQuestion
from pincite.records import Leg, Span, Status
from pincite.text import fold

Figures = dict[str, float | None]
"""Name → value; None where nothing could be measured, such as a share of nothing."""

# Any one passage with evidence answers the question, hence Success@k and not R@k.
QUESTION_RANKS = {"recall@1": Success @ 1, "recall@5": Success @ 5, "mrr": RR}
DATA_SET_RANKS = {
    "recall@1": R @ 1,
    "recall@5": R @ 5,
    "recall@10": R @ 10,
    "mrr@10": RR @ 10,
    "ndcg@10": nDCG @ 10,
}
QUESTION_SHARES = (
    *QUESTION_RANKS,
    "evidence_hit",
    "citation_precision",
    "answer_containment",
    "abstention_precision",
    "abstention_recall",
    "answered_rate",
)
_UNRETRIEVED = "unretrieved"


@dataclass(frozen=True, slots=True)
class Cited:
    """One citation of an answer, and whether it overlaps gold evidence."""

    document: str
    start: int
    end: int
    quote: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one question.

    ``ranks`` are those, from 1, at which each leg brought up passages with gold evidence;
    ``contained`` is None for a question without gold answers.
    """

    question: GoldQuestion
    status: Status
    reason: str | None
    confidence: float
    cited: tuple[Cited, ...]
    contained: bool | None
    ranks: Mapping[Leg, tuple[int, ...]]
    latency_ms: float

    @property
    def answered(self) -> bool:
        """Whether an answer was given, in full or in part."""
        return self.status != "not_found"

    @property
    def evidenced(self) -> bool:
        """Whether an answer was given that cites gold evidence."""
        return self.answered and any(cited.hit for cited in self.cited)


def overlaps(start: int, end: int, spans: Iterable[Span]) -> bool:
    """Tell whether a half-open range shares a character with one of the spans."""
    return any(start < span.end and span.start < end for span in spans)


def contains_answers(text: str, groups: Sequence[Sequence[str]]) -> bool:
    """Tell whether a text holds one answer of every group, case, width and script folded."""
    folded = _flat(text)
    return all(any(_flat(answer) in folded for answer in group) for group in groups)


def _flat(text: str) -> str:
    return " ".join(fold(text).split())


def share(part: float, whole: int) -> float | None:
    """Return part / whole, or None of nothing."""
    return part / whole if whole else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the nearest-rank percentile: a value that was observed; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(percent / 100 * len(values)) - 1)]


def latency_figures(milliseconds: Sequence[float]) -> Figures:
    """Return the median and the 95th percentile of latencies."""
    return {f"latency_ms_p{p}": percentile(milliseconds, p) for p in (50, 95)}


def mean_figures(rows: Sequence[Figures]) -> Figures:
    """Average each figure over the rows that have it; None where none has."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [v for row in rows if (v := row.get(name)) is not None] for name in names}
    return {name: share(math.fsum(values), len(values)) for name, values in columns.items()}


def rank_figures(
    measures: Mapping[str, Measure],
    relevant: Mapping[str, Mapping[str, int]],
    ranked: Mapping[str, Sequence[str]],
) -> dict[str, Figures]:
    """Measure rankings, query by query.

    Args:
        measures: Name → measure of ir-measures.
        relevant: Query id → document id → relevance; above 0 is relevant.
        ranked: Query id → distinct document ids, best first.

    Returns:
        Query id → figures, for each query with a relevant document; a query that found
        nothing has 0 throughout.

    Source:
        ir-measures (MacAvaney et al., ECIR 2022), which runs trec_eval's definitions.
    """
    qrels = {query: dict(docs) for query, docs in relevant.items() if max(docs.values()) > 0}
    # trec_eval orders equal scores by document id: the scores must not tie.
    run = {
        query: {doc: float(-rank) for rank, doc in enumerate(ranked[query])}
        for query in qrels
        if ranked.get(query)
    }
    figures: dict[str, Figures] = {query: dict.fromkeys(measures, 0.0) for query in qrels}
    names = {measure: name for name, measure in measures.items()}
    if run:
        for metric in ir_measures.iter_calc(list(names), qrels, run):
            figures[metric.query_id][names[metric.measure]] = float(metric.value)
    return figures


def passage_figures(verdicts: Sequence[Verdict], leg: Leg) -> dict[str, Figures]:
    """Measure where a leg ranked the evidence of each answerable question."""
    ranks = {v.question.id: v.ranks[leg] for v in verdicts if v.question.answerable}
    # Evidence no leg brought up still makes the question count.
    relevant = {id_: {_UNRETRIEVED: 1} | {str(r): 1 for r in at} for id_, at in ranks.items()}
    ranked = {id_: [str(r + 1) for r in range(max(at))] for id_, at in ranks.items() if at}
    return rank_figures(QUESTION_RANKS, relevant, ranked)


def question_figures(verdicts: Sequence[Verdict], ranks: Mapping[str, Figures]) -> Figures:
    """Compute every figure over some of the questions.

    Args:
        verdicts: The questions that count.
        ranks: Question id → rank figures, for at least the answerable ones.
    """
    answerable = [v for v in verdicts if v.question.answerable]
    with_answers = [v for v in answerable if v.contained is not None]
    cited = [c.hit for v in verdicts for c in v.cited if v.answered]
    kinds = Counter((v.question.answerable, v.answered) for v in verdicts)
    refused = kinds[False, False] + kinds[True, False]
    averages = mean_figures([ranks[v.question.id] for v in answerable])
    return {
        "questions": len(verdicts),
        **{name: averages.get(name) for name in QUESTION_RANKS},
        "evidence_hit": share(sum(v.evidenced for v in answerable), len(answerable)),
        "citation_precision": share(sum(cited), len(cited)),
        "answer_containment": share(
            sum(v.answered and bool(v.contained) for v in with_answers), len(with_answers)
        ),
        "abstention_precision": share(kinds[False, False], refused),
        "abstention_recall": share(kinds[False, False], len(verdicts) - len(answerable)),
        "answered_rate": share(kinds[True, True], len(answerable)),
        "false_refusals": kinds[True, False],
        "false_answers": kinds[False, True],
        **latency_figures([v.latency_ms for v in verdicts]),
    }


def slice_figures(
    verdicts: Sequence[Verdict], ranks: Mapping[str, Figures]
) -> dict[str, dict[str, Figures]]:
    """Compute every figure for each language and each kind of question, by name."""
    slices: dict[str, dict[str, Figures]] = {"lang": {}, "kind": {}}
    for by, figures in slices.items():
        for value in sorted({getattr(v.question, by) for v in verdicts}):
            chosen = [v for v in verdicts if getattr(v.question, by) == value]
            figures[value] = question_figures(chosen, ranks)
    return slices
