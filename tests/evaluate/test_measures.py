"""The figures, against computations by hand and by the definitions' letter."""

import math
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pincite.evaluate.measures import (
    DATA_SET_RANKS,
    mean_figures,
    percentile,
    rank_figures,
    recall_curve,
)

_DOCS = [f"doc{i}" for i in range(30)]
_RANKED = st.lists(st.sampled_from(_DOCS), unique=True, max_size=25)
_JUDGED = st.dictionaries(st.sampled_from(_DOCS), st.integers(0, 3), min_size=1, max_size=12)


def _by_the_letter(judged: Mapping[str, int], ranked: Sequence[str]) -> dict[str, float]:
    relevant = {doc for doc, grade in judged.items() if grade > 0}
    first = next((r for r, doc in enumerate(ranked[:10], 1) if doc in relevant), None)
    gains = sum(judged.get(doc, 0) / math.log2(r + 1) for r, doc in enumerate(ranked[:10], 1))
    ideal = sum(
        grade / math.log2(r + 1)
        for r, grade in enumerate(sorted(judged.values(), reverse=True)[:10], 1)
    )
    return {
        **{f"recall@{k}": len(relevant & {*ranked[:k]}) / len(relevant) for k in (1, 5, 10)},
        "mrr@10": 1 / first if first else 0.0,
        "ndcg@10": gains / ideal,
    }


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(_JUDGED, _RANKED), min_size=1, max_size=5))
def test_rank_figures_are_those_of_the_definitions(
    cases: list[tuple[dict[str, int], list[str]]],
) -> None:
    relevant = {f"q{i}": judged for i, (judged, _) in enumerate(cases)}
    ranked = {f"q{i}": ranking for i, (_, ranking) in enumerate(cases)}
    figures = rank_figures(DATA_SET_RANKS, relevant, ranked)
    judged_relevant = {query for query, judged in relevant.items() if max(judged.values()) > 0}
    assert figures.keys() == judged_relevant
    for query in judged_relevant:
        wanted = _by_the_letter(relevant[query], ranked[query])
        assert figures[query] == pytest.approx(wanted, abs=1e-6)


def test_the_order_given_decides_and_not_the_ids() -> None:
    ranked = [f"{i:02}" for i in range(20)]
    for ranking, rank in ((ranked, 3), (ranked[::-1], 18)):
        figures = rank_figures(DATA_SET_RANKS, {"q": {"02": 1}}, {"q": ranking})
        assert figures["q"]["mrr@10"] == pytest.approx(1 / rank if rank <= 10 else 0.0)


def test_a_query_that_found_nothing_counts_as_zero() -> None:
    figures = rank_figures(DATA_SET_RANKS, {"q": {"a": 1}, "r": {"b": 1}}, {"r": ["b"]})
    assert set(figures["q"].values()) == {0.0}
    assert mean_figures(list(figures.values()))["recall@1"] == 0.5


@given(st.lists(st.floats(0, 1000), min_size=1), st.sampled_from([50, 95]))
def test_a_percentile_is_the_least_value_that_so_many_do_not_pass(
    values: list[float], percent: int
) -> None:
    found = percentile(values, percent)
    enough = [v for v in values if 100 * sum(w <= v for w in values) >= percent * len(values)]
    assert found == min(enough)


def test_a_percentile_of_nothing_is_none() -> None:
    assert percentile([], 50) is None


def test_a_recall_curve_is_the_mean_share_found_so_far() -> None:
    assert recall_curve([([1, 3], 2), ([2], 1)], 4) == [0.25, 0.75, 1.0, 1.0]
    assert recall_curve([([9], 1)], 2) == [0.0, 0.0]
    assert recall_curve([], 3) == []
