"""Fitting the support model to labelled questions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pincite.answer.confidence.support import READING, SENTENCE, Logistic, SupportModel

# Strength of the pull towards 0, beside a set's total weight of 1.
_PENALTY = 1e-4
_STEPS = 100
FOLDS = 5
_Set = TypeVar("_Set")


@dataclass(frozen=True, slots=True)
class Costs:
    """What a default threshold may cost: shares of false refusals and of false answers."""

    refusals: float = 0.10
    answers: float = 0.15


_COSTS = Costs()


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
Together = Mapping[str, str]
"""Name of a set → what it is left out with; without it each set is left out alone."""


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
    sets: Sets,
    *,
    read: bool,
    heavier: Mapping[str, float] | None = None,
    together: Together | None = None,
) -> dict[str, Judged]:
    """Judge each set, sentences and confidence, by models fitted to the other sets alone."""
    seen: dict[str, Judged] = {}
    for names, others in _left_out(sets, together):
        sentence = fit_sentences(others, read=read, heavier=heavier)
        seen |= {name: judge(sentence, sets[name], read=read) for name in names}
    return _cross_confident(seen, together)


def _cross_confident(seen: Mapping[str, Judged], together: Together | None) -> dict[str, Judged]:
    """Give each set's questions their confidence by slope and offset fitted to the other sets."""
    judged: dict[str, Judged] = {}
    for names, others in _left_out(seen, together):
        scale = fit_confidence(others)
        judged |= {name: confident(seen[name], *scale) for name in names}
    return {name: judged[name] for name in seen}


def confident(seen: Judged, slope: float, offset: float) -> Judged:
    """Return judged questions with the confidence that slope and offset give."""
    return replace(seen, confidence=1 / (1 + np.exp(-(slope * seen.best + offset))))


def folds(sets: Mapping[str, tuple[Sequence[Example], Sequence[str]]]) -> tuple[Sets, Together]:
    """Deal each set into folds, for cross-fitting where there are few sets.

    Args:
        sets: Each set's examples with the question of each; those of one question stay together.

    Returns:
        The folds of all sets, each a set of its own, and which are left out together.
    """
    dealt: dict[str, list[Example]] = {}
    together: dict[str, str] = {}
    for name, (found, questions) in sets.items():
        place = {question: number for number, question in enumerate(dict.fromkeys(questions))}
        for example, question in zip(found, questions, strict=True):
            fold = f"fold {place[question] % FOLDS + 1}"
            dealt.setdefault(f"{name}, {fold}", []).append(example)
            together[f"{name}, {fold}"] = fold
    return dealt, together


def fit(
    sets: Sets,
    *,
    read: bool,
    encoder: str,
    reader: str,
    heavier: Mapping[str, float] | None = None,
    costs: Costs = _COSTS,
    together: Together | None = None,
) -> tuple[SupportModel, dict[str, Judged]]:
    """Fit the whole model; also return how each set is judged by models fitted to the others."""
    judged = cross_judged(sets, read=read, heavier=heavier, together=together)
    threshold, floor = thresholds(judged, costs)
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


def rescale(
    model: SupportModel,
    sets: Sets,
    *,
    read: bool,
    costs: Costs = _COSTS,
    together: Together | None = None,
) -> tuple[SupportModel, dict[str, Judged]]:
    """Fit confidence and thresholds of a model anew, and keep its weights of the sentences.

    Also return how each set is judged with a confidence fitted to the others.
    """
    seen = {name: judge(model.sentence, found, read=read) for name, found in sets.items()}
    judged = _cross_confident(seen, together)
    slope, offset = fit_confidence(seen)
    threshold, floor = thresholds(judged, costs)
    changed = replace(model, slope=slope, offset=offset, threshold=threshold, floor=floor)
    return changed, judged


def cross_answered(
    judged: Mapping[str, Judged], costs: Costs = _COSTS, together: Together | None = None
) -> dict[str, NDArray[np.bool_]]:
    """Tell which questions of each set a threshold lets through that was chosen on the others."""
    answered: dict[str, NDArray[np.bool_]] = {}
    for names, others in _left_out(judged, together):
        threshold, _ = thresholds(others, costs)
        answered |= {name: judged[name].confidence >= threshold for name in names}
    return {name: answered[name] for name in judged}


def thresholds(judged: Mapping[str, Judged], costs: Costs = _COSTS) -> tuple[float, float]:
    """Return the confidence from which to answer, and that below which nothing is near.

    The first makes the errors, each in units of what it may be, equal: the mean over the sets of
    false refusals, and that over the sets and kinds of misses of false answers. Under the second
    is half of the far misses, and it is at most half of the first.
    """
    values = np.unique(np.concatenate([j.confidence for j in judged.values()]).round(3))

    def excess(threshold: float) -> float:
        refused, answered = [], []
        for found in judged.values():
            yes = found.kinds == "answerable"
            refused += [(found.confidence[yes] < threshold).mean()] if yes.any() else []
            for kind in sorted(set(found.kinds[~yes])):
                answered.append((found.confidence[found.kinds == kind] >= threshold).mean())
        cost = np.mean(answered) / costs.answers if answered else 0
        return float(np.mean(refused) / costs.refusals - cost)

    threshold = float(min(values, key=lambda value: abs(excess(value))))
    far = [j.confidence[j.kinds == "far"] for j in judged.values()]
    every = np.concatenate(far) if far else np.array([])
    floor = float(np.quantile(every, 0.5)) if len(every) else threshold / 2
    return threshold, min(floor, threshold / 2)


def _left_out(
    sets: Mapping[str, _Set], together: Together | None
) -> Iterator[tuple[list[str], dict[str, _Set]]]:
    """Yield the names of the sets left out together, and the others."""
    groups = together or {name: name for name in sets}
    for group in dict.fromkeys(groups[name] for name in sets):
        names = [name for name in sets if groups[name] == group]
        yield names, {name: found for name, found in sets.items() if groups[name] != group}


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
