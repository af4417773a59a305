"""The figures, against computations by hand and by the definitions' letter."""

import math
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pincite.evaluate.measures import (
    DATA_SET_RANKS,
    Cited,
    Verdict,
    contains_answers,
    mean_figures,
    overlaps,
    passage_figures,
    percentile,
    question_figures,
    rank_figures,
    slice_figures,
)
from pincite.evaluate.questions import GoldQuestion
from pincite.records import Leg, Span, Status

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


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [(0, 10, False), (0, 11, True), (19, 30, True), (20, 30, False), (12, 13, True), (0, 99, True)],
)
def test_a_range_overlaps_when_it_shares_a_character(start: int, end: int, wanted: bool) -> None:
    assert overlaps(start, end, [Span(10, 20)]) is wanted


def test_a_range_overlaps_no_evidence_where_there_is_none() -> None:
    assert not overlaps(0, 10, [])


@pytest.mark.parametrize(
    ("text", "groups", "wanted"),
    [
        ("return DOUBLE the\ndeposit [1]", [["double the deposit"]], True),
        ("以雙倍訂金返還", [["双倍订金"]], True),
        ("２０２４年１１月", [["2024年11月"]], True),
        ("timely and open", [["timely"], ["open", "transparent"]], True),
        ("timely", [["timely"], ["open", "transparent"]], False),
        ("the deposit", [["double the deposit", "双倍定金"]], False),
    ],
)
def test_answers_are_an_and_over_groups_and_an_or_within(
    text: str, groups: list[list[str]], wanted: bool
) -> None:
    assert contains_answers(text, groups) is wanted


@given(st.lists(st.floats(0, 1000), min_size=1), st.sampled_from([50, 95]))
def test_a_percentile_is_the_least_value_that_so_many_do_not_pass(
    values: list[float], percent: int
) -> None:
    found = percentile(values, percent)
    enough = [v for v in values if 100 * sum(w <= v for w in values) >= percent * len(values)]
    assert found == min(enough)


def test_a_percentile_of_nothing_is_none() -> None:
    assert percentile([], 50) is None


def _verdict(
    number: int,
    status: Status,
    hits: Sequence[bool] = (),
    *,
    ranks: Sequence[int] = (),
    contained: bool | None = None,
    answerable: bool = True,
    lang: str = "en",
    kind: str = "fact",
) -> Verdict:
    question = GoldQuestion(f"q{number}", "?", lang, kind, answerable, (), (), number)
    cited = tuple(Cited("a.txt", i, i + 1, "x", hit) for i, hit in enumerate(hits))
    by_leg: dict[Leg, tuple[int, ...]] = {"fused": tuple(ranks)}
    return Verdict(question, status, None, 0.5, cited, contained, by_leg, float(number))


VERDICTS = [
    _verdict(1, "answered", [True, False], ranks=[1, 4], contained=True),
    _verdict(2, "partial", [True], ranks=[3], contained=False),
    _verdict(3, "answered", [False], ranks=[7], contained=True, lang="zh"),
    _verdict(4, "not_found", ranks=[], contained=False, lang="zh"),
    _verdict(5, "answered", [True], ranks=[2]),
    _verdict(6, "not_found", answerable=False, kind="far_miss"),
    _verdict(7, "answered", [False], answerable=False, kind="near_miss", lang="zh"),
    _verdict(8, "not_found", answerable=False, kind="near_miss"),
]


def test_question_figures_are_those_counted_by_hand() -> None:
    figures = question_figures(VERDICTS, passage_figures(VERDICTS, "fused"))
    assert figures == pytest.approx(
        {
            "questions": 8,
            "recall@1": 1 / 5,
            "recall@5": 3 / 5,
            "mrr": (1 + 1 / 3 + 1 / 7 + 0 + 1 / 2) / 5,
            "evidence_hit": 3 / 5,
            "citation_precision": 3 / 6,
            "answer_containment": 2 / 4,
            "abstention_precision": 2 / 3,
            "abstention_recall": 2 / 3,
            "answered_rate": 4 / 5,
            "false_refusals": 1,
            "false_answers": 1,
            "latency_ms_p50": 4,
            "latency_ms_p95": 8,
        }
    )


def test_slices_hold_the_same_figures_of_their_part() -> None:
    ranks = passage_figures(VERDICTS, "fused")
    slices = slice_figures(VERDICTS, ranks)
    assert list(slices["lang"]) == ["en", "zh"]
    assert list(slices["kind"]) == ["fact", "far_miss", "near_miss"]
    assert slices["lang"]["zh"]["recall@5"] == 0.0
    assert slices["lang"]["zh"]["mrr"] == pytest.approx(1 / 14)
    assert slices["lang"]["zh"]["abstention_precision"] == 0.0
    assert slices["kind"]["near_miss"]["abstention_recall"] == 0.5
    assert slices["kind"]["fact"] == question_figures(VERDICTS[:5], ranks)


def test_what_cannot_be_measured_is_none_and_not_zero() -> None:
    ranks = passage_figures(VERDICTS, "fused")
    figures = slice_figures(VERDICTS, ranks)["kind"]["far_miss"]
    assert figures["recall@1"] is None
    assert figures["evidence_hit"] is None
    assert figures["citation_precision"] is None
    assert question_figures(VERDICTS[:1], ranks)["abstention_precision"] is None
    assert question_figures(VERDICTS[:1], ranks)["abstention_recall"] is None
