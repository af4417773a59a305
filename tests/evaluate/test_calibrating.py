"""What a calibration needs, what it fits anew, and what it is held to."""

from dataclasses import replace

import numpy as np
import pytest

from pincite.answer.confidence.fitting import Costs, Example, Judged
from pincite.answer.confidence.support import SENTENCE, Logistic, SupportModel
from pincite.errors import InputError
from pincite.evaluate.calibrating import Refit, count, judged_figures, refit, require_enough
from pincite.evaluate.examples import Collected
from tests.answer.made_up import examples


def _collected(found: list[Example], name: str = "set") -> Collected:
    return Collected(name, found, [f"question {i}" for i in range(len(found))], {})


def _first_feature() -> SupportModel:
    weights = np.eye(len(SENTENCE))[0]
    return SupportModel("packaged", "", Logistic(weights, 0.0), 3.0, 2.0, 0.99, 0.1)


def _refit(*sets: Collected, answers: float = 0.15) -> Refit:
    costs = Costs(0.1, answers)
    return refit(sets, _first_feature(), encoder="other", reader="", costs=costs)


def test_each_sort_of_question_is_counted_once_and_needed() -> None:
    found = examples(1, 40)
    one = Collected("set", [*found, *found], [*map(str, range(40))] * 2, {})
    counts = count([one])
    assert (counts.answerable, counts.unanswerable, counts.retrieved) == (20, 20, 20)
    require_enough(counts)
    with pytest.raises(InputError, match="add 3 more that the documents do not answer"):
        require_enough(replace(counts, unanswerable=17))
    with pytest.raises(InputError, match="add 1 more that the documents answer and 20 more"):
        require_enough(replace(counts, answerable=19, unanswerable=0))


def test_few_questions_change_the_confidence_and_not_the_sentence_weights() -> None:
    fitted = _refit(_collected(examples(1, 200)))
    assert not fitted.anew
    assert f"takes {10 * len(SENTENCE)} questions whose answer is retrieved" in fitted.why
    assert np.array_equal(fitted.model.sentence.weights, _first_feature().sentence.weights)
    assert (fitted.model.encoder, fitted.model.reader) == ("other", "")
    before, after = fitted.packaged["set"], fitted.calibrated["set"]
    assert before["best sentence right"] == after["best sentence right"]
    errors = [figures["calibration error"] for figures in (before, after)]
    assert errors[0] is not None
    assert errors[1] is not None
    assert errors[1] < 0.5 * errors[0]
    assert 0.05 < fitted.model.threshold < 0.95


def test_what_may_be_refused_and_answered_moves_the_threshold() -> None:
    found = _collected(examples(1, 440))
    strict, lax = (_refit(found, answers=answers) for answers in (0.02, 0.5))
    assert strict.model.threshold > lax.model.threshold
    far = "false answers, far"
    assert (strict.calibrated["set"][far] or 0) < (lax.calibrated["set"][far] or 0)


def test_many_questions_change_the_sentence_weights_where_that_is_better() -> None:
    # The packaged weights look for large values of a feature, of which small ones answer here.
    found = _collected(examples(1, 440, sign=-1.0))
    fitted = _refit(found)
    assert fitted.anew
    assert fitted.model.sentence.weights[0] < 0
    before, after = fitted.packaged["set"], fitted.calibrated["set"]
    assert (after["best sentence right"] or 0) > (before["best sentence right"] or 0) + 0.3


def test_several_sets_are_told_apart() -> None:
    sets = [_collected(examples(seed, 88), f"set {seed}") for seed in range(5)]
    for chosen in (sets, sets[:2]):
        fitted = _refit(*chosen)
        assert list(fitted.calibrated) == [one.name for one in chosen]
        aurocs = {figures["auroc"] for figures in fitted.calibrated.values()}
        assert len(aurocs) > 1


def test_nothing_is_fitted_where_nothing_is_right() -> None:
    wrong = [Example(e.features, 0 * e.labels, e.kind) for e in examples(1, 80)]
    with pytest.raises(InputError, match="right for 0 questions only, 10 are needed"):
        _refit(_collected(wrong))


def test_figures_leave_out_what_cannot_be_told() -> None:
    kinds = np.array(["answerable"] * 4 + ["near", "far"])
    confidence = np.array([0.9, 0.8, 0.7, 0.2, 0.6, 0.1])
    right = np.array([1, 0, -1, 1, 0, 0])
    figures = judged_figures(Judged(confidence, right, confidence, kinds), confidence > 0.5)
    assert figures["best sentence right"] == pytest.approx(2 / 3)
    assert figures["false refusals"] == 0.25
    assert (figures["false answers, near"], figures["false answers, far"]) == (1.0, 0.0)
    assert figures["auroc"] == pytest.approx(7 / 8)
    # One bin: mean confidence of the five that can be told, less the share right.
    assert figures["calibration error"] == pytest.approx(abs(2.6 / 5 - 2 / 5))
