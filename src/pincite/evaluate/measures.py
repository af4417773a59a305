"""Rank measures, latencies, and the arithmetic of figures."""

import math
from collections.abc import Iterable, Mapping, Sequence

import ir_measures
from ir_measures import RR, Measure, R, Success, nDCG

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


def share(part: float, whole: int) -> float | None:
    """Return part / whole, or None of nothing."""
    return part / whole if whole else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the nearest-rank percentile: a value that was observed; None of nothing."""
    return sorted(values)[nearest_rank(percent, len(values))] if values else None


def nearest_rank(percent: float, size: int) -> int:
    """Return the index, among ``size`` values in order, of the nearest-rank percentile."""
    return max(0, math.ceil(percent / 100 * size) - 1)


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


def recall_curve(found: Iterable[tuple[Sequence[int], int]], depth: int) -> list[float]:
    """Return the mean recall at 1, 2, … ``depth``.

    Args:
        found: For each query the ranks, from 1, of what is relevant, and how much there is of it.
        depth: The last k.
    """
    gains = [0.0] * depth
    queries = 0
    for ranks, relevant in found:
        queries += 1
        for rank in ranks:
            if rank <= depth:
                gains[rank - 1] += 1 / relevant
    total, curve = 0.0, []
    for gain in gains if queries else []:
        total += gain
        curve.append(total / queries)
    return curve
