"""Passages of whole sentences, each with its exact place in the text."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from operator import attrgetter

from pincite.ingest.cut import cut
from pincite.ingest.marks import skip_space, trim_space
from pincite.ingest.outline import INLINE_LEVEL, Heading, Region, heading_path, outline
from pincite.ingest.sentences import clean_span, sentence_spans
from pincite.records import Chunk, Span

SPLITTER_VERSION = 1
"""Raised with each change of behaviour; a library remembers which version cut its passages."""

_MERGED_SHARE = 4
_MID_PARAGRAPH = 0.15


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence on its way into a passage. ``start`` is where its list mark begins.

    ``section`` and ``paragraph`` number what it belongs to; ``tokens`` counts
    ``text[start:end]``, ``gap`` the text back to the unit before: references, headings.
    """

    start: int
    body: int
    end: int
    section: int
    paragraph: int
    tokens: int = 0
    gap: int = 0


class Splitter:
    """Cuts texts into passages of whole sentences, packed under their headings, no overlap.

    ``count_tokens`` counts each text's tokens, as the encoder does. ``max_tokens`` is the most a
    passage holds; what its title and heading take, the caller subtracts first. Counts are summed
    over sentences, so a tokenizer that merges across them may differ by a token or two; only a
    single character of more tokens than that passes the limit. ``target_tokens`` (by default
    ``max_tokens``) is the size passages are balanced towards.
    """

    def __init__(
        self,
        count_tokens: Callable[[Sequence[str]], list[int]],
        max_tokens: int,
        target_tokens: int | None = None,
    ) -> None:
        target = max_tokens if target_tokens is None else target_tokens
        if not 1 <= target <= max_tokens:
            raise ValueError(
                f"target_tokens is {target} and max_tokens {max_tokens}; "
                "wanted 1 <= target_tokens <= max_tokens"
            )
        self._count = count_tokens
        self._max = max_tokens
        self._target = target

    def split(self, text: str) -> list[Chunk]:
        """Return the passages of a text in order; empty only if the text has no content.

        Sections under different headings share a passage only if it stays below a quarter of
        ``max_tokens``; its heading is then the first one's, and the others lie inside its span.
        """
        units, headings = _units(text)
        units = self._fitting(text, self._counted(text, units))
        return [
            Chunk(
                group[0].start,
                group[-1].end,
                headings[group[0].section],
                tuple(Span(unit.body, unit.end) for unit in group),
            )
            for section in self._sections(units)
            for group in self._packed(section)
        ]

    def _counted(self, text: str, units: list[_Unit]) -> list[_Unit]:
        """Count all units and the gaps between them in one call."""
        gaps = [
            text[a.end : b.start] if skip_space(text, a.end, b.start) < b.start else ""
            for a, b in pairwise(units)
        ]
        counts = self._count([text[u.start : u.end] for u in units] + [gap for gap in gaps if gap])
        extra = iter(counts[len(units) :])
        between = [0, *(next(extra) if gap else 0 for gap in gaps)]
        return [
            replace(unit, tokens=tokens, gap=gap)
            for unit, tokens, gap in zip(units, counts, between, strict=False)
        ]

    def _fitting(self, text: str, units: list[_Unit]) -> list[_Unit]:
        """Cut the units that alone exceed a passage until each fits or is a single character."""
        while any(unit.tokens > self._max for unit in units):
            pieces = [self._pieces(text, unit) for unit in units]
            if all(len(piece) == 1 for piece in pieces):
                break
            fresh = [piece for group in pieces if len(group) > 1 for piece in group]
            counts = iter(self._count([text[unit.start : unit.end] for unit in fresh]))
            units = [
                unit if len(group) == 1 else replace(unit, tokens=next(counts))
                for group in pieces
                for unit in group
            ]
        return units

    def _pieces(self, text: str, unit: _Unit) -> list[_Unit]:
        if unit.tokens <= self._max:
            return [unit]
        spans = cut(text, unit.body, unit.end, math.ceil(unit.tokens / self._max))
        clean = [
            (skip_space(text, start, end), trim_space(text, start, end)) for start, end in spans
        ]
        return [
            replace(
                unit,
                start=start if i else unit.start,
                body=start,
                end=end,
                gap=0 if i else unit.gap,
            )
            for i, (start, end) in enumerate(clean)
            if start < end
        ]

    def _sections(self, units: list[_Unit]) -> Iterator[list[_Unit]]:
        """Yield the units of each section, small neighbours taken together."""
        merged: list[_Unit] = []
        for _, group in groupby(units, key=attrgetter("section")):
            section = list(group)
            if merged and _size([*merged, *section]) * _MERGED_SHARE > self._max:
                yield merged
                merged = section
            else:
                merged = [*merged, *section]
        if merged:
            yield merged

    def _packed(self, section: list[_Unit]) -> Iterator[list[_Unit]]:
        """Yield passages of about equal size, broken between paragraphs where that costs little."""
        rest = _size(section)
        first = 0
        while first < len(section):
            goal = rest / max(1, math.ceil(rest / self._target))
            last = self._break(section, first, goal)
            yield section[first:last]
            rest -= _size(section[first:last]) + (section[last].gap if last < len(section) else 0)
            first = last

    def _break(self, section: list[_Unit], first: int, goal: float) -> int:
        """Return where the passage that begins at ``first`` is best ended."""
        best, best_cost = first + 1, math.inf
        size = -section[first].gap
        for i in range(first, len(section)):
            size += section[i].gap + section[i].tokens
            if size > self._target and i > first:
                break
            whole = i + 1 == len(section) or section[i + 1].paragraph != section[i].paragraph
            cost = abs(size - goal) + (0 if whole else _MID_PARAGRAPH * self._target)
            if cost <= best_cost:
                best, best_cost = i + 1, cost
        return best


def _size(units: list[_Unit]) -> int:
    """Count a passage's tokens: its units and the gaps between them."""
    return sum(unit.tokens + unit.gap for unit in units) - units[0].gap


def _region_units(text: str, region: Region, section: int, paragraph: int) -> list[_Unit]:
    if region.whole:
        span = clean_span(text, region.body, region.end)
        spans = [span] if span else []
    else:
        spans = sentence_spans(text, region.body, region.end)
    return [
        _Unit(span.start if i else region.start, span.start, span.end, section, paragraph)
        for i, span in enumerate(spans)
    ]


def _above(above: list[Heading], element: Heading | Region) -> list[Heading]:
    """Return the headings that stand above what follows ``element``, or above its own text."""
    if isinstance(element, Heading):
        return [*(h for h in above if h.level < element.level), element]
    if element.level is not None:
        return [h for h in above if h.level < element.level]
    if above and above[-1].level == INLINE_LEVEL and not element.inline:
        return above[:-1]
    return above


def _units(text: str) -> tuple[list[_Unit], list[str]]:
    """Return a text's sentences in order, and the heading path of each section."""
    units: list[_Unit] = []
    paths: list[str] = []
    above: list[Heading] = []
    written: list[Heading] | None = None
    for number, element in enumerate(outline(text)):
        above = _above(above, element)
        if isinstance(element, Region):
            if above != written:
                paths.append(heading_path(text, above))
                written = above
            units += _region_units(text, element, len(paths) - 1, number)
    start, end = skip_space(text, 0, len(text)), trim_space(text, 0, len(text))
    if not units and start < end:
        return [_Unit(start, start, end, 0, 0)], [""]
    return units, paths
