"""The report's charts: points in user units of an SVG, with what they say in words."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pincite.evaluate.confidence import Bin, RiskPoint
from pincite.evaluate.measures import percentile
from pincite.records import Leg

WIDTH, HEIGHT = 480, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 456, 16, 248
_ROWS = 12
_BARS = 24


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis and what is written there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points, drawn in the style of its name; ``label`` is in the legend."""

    points: str
    style: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """A point with what it says."""

    x: float
    y: float
    text: str
    style: str = "dot"


@dataclass(frozen=True, slots=True)
class Bar:
    """An upright bar with what it says."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with labelled axes, its text alternative, and the numbers behind it as a table."""

    title: str
    text: str
    x_label: str
    y_label: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    lines: list[Line]
    dots: list[Dot]
    bars: list[Bar]
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


def risk_chart(points: Sequence[RiskPoint], now: tuple[float, float] | None) -> Chart | None:
    """Draw risk against coverage; ``now`` is where the run itself stands."""
    if not points:
        return None
    top = _nice(max([point.risk for point in points] + ([now[1]] if now else [])))
    x, y = _scale(0, 1, LEFT, RIGHT), _scale(0, top, BOTTOM, TOP)
    dots = (
        [
            Dot(
                x(now[0]),
                y(now[1]),
                f"As run: {now[0]:.0%} answered, {now[1]:.0%} of them wrong",
                "now",
            )
        ]
        if now
        else []
    )
    told = f" As run, {now[0]:.0%} are answered and {now[1]:.0%} of those are wrong." if now else ""
    return Chart(
        title="Risk and coverage",
        text="The share of wrong answers against the share of questions answered, as the"
        f" threshold falls. Answering all, {points[-1].risk:.0%} are wrong.{told}",
        x_label="share of questions answered",
        y_label="share of them wrong",
        x_ticks=_percents(x, 1),
        y_ticks=_percents(y, top),
        lines=[Line(_points((x(p.coverage), y(p.risk)) for p in points), "line-1")],
        dots=dots,
        bars=[],
        columns=("confidence at least", "answered", "wrong"),
        rows=[(f"{p.confidence:.3f}", f"{p.coverage:.1%}", f"{p.risk:.1%}") for p in _some(points)],
    )


def reliability_chart(bins: Sequence[Bin]) -> Chart | None:
    """Draw the share right against the mean confidence, bin by bin."""
    if not bins:
        return None
    x, y = _scale(0, 1, LEFT, RIGHT), _scale(0, 1, BOTTOM, TOP)
    widest = max(bins, key=lambda one: abs(one.confidence - one.right))
    return Chart(
        title="Calibration",
        text=f"Share right against confidence in {len(bins)} bins of equal number. On the dashed"
        f" line the confidence says what is true. The widest gap: confidence"
        f" {widest.confidence:.2f}, right {widest.right:.2f}.",
        x_label="confidence",
        y_label="share right",
        x_ticks=_percents(x, 1, percent=False),
        y_ticks=_percents(y, 1),
        lines=[
            Line(_points([(x(0), y(0)), (x(1), y(1))]), "ideal", "perfectly calibrated"),
            Line(_points((x(b.confidence), y(b.right)) for b in bins), "line-1", "this run"),
        ],
        dots=[
            Dot(
                x(b.confidence),
                y(b.right),
                f"{b.questions} questions: confidence {b.confidence:.2f}, right {b.right:.0%}",
            )
            for b in bins
        ],
        bars=[],
        columns=("questions", "mean confidence", "right"),
        rows=[(str(b.questions), f"{b.confidence:.3f}", f"{b.right:.1%}") for b in bins],
    )


def recall_chart(curves: Mapping[Leg, Sequence[float]], what: str) -> Chart | None:
    """Draw recall at k by leg; ``what`` names that which is found."""
    curves = {leg: curve for leg, curve in curves.items() if curve}
    if not curves:
        return None
    depth = max(len(curve) for curve in curves.values())
    x, y = _scale(1, depth, LEFT, RIGHT), _scale(0, 1, BOTTOM, TOP)
    shown = sorted({1, depth, *(k for k in (2, 3, 5, 10, 20, 30, 40) if k < depth)})
    first = next(iter(curves.values()))
    return Chart(
        title="Recall at k",
        text=f"{what} among the first k. With the first ranking: {first[0]:.0%} at 1,"
        f" {first[-1]:.0%} at {depth}.",
        x_label="k, passages or documents looked at",
        y_label="recall",
        x_ticks=[Tick(x(k), str(k)) for k in shown if k not in (2, 3) or depth <= 10],
        y_ticks=_percents(y, 1),
        lines=[
            Line(_points((x(k), y(r)) for k, r in enumerate(curve, 1)), f"line-{n}", leg)
            for n, (leg, curve) in enumerate(curves.items(), 1)
        ],
        dots=[],
        bars=[],
        columns=("k", *curves),
        rows=[(str(k), *(f"{curve[k - 1]:.1%}" for curve in curves.values())) for k in shown],
    )


def latency_chart(milliseconds: Sequence[float], what: str) -> Chart | None:
    """Draw how many took how long; what is past the 99th percentile is in the last bar."""
    median, most = percentile(milliseconds, 50), percentile(milliseconds, 99)
    if median is None or most is None:
        return None
    end = _nice(most)
    width = end / _BARS
    counts = Counter(min(_BARS - 1, int(ms / width)) for ms in milliseconds)
    top = max(counts.values())
    x, y = _scale(0, end, LEFT, RIGHT), _scale(0, top, BOTTOM, TOP)
    slow = percentile(milliseconds, 95) or 0.0
    return Chart(
        title="Time",
        text=f"Milliseconds for {what}, one after another: half take at most {median:.1f}, 95 % at"
        f" most {slow:.1f}; the slowest took {max(milliseconds):.1f}.",
        x_label="milliseconds",
        y_label="questions",
        x_ticks=[Tick(x(end * n / 4), f"{end * n / 4:g}") for n in range(5)],
        y_ticks=[Tick(y(n), str(n)) for n in sorted({0, top // 2, top})],
        lines=[
            Line(_points([(x(ms), y(0)), (x(ms), y(top))]), style, label)
            for ms, style, label in ((median, "line-2", "median"), (slow, "line-3", "95 %"))
            if ms <= end
        ],
        dots=[],
        bars=[
            Bar(
                round(x(n * width) + 1, 1),
                y(count),
                round((RIGHT - LEFT) / _BARS - 2, 1),
                round(BOTTOM - y(count), 1),
                f"{count} from {n * width:.1f} to {(n + 1) * width:.1f} ms"
                if n < _BARS - 1
                else f"{count} from {n * width:.1f} ms",
            )
            for n, count in sorted(counts.items())
        ],
        columns=("from, ms", "questions"),
        rows=[(f"{n * width:.1f}", str(count)) for n, count in sorted(counts.items())],
    )


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    span = (high - low) or 1
    return lambda value: round(start + (value - low) / span * (end - start), 1)


def _points(pairs: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in pairs)


def _percents(scale: Callable[[float], float], top: float, *, percent: bool = True) -> list[Tick]:
    values = [top * n / 5 for n in range(6)]
    return [Tick(scale(v), f"{v:.0%}" if percent else f"{v:.1f}") for v in values]


def _nice(value: float) -> float:
    """Round up to 1, 2, 2.5 or 5 times a power of ten."""
    if value <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(value))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= value - 1e-12)


def _some(points: Sequence[RiskPoint]) -> list[RiskPoint]:
    """Take a dozen points, evenly spread, the last among them."""
    step = max(1, math.ceil(len(points) / _ROWS))
    return list(points[::-1][::step])[::-1]
