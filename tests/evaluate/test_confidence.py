"""Ranking, calibration and risk of a confidence, against the definitions by their letter."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pincite.evaluate.confidence import (
    area_under_risk,
    auroc,
    bin_count,
    calibration_error,
    calibration_noise,
    reliability,
    risk_coverage,
)

# Few values, so that there are ties.
_CONFIDENCE = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0])
_JUDGED = st.lists(st.tuples(_CONFIDENCE, st.booleans()), min_size=1, max_size=40)


@given(st.lists(_CONFIDENCE, min_size=1), st.lists(_CONFIDENCE, min_size=1))
def test_auroc_is_the_share_of_pairs_in_the_right_order(
    positive: list[float], negative: list[float]
) -> None:
    pairs = [(p > n) + (p == n) / 2 for p, n in product(positive, negative)]
    assert auroc(positive, negative) == pytest.approx(sum(pairs) / len(pairs))


def test_auroc_needs_both_sorts() -> None:
    assert auroc([0.5], []) is None
    assert auroc([], [0.5]) is None


@pytest.mark.parametrize(
    ("questions", "bins"), [(1, 1), (19, 1), (20, 2), (99, 9), (100, 10), (5000, 10)]
)
def test_there_are_ten_bins_where_there_are_enough_questions(questions: int, bins: int) -> None:
    assert bin_count(questions) == bins
    made = reliability([0.5] * questions, [True] * questions)
    sizes = [one.questions for one in made]
    assert (len(made), sum(sizes)) == (bins, questions)
    assert max(sizes) - min(sizes) <= 1


def test_the_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    # Two bins of ten: sure 0.9 and right in 6, sure 0.2 and right in 1.
    confidence = [0.9] * 10 + [0.2] * 10
    right = [True] * 6 + [False] * 4 + [True] + [False] * 9
    assert calibration_error(reliability(confidence, right)) == pytest.approx((0.3 + 0.1) / 2)
    assert calibration_error([]) is None


def test_the_noise_is_what_a_perfect_confidence_shows() -> None:
    # One bin of one question: right with 0.3, a gap of 0.7; wrong with 0.7, a gap of 0.3.
    assert calibration_noise([0.3]) == pytest.approx(2 * 0.3 * 0.7, abs=0.02)
    assert calibration_noise([0.0, 1.0] * 50) == 0
    # 0.4 is the mean distance of a standard normal, halved for a spread of a half.
    assert calibration_noise([0.5] * 1000) == pytest.approx(0.4 / 10, abs=0.003)
    assert calibration_noise([0.5] * 1000) == calibration_noise([0.5] * 1000)
    assert calibration_noise([]) is None


@given(_JUDGED)
def test_the_risk_at_a_coverage_is_what_a_threshold_there_would_give(
    judged: list[tuple[float, bool]],
) -> None:
    confidence, right = [c for c, _ in judged], [r for _, r in judged]
    points = risk_coverage(confidence, right)
    assert [p.confidence for p in points] == sorted(set(confidence), reverse=True)
    for point in points:
        answered = [r for c, r in judged if c >= point.confidence]
        assert point.coverage == pytest.approx(len(answered) / len(judged))
        assert point.risk == pytest.approx(1 - sum(answered) / len(answered))
    risks = [
        next(point.risk for point in points if point.confidence == value) for value in confidence
    ]
    assert area_under_risk(points) == pytest.approx(sum(risks) / len(risks))


def test_no_question_has_no_curve() -> None:
    assert risk_coverage([], []) == []
    assert area_under_risk([]) is None
