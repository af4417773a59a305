"""Fusion and its evidence."""

import math

import pytest

from pincite.records import Scored
from pincite.retrieve.fuse import (
    LEXICAL_WEIGHT,
    TRANSLATION_WEIGHT,
    Evidence,
    coverage,
    fuse,
    inverse_document_frequencies,
)


def _ranking(*ids: int) -> list[Scored]:
    return [Scored(passage_id, 1.0 / place) for place, passage_id in enumerate(ids, 1)]


def test_a_score_is_the_cosine_and_the_weighted_coverage() -> None:
    evidence = {1: Evidence(0.5, 0.2), 2: Evidence(0.4, 1.0), 3: Evidence(0.6, 0.0)}
    fused = fuse(_ranking(3, 1), _ranking(2, 1), evidence)
    expected = {1: 0.5 + 0.2 * LEXICAL_WEIGHT, 2: 0.4 + LEXICAL_WEIGHT, 3: 0.6}
    assert {f.passage_id: f.fused for f in fused} == pytest.approx(expected)
    assert [(f.passage_id, f.dense_rank, f.lexical_rank) for f in fused] == [
        (2, None, 1),
        (1, 2, 2),
        (3, 1, None),
    ]


def test_in_one_language_a_score_does_not_depend_on_what_else_was_found() -> None:
    evidence = {1: Evidence(0.5, 0.3), 2: Evidence(0.4, 1.0), 9: Evidence(0.2, 0.0)}
    (alone,) = fuse(_ranking(1), [], evidence)
    among = {f.passage_id: f.fused for f in fuse(_ranking(1, 2), _ranking(9), evidence)}
    assert among[1] == pytest.approx(alone.fused)


def test_another_languages_passage_covers_the_average_and_more_the_nearer_it_is() -> None:
    evidence = {
        1: Evidence(0.5, 0.6),
        2: Evidence(0.3, 0.2),
        3: Evidence(0.4, 0.1, foreign=True, translated=0.5),
        4: Evidence(0.6, 0.1, foreign=True, translated=0.3),
    }
    fused = {f.passage_id: f.fused for f in fuse(_ranking(1, 2, 3, 4), [], evidence)}
    coverage_3 = 0.25 + TRANSLATION_WEIGHT * ((0.4 - 0.45) + (0.5 - 0.4))
    coverage_4 = 0.25 + TRANSLATION_WEIGHT * ((0.6 - 0.45) + (0.3 - 0.4))
    assert fused[3] == pytest.approx(0.4 + LEXICAL_WEIGHT * coverage_3)
    assert fused[4] == pytest.approx(0.6 + LEXICAL_WEIGHT * coverage_4)


def test_words_decide_between_passages_of_another_language() -> None:
    evidence = {
        1: Evidence(0.5, 0.0, foreign=True, translated=0.2),
        2: Evidence(0.48, 0.0, foreign=True, translated=0.6),
    }
    assert [f.passage_id for f in fuse(_ranking(1, 2), [], evidence)] == [2, 1]


def test_another_languages_passage_covers_at_most_all_and_at_least_what_it_shares() -> None:
    full = {
        1: Evidence(0.9, 0.9),
        2: Evidence(0.9, 0.9, foreign=True, translated=1.0),
        3: Evidence(-0.9, 0.7, foreign=True, translated=0.0),
    }
    fused = {f.passage_id: f.fused for f in fuse(_ranking(1, 2, 3), [], full)}
    assert fused[2] == pytest.approx(0.9 + LEXICAL_WEIGHT)
    assert fused[3] == pytest.approx(-0.9 + 0.7 * LEXICAL_WEIGHT)


def test_equal_scores_are_listed_by_id() -> None:
    fused = fuse([], _ranking(5, 4), {4: Evidence(0.0, 0.0), 5: Evidence(0.0, 0.0)})
    assert [f.passage_id for f in fused] == [4, 5]


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
