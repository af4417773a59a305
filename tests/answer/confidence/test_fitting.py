"""Fitting the support model: known solutions, honest cross-fitting, stored and read again."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pincite.answer.confidence.fitting import (
    Costs,
    Example,
    Judged,
    Sets,
    cross_answered,
    cross_judged,
    fit,
    fit_logistic,
    folds,
    judge,
    rescale,
    thresholds,
    weights_json,
)
from pincite.answer.confidence.support import Logistic, SupportModel
from tests.answer.made_up import WIDTH, examples


def _judged(confidence: Sequence[float], kinds: str) -> Judged:
    names = {"a": "answerable", "n": "near", "f": "far"}
    values = np.array(confidence, dtype=float)
    right = np.array([kind == "a" for kind in kinds], dtype=np.int64)
    return Judged(values, right, values, np.array([names[kind] for kind in kinds]))


def test_one_binary_feature_gives_the_log_odds_of_the_table() -> None:
    # 30 of 40 with the feature, 10 of 60 without.
    rows = np.repeat([1.0, 1.0, 0.0, 0.0], [30, 10, 10, 50])[:, None]
    labels = np.repeat([True, False, True, False], [30, 10, 10, 50])
    fitted = fit_logistic(rows, labels, np.ones(100))
    assert fitted.bias == pytest.approx(np.log(10 / 50), abs=2e-3)
    assert fitted.weights[0] == pytest.approx(np.log(30 / 10) - np.log(10 / 50), abs=4e-3)


def _loss(
    beta: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.bool_], w: NDArray[np.float64]
) -> float:
    """Write the loss down as the textbook does, with the pull to 0 on standardised weights."""
    mean = w @ x / w.sum()
    spread = np.sqrt(w @ (x - mean) ** 2 / w.sum())
    odds = ((x - mean) / spread) @ beta[:-1] + beta[-1]
    cross_entropy = np.logaddexp(0, np.where(y, -odds, odds))
    return float(w @ cross_entropy / w.sum() + 0.5e-4 * beta[:-1] @ beta[:-1])


def test_no_step_away_from_the_fit_lessens_the_loss() -> None:
    random = np.random.default_rng(3)
    x = random.normal([5.0, -2.0, 0.0], [10.0, 0.1, 1.0], size=(400, 3))
    y = random.random(400) < 1 / (1 + np.exp(-(0.1 * x[:, 0] - x[:, 2])))
    w = random.uniform(0.5, 2.0, 400)
    fitted = fit_logistic(x, y, w)
    mean = w @ x / w.sum()
    spread = np.sqrt(w @ (x - mean) ** 2 / w.sum())
    beta = np.array([*(fitted.weights * spread), fitted.bias + fitted.weights @ mean])
    least = _loss(beta, x, y, w)
    for place in range(4):
        for step in (-1e-3, 1e-3):
            moved = beta.copy()
            moved[place] += step
            assert _loss(moved, x, y, w) > least


def test_equal_features_and_separated_classes_are_fitted_all_the_same() -> None:
    rows = np.column_stack([[0.0, 0.0, 1.0, 1.0], np.full(4, 7.0)])
    fitted = fit_logistic(rows, np.array([False, False, True, True]), np.ones(4))
    assert np.isfinite([*fitted.weights, fitted.bias]).all()
    assert fitted.log_odds(rows[3]) > 0 > fitted.log_odds(rows[0])


def test_a_threshold_makes_both_errors_equally_bad() -> None:
    answerable, misses = np.linspace(0.005, 0.995, 100), np.linspace(0.002, 0.992, 100) / 2
    judged = {"a": _judged([*answerable, *misses], "a" * 100 + "n" * 50 + "f" * 50)}
    # Near misses are spread over 0 to 0.25, far ones over 0.25 to 0.5.
    refused = {}
    for costs in (Costs(0.1, 0.1), Costs(0.1, 0.4), Costs(0.4, 0.1)):
        threshold, floor = thresholds(judged, costs)
        refusals = (answerable < threshold).mean()
        near, far = (misses[:50] >= threshold).mean(), (misses[50:] >= threshold).mean()
        assert refusals / costs.refusals == pytest.approx(
            (near + far) / 2 / costs.answers, abs=0.02 / min(costs.refusals, costs.answers)
        )
        assert floor == pytest.approx(min(np.median(misses[50:]), threshold / 2))
        refused[costs] = refusals
    assert refused[Costs(0.1, 0.4)] < refused[Costs(0.1, 0.1)] < refused[Costs(0.4, 0.1)]


def test_sets_count_the_same_whatever_their_size() -> None:
    low = _judged([0.1, 0.2, 0.0], "aaf")
    high = _judged([0.7, 0.8, 0.6] * 50, "aaf" * 50)
    both = thresholds({"low": low, "high": high})[0]
    assert both == thresholds({"low": low, "high": _judged([0.7, 0.8, 0.6], "aaf")})[0]


def test_a_set_is_judged_by_the_others_alone() -> None:
    sets = {"a": examples(1), "b": examples(2), "c": examples(3)}
    before = cross_judged(sets, read=True)
    # With other labels and features, a set judges itself as before only if it was never looked at.
    spoilt = {**sets, "a": [Example(e.features, 1 - e.labels, e.kind) for e in sets["a"]]}
    after = cross_judged(spoilt, read=True)
    assert np.array_equal(before["a"].best, after["a"].best)
    assert not np.array_equal(before["b"].best, after["b"].best)
    assert (before["a"].right == 1).sum() > 20


def test_the_confidence_of_a_set_is_fitted_to_the_others_alone() -> None:
    sets = {"a": examples(1), "b": examples(2), "c": examples(3)}
    model = _model(sets)
    _, before = rescale(model, sets, read=True)
    miss = [Example(e.features, 0 * e.labels, e.kind) for e in sets["a"]]
    _, after = rescale(model, {**sets, "a": miss}, read=True)
    assert np.array_equal(before["a"].confidence, after["a"].confidence)
    assert after["b"].confidence.mean() < before["b"].confidence.mean() - 0.1


def test_a_set_is_answered_by_the_threshold_of_the_others() -> None:
    low, high = _judged([0.2, 0.3, 0.1], "aaf"), _judged([0.8, 0.9, 0.7], "aaf")
    answered = cross_answered({"low": low, "high": high})
    assert answered["low"].tolist() == [False] * 3
    assert answered["high"].tolist() == [True] * 3


def test_folds_keep_the_examples_of_a_question_together() -> None:
    found = examples(4, 40)
    asked = [f"question {place % 13}" for place in range(40)]
    dealt, together = folds({"a": (found, asked), "b": (examples(5, 10), asked[:10])})
    assert together["a, fold 2"] == together["b, fold 2"] != together["a, fold 1"]
    seen: dict[str, str] = {}
    for name in (name for name in dealt if name.startswith("a")):
        for example in dealt[name]:
            question = asked[next(i for i, one in enumerate(found) if one is example)]
            assert seen.setdefault(question, name) == name
    assert len(set(seen.values())) == 5
    assert sum(map(len, dealt.values())) == 50


def test_what_is_left_out_together_is_not_fitted_to() -> None:
    sets = {name: examples(seed) for seed, name in enumerate(("a 1", "a 2", "b 1", "b 2"))}
    together = {name: name[-1] for name in sets}
    before = cross_judged(sets, read=True, together=together)
    spoilt = [Example(e.features, 1 - e.labels, e.kind) for e in sets["b 1"]]
    after = cross_judged({**sets, "b 1": spoilt}, read=True, together=together)
    assert np.array_equal(before["a 1"].best, after["a 1"].best)
    assert not np.array_equal(before["a 2"].best, after["a 2"].best)


def _model(sets: Sets, *, read: bool = True) -> SupportModel:
    return fit(sets, read=read, encoder="e", reader="r")[0]


def test_rescaling_keeps_the_sentence_weights() -> None:
    model = _model({"a": examples(1), "b": examples(2)})
    again, _ = rescale(model, {"c": examples(5), "d": examples(6)}, read=True)
    assert again.sentence is model.sentence
    assert again.slope != model.slope


def test_what_cannot_be_told_is_neither_right_nor_wrong() -> None:
    first = Logistic(np.eye(WIDTH)[0], 0.0)
    rows = np.zeros((2, WIDTH))
    rows[1, 0] = 1.0
    found = [Example(rows, np.array([1, label]), "answerable") for label in (1, 0, -1)]
    assert judge(first, found, read=True).right.tolist() == [1, 0, -1]


@pytest.mark.parametrize("read", [True, False])
def test_a_fitted_model_is_read_again_as_it_was_written(tmp_path: Path, read: bool) -> None:
    model = _model({"a": examples(1), "b": examples(2)}, read=read)
    path = _write(tmp_path, {"read" if read else "unread": weights_json(model)})
    again = SupportModel.load(path, reader="r" if read else "")
    assert (again.encoder, again.reader) == ("e", "r" if read else "")
    assert np.allclose(again.sentence.weights, model.sentence.weights, atol=5e-5)
    for name in ("slope", "offset", "threshold", "floor"):
        assert getattr(again, name) == pytest.approx(getattr(model, name), abs=5.1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"slope": -1.0}, "slope above 0"),
        ({"bias": float("nan")}, "must be finite"),
        ({"threshold": 1.5}, "wrong order"),
        ({"floor": 0.9, "threshold": 0.5}, "wrong order"),
        ({"weights": {"cosine": 1.0}}, "wanted"),
    ],
)
def test_weights_that_make_no_sense_are_refused(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    model = _model({"a": examples(1), "b": examples(2)}, read=False)
    path = _write(tmp_path, {"unread": weights_json(model) | change})
    with pytest.raises(ValueError, match=message):
        SupportModel.load(path)


def _write(folder: Path, fitted: Mapping[str, object]) -> Path:
    path = folder / "support.json"
    path.write_text(json.dumps({"encoder": "e", "reader": "r", **fitted}), encoding="utf-8")
    return path
