"""From a question to ranked passages."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from pincite.embed.encoder import Encoder
from pincite.library.store import Library
from pincite.records import DocumentInfo, Hit, Leg, Passage
from pincite.retrieve.fuse import coverage, fuse, inverse_document_frequencies
from pincite.search.cache import SearchIndexes
from pincite.text import content_terms, index_terms

# Passages taken from each leg: deep enough that a passage ranked low by one leg can be lifted.
DEPTH = 50


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was found for a question, and what the answer stage needs to judge it.

    ``vector`` is the question's embedding, shape (d,); ``idf`` holds the question's content
    terms; ``known`` is the share in [0, 1] of their idf mass that occurs anywhere in the library,
    ``size`` the number of its passages, and ``background`` the mean cosine of the (at most 50)
    passages nearest to the question: what chance alone brings up.
    """

    question: str
    vector: NDArray[np.float32]
    idf: dict[str, float]
    generation: int
    hits: list[Hit]
    known: float
    size: int
    background: float
    timings_ms: dict[str, float]


@lru_cache(maxsize=20_000)
def passage_terms(text: str) -> frozenset[str]:
    """Return the distinct index terms of a text; passages never change, so they are kept."""
    return frozenset(index_terms(text))


class Retriever:
    """Ranks the library's passages for a question. Safe to use from several threads."""

    def __init__(
        self, library: Library, indexes: Callable[[], SearchIndexes], encoder: Encoder
    ) -> None:
        self.library = library
        self.encoder = encoder
        self._indexes = indexes

    def retrieve(self, question: str, k: int, leg: Leg = "fused") -> list[Hit]:
        """Return the k best passages, best first; fewer when the library is smaller.

        Args:
            question: Any text.
            k: Passages wanted, at least 1.
            leg: "dense" or "lexical" ranks by one index alone; "fused" by both.
        """
        return self.search(question, k, leg).hits

    def search(self, question: str, k: int, leg: Leg = "fused") -> Retrieval:
        """Do what ``retrieve`` does, and keep the question's vector, terms and timings."""
        started = perf_counter()
        vector = self.encoder.encode_queries([question])[0]
        embedded = perf_counter()
        indexes = self._indexes()
        depth = max(k, DEPTH)
        terms = content_terms(question)
        nearest = indexes.dense.search(vector[np.newaxis], depth)[0]
        dense = nearest if leg != "lexical" else []
        lexical = indexes.lexical.search(terms, depth) if leg != "dense" else []
        frequencies = {term: indexes.lexical.document_frequency(term) for term in terms}
        idf = inverse_document_frequencies(frequencies, indexes.lexical.size)
        evidence, passages, infos = self._evidence({h.passage_id for h in (*dense, *lexical)}, idf)
        # Passages deleted since the indexes were made are no longer in the library.
        best = [f for f in fuse(dense, lexical, evidence) if f.passage_id in passages][:k]
        cosines = indexes.dense.similarities(vector, [f.passage_id for f in best])
        return Retrieval(
            question=question,
            vector=vector,
            idf=idf,
            generation=indexes.generation,
            hits=[
                Hit(
                    passage=passages[f.passage_id],
                    document=infos[passages[f.passage_id].document_id],
                    fused=f.fused,
                    dense_rank=f.dense_rank,
                    lexical_rank=f.lexical_rank,
                    cosine=cosine,
                    coverage=evidence[f.passage_id],
                )
                for f, cosine in zip(best, cosines, strict=True)
            ],
            known=coverage(idf, [term for term, frequency in frequencies.items() if frequency]),
            size=indexes.lexical.size,
            background=float(np.mean([hit.score for hit in nearest])) if nearest else 0.0,
            timings_ms={
                "embed": 1000 * (embedded - started),
                "search": 1000 * (perf_counter() - embedded),
            },
        )

    def _evidence(
        self, ids: set[int], idf: dict[str, float]
    ) -> tuple[dict[int, float], dict[int, Passage], dict[str, DocumentInfo]]:
        with self.library.snapshot():
            passages = self.library.passages(ids)
            infos = self.library.infos({p.document_id for p in passages.values()})
        evidence = {
            i: coverage(idf, self._terms(passage, infos[passage.document_id].title))
            for i, passage in passages.items()
        }
        return evidence, passages, infos

    @staticmethod
    def _terms(passage: Passage, title: str) -> frozenset[str]:
        return passage_terms(passage.text) | passage_terms(f"{title}\n{passage.heading}")
