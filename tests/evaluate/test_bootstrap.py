"""Paired bootstrap: the fast figures against the plain ones, and what the intervals say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pincite.evaluate.bootstrap import (
    Figure,
    aurc_of,
    auroc_of,
    differences,
    ece_of,
    percentile_of,
    ratio,
    resamples,
)
from pincite.evaluate.confidence import (
    area_under_risk,
    auroc,
    calibration_error,
    reliability,
    risk_coverage,
)
from pincite.evaluate.measures import percentile

_VALUE = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0])


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 45))
def test_each_figure_of_a_resample_is_the_plain_figure_of_its_questions(
    data: st.DataObject, size: int
) -> None:
    values = data.draw(st.lists(_VALUE, min_size=size, max_size=size))
    flags = data.draw(st.lists(st.booleans(), min_size=size, max_size=size))
    drawn = data.draw(st.lists(st.integers(0, size - 1), min_size=size, max_size=size))
    # Bins keep the order given among equals, so the plain figure is given the drawn ones in it.
    chosen = [(values[i], flags[i]) for i in sorted(drawn)]
    confidence, right = [c for c, _ in chosen], [r for _, r in chosen]
    draw = resamples(np.array([drawn]))
    found = {
        name: float(figure(draw)[0])
        for name, figure in {
            "auroc": auroc_of(values, flags),
            "aurc": aurc_of(values, flags),
            "ece": ece_of(values, flags),
            "p95": percentile_of(values, 95),
            "share": ratio([v * f for v, f in zip(values, flags, strict=True)], flags),
        }.items()
    }
    ranked = auroc([c for c, r in chosen if r], [c for c, r in chosen if not r])
    hits = [c for c, r in chosen if r]
    assert found == pytest.approx(
        {
            "auroc": float("nan") if ranked is None else ranked,
            "aurc": area_under_risk(risk_coverage(confidence, right)),
            "ece": calibration_error(reliability(confidence, right)),
            "p95": percentile(confidence, 95),
            "share": sum(hits) / len(hits) if hits else float("nan"),
        },
        nan_ok=True,
    )


def _hits(values: list[int]) -> dict[str, Figure]:
    return {"hit": ratio(values, [1] * len(values))}


def test_a_clear_gain_is_told_from_chance() -> None:
    old, new = [0] * 40 + [1] * 60, [0] * 10 + [1] * 90
    (found,) = differences([_hits(old)], [_hits(new)], [100])
    assert [found.old, found.new, found.change] == pytest.approx([0.6, 0.9, 0.3])
    assert found.sure
    assert found.low is not None
    assert found.high is not None
    # The normal approximation of a paired difference of 30 of 100.
    assert found.low == pytest.approx(0.3 - 1.96 * (0.3 * 0.7 / 100) ** 0.5, abs=0.01)
    assert found.high == pytest.approx(0.3 + 1.96 * (0.3 * 0.7 / 100) ** 0.5, abs=0.01)


def test_as_many_won_as_lost_may_be_chance() -> None:
    old, new = [0, 1] * 30, [1, 0] * 29 + [1, 1]
    (found,) = differences([_hits(old)], [_hits(new)], [60])
    assert found.change == pytest.approx(1 / 60)
    assert not found.sure


def test_the_same_runs_give_the_same_interval_and_equal_runs_none() -> None:
    old, new = [0, 1, 1, 0, 1] * 8, [1, 1, 1, 0, 1] * 8
    first = differences([_hits(old)], [_hits(new)], [40])
    assert first == differences([_hits(old)], [_hits(new)], [40])
    (same,) = differences([_hits(old)], [_hits(old)], [40])
    assert (same.low, same.high, same.sure) == (0, 0, False)


def test_sets_count_the_same_whatever_their_size() -> None:
    small, large = [0, 0], [1] * 200
    (found,) = differences([_hits(small), _hits(large)], [_hits([1, 1]), _hits(large)], [2, 200])
    assert (found.old, found.new) == (0.5, 1.0)


def test_a_figure_of_nothing_has_no_interval() -> None:
    nothing = {"hit": ratio([0, 0], [0, 0])}
    (found,) = differences([nothing], [nothing], [2])
    assert (found.old, found.change, found.low, found.sure) == (None, None, None, False)
