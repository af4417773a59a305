"""Reranking: a second, dearer judgement of the passages that rank first."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from pincite.library.embedding import embedding_text
from pincite.records import Hit

PASSAGES_RERANKED = 20


class Reranker(Protocol):
    """Judges how well each of a few texts answers a question."""

    @property
    def name(self) -> str:
        """The model's name and revision: equal names give equal scores."""
        ...

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one score per text, higher for better; comparable within one call only.

        Raises:
            EncoderError: If the model fails.
        """
        ...


def reranked(reranker: Reranker, question: str, hits: Sequence[Hit]) -> list[Hit]:
    """Return hits with the reranker's scores, best first; equal scores keep their order."""
    scores = reranker.score(
        question,
        [embedding_text(h.document.title, h.passage.heading, h.passage.text) for h in hits],
    )
    judged = [replace(hit, rerank=score) for hit, score in zip(hits, scores, strict=True)]
    return sorted(judged, key=lambda hit: -(hit.rerank or 0.0))
