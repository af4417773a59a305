"""Fusion and its evidence."""

import math

import pytest

from pincite.records import Scored
from pincite.retrieve.fuse import (
    LANGUAGE_GAP,
    LEXICAL_POWER,
    LEXICAL_WEIGHT,
    Evidence,
    coverage,
    fuse,
    inverse_document_frequencies,
)


def _ranking(*ids: int) -> list[Scored]:
    return [Scored(passage_id, 1.0 / place) for place, passage_id in enumerate(ids, 1)]


def test_coverage_counts_as_far_as_it_stands_out() -> None:
    evidence = {1: Evidence(0.5, 0.2), 2: Evidence(0.4, 1.0), 3: Evidence(0.6, 0.0)}
    fused = fuse(_ranking(3, 1), _ranking(2, 1), evidence)
    common = 0.4
    expected = {1: 0.5, 2: 0.4 + LEXICAL_WEIGHT * ((1 - common) / (1 - common)), 3: 0.6}
    assert {f.passage_id: f.fused for f in fused} == pytest.approx(expected)
    assert [(f.passage_id, f.dense_rank, f.lexical_rank) for f in fused] == [
        (2, None, 1),
        (3, 1, None),
        (1, 2, 2),
    ]
    half = fuse([], _ranking(1, 2), {1: Evidence(0.0, 0.75), 2: Evidence(0.0, 0.25)})
    assert half[0].fused == pytest.approx(LEXICAL_WEIGHT * 0.5**LEXICAL_POWER)


def test_words_that_every_passage_shares_decide_nothing() -> None:
    noise = {i: Evidence(cosine, 0.3) for i, cosine in ((1, 0.5), (2, 0.4), (9, 0.2))}
    assert [f.passage_id for f in fuse(_ranking(1, 2), _ranking(9), noise)] == [1, 2, 9]


def test_a_passage_in_another_language_is_made_up_for_the_gap() -> None:
    evidence = {1: Evidence(0.5, 0.0), 2: Evidence(0.5 - LANGUAGE_GAP / 2, 0.0, foreign=True)}
    assert [f.passage_id for f in fuse(_ranking(1, 2), [], evidence)] == [2, 1]


def test_equal_scores_are_listed_by_id() -> None:
    fused = fuse([], _ranking(5, 4), {4: Evidence(0.0, 0.0), 5: Evidence(0.0, 0.0)})
    assert [f.passage_id for f in fused] == [4, 5]


def test_a_question_covered_by_every_passage_has_a_finite_score() -> None:
    assert fuse([], _ranking(1), {1: Evidence(0.0, 1.0)})[0].fused == LEXICAL_WEIGHT


def test_nothing_found_is_nothing() -> None:
    assert fuse([], [], {}) == []


def test_a_rare_term_is_more_evidence_than_a_common_one() -> None:
    frequency = {"xiaomi": 90, "deposit": 1, "absent": 0}
    idf = inverse_document_frequencies(frequency, 100)
    assert idf["deposit"] == pytest.approx(math.log(1 + 99.5 / 1.5))
    assert idf["absent"] > idf["deposit"] > idf["xiaomi"] > 0
    assert coverage(idf, {"xiaomi"}) < 0.05
    assert coverage(idf, {"xiaomi", "deposit", "absent"}) == pytest.approx(1)


def test_coverage_of_nothing_asked_is_zero() -> None:
    assert coverage({}, {"a"}) == 0
