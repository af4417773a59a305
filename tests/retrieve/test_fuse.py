"""Rank fusion and its evidence."""

import math

import pytest

from pincite.records import Scored
from pincite.retrieve.fuse import (
    LEXICAL_WEIGHT,
    RRF_K,
    coverage,
    fuse,
    inverse_document_frequencies,
)


def _ranking(*ids: int) -> list[Scored]:
    return [Scored(passage_id, 1.0 / place) for place, passage_id in enumerate(ids, 1)]


def test_evidence_weights_the_lexical_ranks() -> None:
    fused = fuse(_ranking(1, 2, 3), _ranking(3, 1), {1: 0.5, 2: 1.0, 3: 1.0})
    expected = {
        1: 1 / (RRF_K + 1) + 0.25 * LEXICAL_WEIGHT / (RRF_K + 2),
        2: 1 / (RRF_K + 2),
        3: 1 / (RRF_K + 3) + LEXICAL_WEIGHT / (RRF_K + 1),
    }
    assert {f.passage_id: f.fused for f in fused} == pytest.approx(expected)
    assert [f.passage_id for f in fused] == [3, 1, 2]
    assert [(f.dense_rank, f.lexical_rank) for f in fused] == [(3, 1), (1, 2), (2, None)]


def test_without_evidence_the_lexical_leg_cannot_outvote_the_dense_one() -> None:
    """A Chinese question over English articles: what the words find is noise."""
    noise = _ranking(9, 8, 7)
    fused = fuse(_ranking(1, 2, 3), noise, {7: 0.02, 8: 0.02, 9: 0.02})
    assert [f.passage_id for f in fused][:3] == [1, 2, 3]


def test_equal_scores_are_listed_by_id() -> None:
    fused = fuse([], _ranking(5, 4), {4: 0.0, 5: 0.0})
    assert [f.passage_id for f in fused] == [4, 5]


def test_a_rare_term_is_more_evidence_than_a_common_one() -> None:
    frequency = {"xiaomi": 90, "deposit": 1, "absent": 0}
    idf = inverse_document_frequencies(frequency, 100)
    assert idf["deposit"] == pytest.approx(math.log(1 + 99.5 / 1.5))
    assert idf["absent"] > idf["deposit"] > idf["xiaomi"] > 0
    assert coverage(idf, {"xiaomi"}) < 0.05
    assert coverage(idf, {"xiaomi", "deposit", "absent"}) == pytest.approx(1)


def test_coverage_of_nothing_asked_is_zero() -> None:
    assert coverage({}, {"a"}) == 0
