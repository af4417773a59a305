"""Differences between two runs of the same questions, with paired bootstrap intervals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pincite.evaluate.confidence import bin_count
from pincite.evaluate.measures import nearest_rank

RESAMPLES = 10_000
_SEED = 20_250_601
_CELLS = 2_000_000

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Resamples:
    """Draws of n questions with replacement, shape (m, n): which, and how often each was drawn."""

    indices: NDArray[np.int64]
    weights: Vector


Figure = Callable[[Resamples], Vector]
"""The value of a figure in each resample, shape (m,); nan where it cannot be measured."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure in two runs, and the 95 % interval of new minus old; None where not measured."""

    name: str
    old: float | None
    new: float | None
    low: float | None
    high: float | None

    @property
    def change(self) -> float | None:
        """New minus old."""
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def sure(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def differences(
    old: Sequence[Mapping[str, Figure]], new: Sequence[Mapping[str, Figure]], sizes: Sequence[int]
) -> list[Difference]:
    """Compare figures over the same questions; over several sets, their means.

    Each of 10,000 resamples draws the questions of each set anew, the same for both runs, with a
    fixed seed. The interval is of percentiles.

    Args:
        old: For each set its figures by name.
        new: The same of the other run.
        sizes: The number of questions in each set.

    Source:
        Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    names = [name for name in new[0] if all(name in of for of in (*old, *new))]
    before = {name: _observed([of[name] for of in old], sizes) for name in names}
    after = {name: _observed([of[name] for of in new], sizes) for name in names}
    wanted = [name for name in names if before[name] is not None and after[name] is not None]
    drawn: dict[str, list[Vector]] = {name: [] for name in wanted}
    for draws in _draw(sizes):
        for name in wanted:
            both = [_mean([of[name] for of in run], draws) for run in (old, new)]
            drawn[name].append(both[1] - both[0])
    found = []
    for name in names:
        values = np.concatenate(drawn[name]) if name in wanted else np.array([])
        values = values[~np.isnan(values)]
        low, high = np.percentile(values, [2.5, 97.5]) if len(values) else (None, None)
        interval = (None if low is None else float(low), None if high is None else float(high))
        found.append(Difference(name, before[name], after[name], *interval))
    return found


def _draw(sizes: Sequence[int]) -> Iterator[list[Resamples]]:
    generator = np.random.default_rng(_SEED)
    at_once = max(1, _CELLS // max(1, *sizes))
    for first in range(0, RESAMPLES, at_once):
        count = min(at_once, RESAMPLES - first)
        yield [resamples(generator.integers(0, size, (count, size))) for size in sizes]


def resamples(indices: NDArray[np.int64]) -> Resamples:
    """Count how often each question was drawn; ``indices`` has shape (m, n)."""
    count, size = indices.shape
    flat = (indices + size * np.arange(count)[:, np.newaxis]).ravel()
    weights = np.bincount(flat, minlength=count * size).reshape(count, size)
    return Resamples(indices, weights.astype(float))


def _observed(figures: Sequence[Figure], sizes: Sequence[int]) -> float | None:
    value = _mean(figures, [resamples(np.arange(size)[np.newaxis]) for size in sizes])[0]
    return None if np.isnan(value) else float(value)


def _mean(figures: Sequence[Figure], draws: Sequence[Resamples]) -> Vector:
    """Average over the sets that have the figure."""
    values = np.stack([figure(draw) for figure, draw in zip(figures, draws, strict=True)])
    counts = (~np.isnan(values)).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(values, axis=0) / np.where(counts, counts, np.nan))


def ratio(part: Sequence[float], whole: Sequence[float]) -> Figure:
    """Make the figure sum(part) / sum(whole) over the questions drawn."""
    above, below = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)

    def figure(draw: Resamples) -> Vector:
        total = draw.weights @ below
        return np.asarray(draw.weights @ above / np.where(total, total, np.nan))

    return figure


def percentile_of(values: Sequence[float], percent: float) -> Figure:
    """Make the figure that is a nearest-rank percentile."""
    column = np.asarray(values, dtype=float)

    def figure(draw: Resamples) -> Vector:
        ordered = np.sort(column[draw.indices], axis=1)
        return np.asarray(ordered[:, nearest_rank(percent, len(column))])

    return figure


def auroc_of(confidence: Sequence[float], positive: Sequence[bool]) -> Figure:
    """Make the figure ``confidence.auroc``."""
    order, starts = _groups(confidence, 1)
    is_positive = np.asarray(positive, dtype=float)[order]

    def figure(draw: Resamples) -> Vector:
        weights = draw.weights[:, order]
        ups = np.add.reduceat(weights * is_positive, starts, axis=1)
        downs = np.add.reduceat(weights * (1 - is_positive), starts, axis=1)
        below = np.cumsum(downs, axis=1) - downs
        pairs = ups.sum(axis=1) * downs.sum(axis=1)
        return np.asarray((ups * (below + downs / 2)).sum(axis=1) / np.where(pairs, pairs, np.nan))

    return figure


def aurc_of(confidence: Sequence[float], right: Sequence[bool]) -> Figure:
    """Make the figure ``confidence.area_under_risk``."""
    order, starts = _groups(confidence, -1)
    wrong = 1 - np.asarray(right, dtype=float)[order]

    def figure(draw: Resamples) -> Vector:
        weights = draw.weights[:, order]
        drawn = np.add.reduceat(weights, starts, axis=1)
        errors = np.cumsum(np.add.reduceat(weights * wrong, starts, axis=1), axis=1)
        reached = np.cumsum(drawn, axis=1)
        risk = errors / np.where(reached, reached, 1)
        return np.asarray((drawn * risk).sum(axis=1) / weights.sum(axis=1))

    return figure


def ece_of(confidence: Sequence[float], right: Sequence[bool]) -> Figure:
    """Make the figure ``confidence.calibration_error``."""
    order = np.argsort(np.asarray(confidence), kind="stable")
    gap = (np.asarray(confidence) - np.asarray(right, dtype=float))[order]
    place = np.argsort(order)
    bins = np.array_split(np.arange(len(order)), bin_count(len(order)))
    starts = [int(one[0]) for one in bins]

    def figure(draw: Resamples) -> Vector:
        drawn = gap[np.sort(place[draw.indices], axis=1)]
        return np.asarray(
            np.abs(np.add.reduceat(drawn, starts, axis=1)).sum(axis=1) / drawn.shape[1]
        )

    return figure


def _groups(confidence: Sequence[float], sign: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order by confidence (``sign`` -1: falling), and say where each of its values starts."""
    values = sign * np.asarray(confidence, dtype=float)
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return order, starts
