"""From a question to ranked passages."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from pincite.embed.encoder import Encoder
from pincite.library.store import Library
from pincite.records import DocumentInfo, Hit, Leg, Passage, Scored
from pincite.retrieve.fuse import Evidence, Fused, coverage, fuse, inverse_document_frequencies
from pincite.search.cache import SearchIndexes
from pincite.text import content_terms, index_terms, primary_language

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


@lru_cache(maxsize=20_000)
def passage_language(text: str) -> str:
    """Return a passage's language as ``primary_language`` does; kept like its terms."""
    return primary_language(text)


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
        dense = indexes.dense.search(vector[np.newaxis], depth)[0]
        lexical = indexes.lexical.search(terms, depth)
        frequencies = {term: indexes.lexical.document_frequency(term) for term in terms}
        idf = inverse_document_frequencies(frequencies, indexes.lexical.size)
        # Passages deleted since the indexes were made are no longer in the library.
        passages, infos = self._stored({hit.passage_id for hit in (*dense, *lexical)})
        dense, lexical = (
            [h for h in hits if h.passage_id in passages] for hits in (dense, lexical)
        )
        cosines = dict(zip(passages, indexes.dense.similarities(vector, [*passages]), strict=True))
        language = primary_language(question)
        evidence = {
            i: Evidence(
                cosine=cosines[i],
                coverage=coverage(idf, self._terms(passage, infos[passage.document_id].title)),
                foreign=passage_language(passage.text) != language,
            )
            for i, passage in passages.items()
        }
        best = (fuse(dense, lexical, evidence) if leg == "fused" else _alone(leg, dense, lexical))[
            :k
        ]
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
                    cosine=evidence[f.passage_id].cosine,
                    coverage=evidence[f.passage_id].coverage,
                )
                for f in best
            ],
            known=coverage(idf, [term for term, frequency in frequencies.items() if frequency]),
            size=indexes.lexical.size,
            background=float(np.mean([hit.score for hit in dense])) if dense else 0.0,
            timings_ms={
                "embed": 1000 * (embedded - started),
                "search": 1000 * (perf_counter() - embedded),
            },
        )

    def _stored(self, ids: set[int]) -> tuple[dict[int, Passage], dict[str, DocumentInfo]]:
        with self.library.snapshot():
            passages = self.library.passages(ids)
            return passages, self.library.infos({p.document_id for p in passages.values()})

    @staticmethod
    def _terms(passage: Passage, title: str) -> frozenset[str]:
        return passage_terms(passage.text) | passage_terms(f"{title}\n{passage.heading}")


def _alone(leg: Leg, dense: list[Scored], lexical: list[Scored]) -> list[Fused]:
    if leg == "dense":
        return [Fused(hit.passage_id, hit.score, rank, None) for rank, hit in enumerate(dense, 1)]
    return [Fused(hit.passage_id, hit.score, None, rank) for rank, hit in enumerate(lexical, 1)]
