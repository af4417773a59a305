"""How far a confidence can be trusted: ranking, calibration, risk against coverage.

A question is *right* if the sentence that the confidence speaks of hits gold evidence; an
unanswerable question is never right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 10
"""Bins of the reliability diagram where there are enough questions."""
PER_BIN = 10
"""Fewest questions a bin needs; with fewer than BINS * PER_BIN there are fewer bins."""

_DRAWS = 1_000
_SEED = 20_250_601


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of like confidence: their number, mean confidence and share right."""

    questions: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """If everything of at least ``confidence`` were answered: the share answered, and wrong."""

    confidence: float
    coverage: float
    risk: float


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Return the chance that a positive scores above a negative, ties counting half.

    Source:
        Hanley and McNeil, Radiology 143(1), 1982 (the Mann-Whitney statistic).
    """
    if not positive or not negative:
        return None
    ordered = np.sort(np.asarray(negative))
    below = np.searchsorted(ordered, positive, "left")
    up_to = np.searchsorted(ordered, positive, "right")
    return float((below + up_to).sum() / (2 * len(positive) * len(negative)))


def bin_count(questions: int) -> int:
    """Return how many bins so many questions are put into: 10, or fewer below 100 questions."""
    return max(1, min(BINS, questions // PER_BIN))


def reliability(confidence: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Put questions into bins of equal number, least confident first.

    Equal confidences keep the order given. Where the number is not divisible, the first bins have
    one more.

    Source:
        Nixon et al., "Measuring Calibration in Deep Learning", CVPR workshops 2019 (equal mass).
    """
    if not confidence:
        return []
    order = np.argsort(np.asarray(confidence), kind="stable")
    values, hits = np.asarray(confidence)[order], np.asarray(right, dtype=float)[order]
    count = bin_count(len(values))
    parts = zip(np.array_split(values, count), np.array_split(hits, count), strict=True)
    return [Bin(len(v), float(v.mean()), float(h.mean())) for v, h in parts]


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return the mean gap between confidence and share right, weighted by the bins' sizes.

    Source:
        Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015.
    """
    total = sum(one.questions for one in bins)
    gaps = sum(one.questions * abs(one.confidence - one.right) for one in bins)
    return gaps / total if total else None


def calibration_noise(confidence: Sequence[float]) -> float | None:
    """Return the calibration error that a perfectly calibrated confidence would show on average.

    What is right is drawn 1,000 times from the confidences themselves, with a fixed seed.

    Source:
        Bröcker and Smith, "Increasing the Reliability of Reliability Diagrams", Weather and
        Forecasting 22(3), 2007 (consistency resampling).
    """
    if not confidence:
        return None
    values = np.sort(np.asarray(confidence, dtype=float))
    parts = np.array_split(np.arange(len(values)), bin_count(len(values)))
    generator = np.random.default_rng(_SEED)
    gaps = np.zeros(_DRAWS)
    for part in parts:
        right = generator.random((_DRAWS, len(part))) < values[part]
        gaps += np.abs((right - values[part]).sum(axis=1))
    return float(gaps.mean() / len(values))


def risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> list[RiskPoint]:
    """Return the curve that a moving threshold draws, from the most confident question on.

    Questions of equal confidence are taken together, so that no order among them is invented.

    Source:
        El-Yaniv and Wiener, "On the Foundations of Noise-free Selective Classification", JMLR
        11, 2010.
    """
    points: list[RiskPoint] = []
    total = len(confidence)
    pairs = sorted(zip(confidence, right, strict=True), key=lambda pair: -pair[0])
    wrong = 0
    for number, (value, is_right) in enumerate(pairs, 1):
        wrong += not is_right
        if number == total or pairs[number][0] != value:
            points.append(RiskPoint(value, number / total, wrong / number))
    return points


def area_under_risk(points: Sequence[RiskPoint]) -> float | None:
    """Return the mean over the questions of the risk at which each is reached.

    Source:
        Geifman, Uziel and El-Yaniv, "Bias-Reduced Uncertainty Estimation", ICLR 2019 (AURC).
    """
    if not points:
        return None
    area, before = 0.0, 0.0
    for point in points:
        area += (point.coverage - before) * point.risk
        before = point.coverage
    return area
