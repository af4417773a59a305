"""Fitting the model of support to statements, and what is reported of it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pincite.answer.confidence.fitting import fit_logistic
from pincite.answer.confidence.support import Logistic
from pincite.answer.verification.comparison import BETWEEN, WITHIN
from pincite.answer.verification.statement_model import Scale
from pincite.answer.verification.verify import ABSENT, MOST_ABSENT

ROUNDS = 5
_PLACES = 3
_NEAREST = 2
# Features that may speak for support, and such as may speak either way; all others speak against.
_FOR = ("cosine", "whole", "order", "negation_gain", "side_gain")
_FREE = ("length", "named", "english", "under")
# Chinese by another translator, who spells names otherwise: reported, not fitted to.
NOT_FITTED = ("retold",)
WIDTH = max(len(WITHIN), len(BETWEEN))


@dataclass(frozen=True, slots=True)
class Judged:
    """A statement and what may support it.

    ``pair`` are the languages of statement and article. ``rows`` (grounds, f) are features, filled
    up with zeros, in the order in which the verifier looks at them; ``stage`` is 0 for those of the
    cited passage, 1 for those of all; ``size`` the number of sentences; ``between`` tells whether
    they are in the other language, ``excluded`` that a rule excludes them. ``literal`` tells that
    the statement is literally there.
    """

    pair: str
    kind: str
    source: str
    supported: bool
    fitted: bool
    literal: bool
    text: str
    rows: NDArray[np.float64]
    stage: NDArray[np.int64]
    size: NDArray[np.int64]
    between: NDArray[np.bool_]
    excluded: NDArray[np.bool_]

    @property
    def language(self) -> str:
        """The statement's language."""
        return self.pair[:2]

    @property
    def crosses(self) -> bool:
        """Whether statement and article are in different languages."""
        return bool(self.between.all())


def weighted(found: Sequence[Judged]) -> NDArray[np.float64]:
    """Weigh statements so that pairs of languages, both labels and the kinds in them are equal."""
    kinds = Counter((j.pair, j.supported, j.kind) for j in found)
    groups = Counter((pair, supported) for pair, supported, _ in kinds)
    return np.array(
        [1 / kinds[j.pair, j.supported, j.kind] / groups[j.pair, j.supported] for j in found]
    )


def fit(found: Sequence[Judged], names: Sequence[str]) -> Logistic:
    """Fit the weights, each round also to what the last liked best of unsupported statements.

    Source:
        Felzenszwalb et al., "Object Detection with Discriminatively Trained Part-Based Models",
        TPAMI 2010 (hard negatives).
    """
    used = [j for j in found if not (j.literal or j.excluded.all() or j.kind in NOT_FITTED)]
    weights = weighted(used)
    model = Logistic(np.eye(1, len(names))[0], 0.0)
    for _ in range(ROUNDS):
        chosen = [_chosen(judged, model) for judged in used]
        sizes = np.array([len(rows) for rows in chosen])
        labels = np.repeat([j.supported for j in used], sizes)
        model = _signed(np.concatenate(chosen), labels, np.repeat(weights / sizes, sizes), names)
    return model


def _chosen(judged: Judged, model: Logistic) -> NDArray[np.float64]:
    """Return the grounds that a statement is fitted by.

    Of a supported one the nearest sentence, or the nearest two if it was made of two: those it was
    made of. Of an unsupported one the nearest sentences and what the model likes best.
    """
    rows = judged.rows[:, : len(model.weights)]
    size = 2 if judged.supported and "merged" in judged.kind else 1
    usable = np.flatnonzero(~judged.excluded)
    fitting = usable[judged.size[usable] == size]
    nearest = fitting[np.argsort(-rows[fitting, 0])]
    best = usable[int((rows[usable] @ model.weights).argmax())]
    if judged.supported:
        return rows[nearest[:1] if len(nearest) else [best]]
    return rows[sorted({*nearest[:_NEAREST].tolist(), int(best)})]


def _signed(
    rows: NDArray[np.float64],
    labels: NDArray[np.bool_],
    weights: NDArray[np.float64],
    names: Sequence[str],
) -> Logistic:
    """Fit a model in which no feature counts against its meaning: those that would are left out."""
    kept = [n for n, name in enumerate(names) if rows[:, n].std() > 0]
    while True:
        fitted = fit_logistic(rows[:, kept], labels, weights)
        signs = np.array([_sign(names[n]) for n in kept])
        wrong = fitted.weights * signs < 0
        if not wrong.any():
            break
        kept = [n for n, bad in zip(kept, wrong, strict=True) if not bad]
    full = np.zeros(len(names))
    full[kept] = fitted.weights
    return Logistic(full, fitted.bias)


def _sign(name: str) -> int:
    return 0 if name in _FREE else 1 if name in _FOR else -1


def support(model: Logistic, judged: Judged) -> float:
    """Return the greatest support that a statement has."""
    if judged.literal:
        return 1.0
    odds = judged.rows[:, : len(model.weights)] @ model.weights + model.bias
    strange = ~judged.between & (judged.rows[:, ABSENT] >= MOST_ABSENT)
    return float(1 / (1 + np.exp(-np.where(judged.excluded | strange, -5.0, odds).max())))


def threshold_of(model: Logistic, found: Sequence[Judged], precision: float) -> float:
    """Return the least threshold with a precision."""
    part = [j for j in found if j.kind not in NOT_FITTED]
    scores = np.array([support(model, j) for j in part])
    labels, weights = np.array([j.supported for j in part]), weighted(part)
    order = np.argsort(-scores)
    right = np.cumsum(weights[order] * labels[order])
    good = np.flatnonzero(right / np.cumsum(weights[order]) >= precision)
    return float(np.clip(scores[order][good[-1]], 0.01, 0.99)) if len(good) else 0.99


def scale(found: Sequence[Judged], names: Sequence[str], precision: float) -> Scale:
    """Fit one model and its thresholds."""
    model = fit(found, names)
    english = [j for j in found if j.language == "en"]
    other = [j for j in found if j.language != "en"]
    return Scale(model, *(threshold_of(model, of, precision) for of in (english, other)))


def report(found: Sequence[Judged], fitted: Scale) -> dict[str, dict[str, object]]:
    """Print and return precision, recall and shares of each kind, by languages."""
    told: dict[str, dict[str, object]] = {}
    for pair in sorted({j.pair for j in found}):
        part = [j for j in found if j.pair == pair]
        taken = np.array(
            [support(fitted.logistic, j) >= fitted.threshold(j.language) for j in part]
        )
        told[pair] = _figures(part, taken)
        print(pair, {k: v for k, v in told[pair].items() if not isinstance(v, dict)})
        for label in ("supported", "unsupported"):
            kinds = told[pair][label]
            assert isinstance(kinds, dict)
            for kind, row in kinds.items():
                print(f"    {label:12}{kind:28}{row[0]:6.3f} of {row[1]}")
    return told


def _figures(part: Sequence[Judged], taken: NDArray[np.bool_]) -> dict[str, object]:
    usual = np.array([j.kind not in NOT_FITTED for j in part])
    kept = [j for j in part if j.kind not in NOT_FITTED]
    labels, weights = np.array([j.supported for j in kept]), weighted(kept)
    right = float((weights * (taken[usual] & labels)).sum())
    shares: dict[bool, dict[str, list[bool]]] = {True: defaultdict(list), False: defaultdict(list)}
    for judged, one in zip(part, taken, strict=True):
        shares[judged.supported][judged.kind].append(bool(one))
    return {
        "precision": round(right / max(float((weights * taken[usual]).sum()), 1e-9), _PLACES),
        "recall": round(right / max(float((weights * labels).sum()), 1e-9), _PLACES),
        **{
            label: {
                kind: [round(float(np.mean(v)), _PLACES), len(v)]
                for kind, v in sorted(shares[supported].items())
            }
            for label, supported in (("supported", True), ("unsupported", False))
        },
    }
