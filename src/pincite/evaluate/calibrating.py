"""A library's own calibration: what it needs, what is fitted anew, how it is judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pincite.answer.confidence.fitting import (
    FOLDS,
    Costs,
    Example,
    Judged,
    Sets,
    Together,
    confident,
    cross_answered,
    fit,
    folds,
    judge,
    rescale,
)
from pincite.answer.confidence.support import READING, SENTENCE, SupportModel
from pincite.errors import InputError
from pincite.evaluate.confidence import (
    area_under_risk,
    auroc,
    calibration_error,
    calibration_noise,
    reliability,
    risk_coverage,
)
from pincite.evaluate.examples import Collected
from pincite.evaluate.measures import Figures

LEAST = 20
"""Fewest questions of each sort, answerable and not: with fewer, five folds hold next to none."""
LEAST_RIGHT = 10
"""Fewest questions whose best sentence is right, to fit slope and offset to."""
RELIABLE = 100
"""Questions of each sort from which a share of a tenth is known to about 0.06."""
PER_WEIGHT = 10
"""Answerable questions that each weight of the sentence model takes.

Source:
    Peduzzi et al., "A simulation study of the number of events per variable in logistic regression
    analysis", Journal of Clinical Epidemiology 49(12), 1996.
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """Different questions, by whether a library held the answer when they were asked.

    ``retrieved`` are the answerable ones for which a sentence that answers was brought up.
    """

    answerable: int
    unanswerable: int
    retrieved: int

    @property
    def fewest(self) -> int:
        """The number of the sort of which there are fewer."""
        return min(self.answerable, self.unanswerable)


@dataclass(frozen=True, slots=True)
class Refit:
    """A support model fitted to a library's questions.

    ``anew`` tells whether the sentence weights were fitted too, ``why`` says why or why not;
    ``packaged`` and ``calibrated`` hold each set's figures, the second by cross-fitting.
    """

    model: SupportModel
    anew: bool
    why: str
    packaged: dict[str, Figures]
    calibrated: dict[str, Figures]


def count(found: Sequence[Collected]) -> Counts:
    """Count the different questions of each sort."""
    asked = [
        (example, (one.name, question))
        for one in found
        for example, question in zip(one.examples, one.questions, strict=True)
    ]
    return Counts(
        answerable=len({question for example, question in asked if example.answerable}),
        unanswerable=len({question for example, question in asked if not example.answerable}),
        retrieved=len(
            {q for example, q in asked if example.answerable and (example.labels == 1).any()}
        ),
    )


def require_enough(counts: Counts) -> None:
    """Refuse to fit to next to nothing.

    Raises:
        InputError: If there are too few questions; it says how many of which sort are missing.
    """
    more = [
        f"{LEAST - there} more that the documents {verb}"
        for there, verb in ((counts.answerable, "answer"), (counts.unanswerable, "do not answer"))
        if there < LEAST
    ]
    if more:
        raise InputError(
            f"too few questions to calibrate: found {counts.answerable} with an answer and"
            f" {counts.unanswerable} without, wanted at least {LEAST} of each; add"
            f" {' and '.join(more)} (pincite eval add), or name a data set too"
        )


def refit(
    found: Sequence[Collected],
    packaged: SupportModel,
    *,
    encoder: str,
    reader: str,
    costs: Costs,
) -> Refit:
    """Fit confidence and thresholds, and the sentence weights where that is safe and better.

    Cross-fitting is over folds of the questions; from as many sets as there are folds on it leaves
    out a set at a time, which tells how the fit carries over to other libraries.

    Args:
        found: The sets; each counts the same.
        packaged: The model to start from and to compare with, with or without the reader.
        encoder: Name of the encoder.
        reader: Revision of the reader, "" where nothing is read.
        costs: What the threshold may cost.

    Raises:
        InputError: If too few best sentences are right, or their scores do not tell which.
    """
    read = bool(reader)
    sets: Sets = {one.name: one.examples for one in found}
    together: Together = {name: name for name in sets}
    if len(found) < FOLDS:
        sets, together = folds({one.name: (one.examples, one.questions) for one in found})
    start = replace(packaged, encoder=encoder, reader=reader)
    before = {one.name: _as_packaged(packaged, one.examples, read=read) for one in found}
    right = sum(int((of.right == 1).sum()) for of in before.values())
    why = _too_few(count(found), read=read)
    if right < LEAST_RIGHT and why:
        raise InputError(
            f"the best sentence is right for {right} questions only, {LEAST_RIGHT} are needed to"
            f" tell what a confidence is worth, and {why}; check the questions' evidence, or add"
            " questions"
        )
    model, anew = start, False
    judged: dict[str, Judged] = {}
    if right >= LEAST_RIGHT:
        model, judged = rescale(start, sets, read=read, costs=costs, together=together)
    if not why:
        full, full_judged = fit(
            sets, read=read, encoder=encoder, reader=reader, costs=costs, together=together
        )
        kept, fresh = (_risk(of, found) if of else 1.0 for of in (judged, full_judged))
        why = f"mean risk {fresh:.3f} with sentence weights fitted anew, {kept:.3f} with packaged"
        if fresh <= kept:
            model, judged, anew = full, full_judged, True
    if model.slope <= 0:
        raise InputError(
            "the best sentence's score does not tell right answers from wrong ones on these"
            f" questions (slope {model.slope:.2f}, wanted above 0); check their evidence, or use"
            " another encoder"
        )
    answered = cross_answered(judged, costs, together)
    return Refit(
        model=model,
        anew=anew,
        why=why,
        packaged={
            name: judged_figures(of, of.confidence >= packaged.threshold)
            for name, of in before.items()
        },
        calibrated={
            one.name: judged_figures(
                _joined([judged[name] for name in _parts(one, sets)]),
                np.concatenate([answered[name] for name in _parts(one, sets)]),
            )
            for one in found
        },
    )


def judged_figures(found: Judged, answered: NDArray[np.bool_]) -> Figures:
    """Return a set's figures; false answers by kind of miss too. None: nothing to measure.

    Args:
        found: The questions as judged.
        answered: Which of them are answered, shape (n,).
    """
    yes, told = found.kinds == "answerable", found.right >= 0
    confidence, right = found.confidence[told].tolist(), (found.right[told] == 1).tolist()
    figures: Figures = {
        "auroc": auroc(found.confidence[yes].tolist(), found.confidence[~yes].tolist()),
        "best sentence right": _share(found.right[yes & told] == 1),
        "calibration error": calibration_error(reliability(confidence, right)),
        "calibration noise": calibration_noise(confidence),
        "false refusals": _share(~answered[yes]),
    }
    for kind in sorted(set(found.kinds[~yes])):
        figures[f"false answers, {kind}"] = _share(answered[found.kinds == kind])
    return figures


def _share(of: NDArray[np.bool_]) -> float | None:
    return float(of.mean()) if len(of) else None


def _as_packaged(model: SupportModel, found: Sequence[Example], *, read: bool) -> Judged:
    return confident(judge(model.sentence, found, read=read), model.slope, model.offset)


def _parts(one: Collected, sets: Mapping[str, object]) -> list[str]:
    """Return a set's name, or the names of its folds."""
    return [name for name in sets if name == one.name or name.startswith(f"{one.name}, fold ")]


def _joined(parts: Sequence[Judged]) -> Judged:
    return Judged(
        np.concatenate([part.best for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.confidence for part in parts]),
        np.concatenate([part.kinds for part in parts]),
    )


def _too_few(counts: Counts, *, read: bool) -> str:
    """Say why the sentence weights cannot be fitted, "" if they can."""
    weights = len(SENTENCE) + (len(READING) if read else 0)
    wanted = PER_WEIGHT * weights
    if counts.retrieved >= wanted and counts.unanswerable >= RELIABLE:
        return ""
    return (
        f"fitting the {weights} sentence weights anew takes {wanted} questions whose answer is"
        f" retrieved and {RELIABLE} without an answer, found {counts.retrieved} and"
        f" {counts.unanswerable}"
    )


def _risk(judged: Mapping[str, Judged], found: Sequence[Collected]) -> float:
    """Return the mean over the sets of the area under the risk–coverage curve."""
    areas = []
    for one in found:
        of = _joined([judged[name] for name in _parts(one, judged)])
        told = of.right >= 0
        points = risk_coverage(of.confidence[told].tolist(), (of.right[told] == 1).tolist())
        areas += [area] if (area := area_under_risk(points)) is not None else []
    return float(np.mean(areas))
