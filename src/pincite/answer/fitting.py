"""Fitting the support model to labelled questions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pincite.answer.support import READING, SENTENCE, Logistic, SupportModel

# Strength of the pull towards 0, beside a set's total weight of 1.
_PENALTY = 1e-4
_STEPS = 100
_FOLDS = 5
_Set = TypeVar("_Set")


@dataclass(frozen=True, slots=True)
class Example:
    """One question's candidate sentences: features (n, f), labels (n,), in the retrieval's order.

    ``features`` are ``SENTENCE`` and, if the sentences were read, ``READING``. ``labels`` are 1 for
    a sentence that answers, 0 for one that does not, -1 for one that cannot be told (it holds the
    answer, but its document is not marked as relevant). ``kind`` is "answerable", or the kind of
    miss: "near" or "far".
    """

    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    kind: str

    @property
    def answerable(self) -> bool:
        """Whether the library holds the answer."""
        return self.kind == "answerable"


Sets = Mapping[str, Sequence[Example]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A set's questions as a model sees them that was fitted to the others.

    ``best`` (n,) are the best sentences' log-odds; ``right`` tells whether it answers, -1 where
    that cannot be told; ``confidence`` is the probability of it.
    """

    best: NDArray[np.float64]
    right: NDArray[np.int64]
    confidence: NDArray[np.float64]
    kinds: NDArray[np.str_]


def fit_logistic(
    rows: NDArray[np.float64], labels: NDArray[np.bool_], weights: NDArray[np.float64]
) -> Logistic:
    """Fit a logistic regression by Newton's method, with a small pull of the weights to 0.

    Args:
        rows: Features, shape (n, f); they are standardised here.
        labels: Shape (n,).
        weights: Of the rows, shape (n,).

    Source:
        Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 4.4.1.
    """
    weights = weights / weights.sum()
    mean = weights @ rows
    spread = np.sqrt(weights @ (rows - mean) ** 2)
    spread[spread < 1e-9] = 1.0
    x = np.column_stack([(rows - mean) / spread, np.ones(len(rows))])
    pull = np.full(x.shape[1], _PENALTY)
    pull[-1] = 0.0
    beta = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        slope = x.T @ (weights * (p - labels)) + pull * beta
        bend = (x * (weights * p * (1 - p))[:, None]).T @ x + np.diag(pull + 1e-12)
        step = np.linalg.solve(bend, slope)
        beta -= step
        if np.abs(step).max() < 1e-8:
            break
    scaled = beta[:-1] / spread
    return Logistic(scaled, float(beta[-1] - scaled @ mean))


def fit_sentences(
    sets: Sets, *, read: bool, heavier: Mapping[str, float] | None = None
) -> Logistic:
    """Fit the model of sentences to all of some sets, which weigh the same but for ``heavier``."""
    rows, labels, weights = [], [], []
    for name, found in sets.items():
        y = np.concatenate([e.labels for e in found])
        told = y >= 0
        rows.append(np.concatenate([_used(e, read=read) for e in found])[told])
        labels.append(y[told] == 1)
        weights.append(np.full(told.sum(), (heavier or {}).get(name, 1.0) / max(told.sum(), 1)))
    return fit_logistic(np.concatenate(rows), np.concatenate(labels), np.concatenate(weights))


def fit_confidence(judged: Mapping[str, Judged]) -> tuple[float, float]:
    """Fit slope and offset to how other sets' sentence models see the questions of each set."""
    best, labels, weights = [], [], []
    for found in judged.values():
        told = found.right >= 0
        best.append(found.best[told])
        labels.append(found.right[told] == 1)
        weights.append(np.full(told.sum(), 1 / max(told.sum(), 1)))
    rows = np.concatenate(best)[:, None]
    fitted = fit_logistic(rows, np.concatenate(labels), np.concatenate(weights))
    return float(fitted.weights[0]), fitted.bias


def judge(sentence: Logistic, found: Sequence[Example], *, read: bool) -> Judged:
    """Return a set's questions as a sentence model sees them, without confidence."""
    best, right = [], []
    for example in found:
        odds = _used(example, read=read) @ sentence.weights + sentence.bias
        place = int(odds.argmax())
        best.append(odds[place])
        right.append(int(example.labels[place]) if example.answerable else 0)
    kinds = np.array([e.kind for e in found])
    return Judged(np.array(best), np.array(right), np.zeros(len(best)), kinds)


def cross_judged(
    sets: Sets, *, read: bool, heavier: Mapping[str, float] | None = None
) -> dict[str, Judged]:
    """Judge each set, sentences and confidence, by models fitted to the other sets alone."""
    seen = {
        name: judge(fit_sentences(others, read=read, heavier=heavier), sets[name], read=read)
        for name, others in _left_out(sets)
    }
    judged = {}
    for name, others in _left_out(seen):
        slope, offset = fit_confidence(others)
        confidence = 1 / (1 + np.exp(-(slope * seen[name].best + offset)))
        judged[name] = replace(seen[name], confidence=confidence)
    return judged


def folds(found: Sequence[Example]) -> dict[str, list[Example]]:
    """Deal one set's questions into folds, for ``cross_judged`` where there is no other set."""
    return {f"fold {i + 1}": list(found[i::_FOLDS]) for i in range(_FOLDS)}


def fit(
    sets: Sets,
    *,
    read: bool,
    encoder: str,
    reader: str,
    heavier: Mapping[str, float] | None = None,
) -> tuple[SupportModel, dict[str, Judged]]:
    """Fit the whole model; also return how each set is judged by models fitted to the others."""
    judged = cross_judged(sets, read=read, heavier=heavier)
    threshold, floor = thresholds(judged)
    slope, offset = fit_confidence(judged)
    model = SupportModel(
        encoder=encoder,
        reader=reader if read else "",
        sentence=fit_sentences(sets, read=read, heavier=heavier),
        slope=slope,
        offset=offset,
        threshold=threshold,
        floor=floor,
    )
    return model, judged


# What a default threshold may cost: shares of false refusals and of false answers.
REFUSALS, ANSWERS = 0.10, 0.15


def thresholds(judged: Mapping[str, Judged]) -> tuple[float, float]:
    """Return the confidence from which to answer, and that below which nothing is near.

    The first makes the errors, each in units of what it may be, equal: the mean over the sets of
    false refusals in tenths and of false answers in 15 hundredths. Under the second are nine
    tenths of the far misses.
    """
    values = np.unique(np.concatenate([j.confidence for j in judged.values()]).round(3))

    def excess(threshold: float) -> float:
        refused, answered = [], []
        for found in judged.values():
            yes = found.kinds == "answerable"
            refused += [(found.confidence[yes] < threshold).mean()] if yes.any() else []
            for kind in sorted(set(found.kinds[~yes])):
                answered.append((found.confidence[found.kinds == kind] >= threshold).mean())
        return float(np.mean(refused) / REFUSALS - (np.mean(answered) / ANSWERS if answered else 0))

    threshold = float(min(values, key=lambda value: abs(excess(value))))
    far = [j.confidence[j.kinds == "far"] for j in judged.values()]
    every = np.concatenate(far) if far else np.array([])
    floor = float(np.quantile(every, 0.5)) if len(every) else threshold / 2
    return threshold, min(floor, threshold / 2)


def _left_out(sets: Mapping[str, _Set]) -> Iterator[tuple[str, dict[str, _Set]]]:
    for name in sets:
        yield name, {other: found for other, found in sets.items() if other != name}


def _used(example: Example, *, read: bool) -> NDArray[np.float64]:
    return example.features if read else example.features[:, : len(SENTENCE)]


def weights_json(model: SupportModel) -> dict[str, object]:
    """Return a model's weights as ``SupportModel.load`` reads them."""
    names: tuple[str, ...] = (*SENTENCE, *READING) if model.reader else SENTENCE
    values = zip(names, model.sentence.weights, strict=True)
    return {
        "weights": {name: round(float(value), 4) for name, value in values},
        "bias": round(model.sentence.bias, 4),
        "slope": round(model.slope, 4),
        "offset": round(model.offset, 4),
        "threshold": round(model.threshold, 3),
        "floor": round(model.floor, 3),
    }
