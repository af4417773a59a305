"""Neighbouring passages, merged into the contexts that a reader is given."""

from collections.abc import Sequence
from itertools import pairwise

from pincite.explanation import Context
from pincite.records import Hit, Passage


def contexts(hits: Sequence[Hit]) -> list[Context]:
    """Merge passages that follow one another in their document into one span each.

    The passages themselves, and so the offsets of what is quoted from them, stay as they are;
    ``document.text[start:end]`` of a context is its text.

    Args:
        hits: Retrieved passages, best first.

    Returns:
        Contexts in the order of their best passage; ``passages`` in the document's order. Each
        hit is in one.
    """
    rank = {hit.passage.id: place for place, hit in enumerate(hits)}
    ordered = sorted((hit.passage for hit in hits), key=lambda p: (p.document_id, p.ordinal))
    runs: list[list[Passage]] = [[passage] for passage in ordered[:1]]
    for before, passage in pairwise(ordered):
        if (before.document_id, before.ordinal + 1) == (passage.document_id, passage.ordinal):
            runs[-1].append(passage)
        else:
            runs.append([passage])
    runs.sort(key=lambda run: min(rank[passage.id] for passage in run))
    return [
        Context(run[0].document_id, run[0].start, run[-1].end, tuple(p.id for p in run))
        for run in runs
    ]
