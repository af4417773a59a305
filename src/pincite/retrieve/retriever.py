"""From a question to ranked passages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from pincite.embed.encoder import Encoder
from pincite.embed.lexicon import Lexicon
from pincite.explanation import NO_FILTERS, Filters
from pincite.library.store import Library
from pincite.records import DocumentInfo, Hit, Leg, Passage, Scored
from pincite.retrieve.duplicates import Said, collapsed, sentences_of
from pincite.retrieve.filters import Allowed, allowed, normalised
from pincite.retrieve.fuse import Evidence, Fused, coverage, fuse, inverse_document_frequencies
from pincite.retrieve.rerank import PASSAGES_RERANKED, Reranker, reranked
from pincite.search.cache import SearchIndexes
from pincite.text import content_terms, index_terms, primary_language

# Passages taken from each leg: deep enough that a passage ranked low by one leg can be lifted.
DEPTH = 50
_FILTERS_KEPT = 16


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was found for a question, and what the answer stage needs to judge it.

    ``vector`` is the question's embedding, shape (d,); ``idf`` holds the question's content
    terms; ``known`` is the share in [0, 1] of their idf mass that occurs anywhere in the library,
    ``size`` the number of passages searched, and ``background`` the mean cosine of the (at most
    50) passages nearest to the question: what chance alone brings up. ``allowed`` is what the
    filters, here normalised, let through; None without filters.
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
    filters: Filters = NO_FILTERS
    allowed: Allowed | None = None


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
        self,
        library: Library,
        indexes: Callable[[], SearchIndexes],
        encoder: Encoder,
        reranker: Reranker | None = None,
        *,
        passages_reranked: int = PASSAGES_RERANKED,
        lexicon: Callable[[], Lexicon] | None = None,
    ) -> None:
        """Rank by the two indexes, and the ``passages_reranked`` best again by the reranker.

        The ``lexicon`` is asked for once a passage in another language than its question is found;
        without one such passages are judged by their cosines and the words shared alone.
        """
        self.library = library
        self.encoder = encoder
        self.reranker = reranker
        self._passages_reranked = passages_reranked
        self._indexes = indexes
        self._lexicon = lexicon
        self._allowed = lru_cache(maxsize=_FILTERS_KEPT)(self._find_allowed)

    def retrieve(
        self,
        question: str,
        k: int,
        leg: Leg = "fused",
        filters: Filters = NO_FILTERS,
        *,
        collapse: bool = True,
    ) -> list[Hit]:
        """Return the k best passages, best first; fewer when fewer are there to be searched.

        Args:
            question: Any text.
            k: Passages wanted, at least 1.
            leg: "dense" or "lexical" ranks by one index alone; "fused" by both and then, where
                there is one, by the reranker.
            filters: Which documents are searched.
            collapse: Whether passages that add nothing to better ones give up their places.

        Raises:
            InputError: If a filter is no filter.
        """
        return self.search(question, k, leg, filters, collapse=collapse).hits

    def search(
        self,
        question: str,
        k: int,
        leg: Leg = "fused",
        filters: Filters = NO_FILTERS,
        *,
        collapse: bool = True,
    ) -> Retrieval:
        """Do what ``retrieve`` does, and keep the question's vector, terms and timings."""
        started = perf_counter()
        filters = normalised(filters) if filters else NO_FILTERS
        vector = self.encoder.encode_queries([question])[0]
        embedded = perf_counter()
        indexes = self._indexes()
        limits = self._allowed(indexes.generation, filters) if filters else None
        among = limits.ids if limits else None
        depth = max(k, DEPTH)
        asked = _asked(question, vector, indexes)
        dense = indexes.dense.search(vector[np.newaxis], depth, among)[0]
        lexical = indexes.lexical.search([*asked.idf], depth, among=among) if leg != "dense" else []
        # Passages deleted since the indexes were made are no longer in the library.
        passages, infos = self._stored({hit.passage_id for hit in (*dense, *lexical)})
        dense, lexical = (
            [h for h in hits if h.passage_id in passages] for hits in (dense, lexical)
        )
        lexicon = self._lexicon if leg == "fused" else None
        evidence = _evidence(asked, passages, infos, indexes, lexicon)
        ranked = fuse(dense, lexical, evidence) if leg == "fused" else _alone(leg, dense, lexical)
        most = max(k, self._passages_reranked) if self.reranker else k
        groups = _groups(ranked, passages, most) if collapse else [[f] for f in ranked[:most]]
        bm25 = {h.passage_id: h.score for h in lexical}

        def hit(f: Fused, *duplicates: Fused) -> Hit:
            return Hit(
                passage=passages[f.passage_id],
                document=infos[passages[f.passage_id].document_id],
                fused=f.fused,
                dense_rank=f.dense_rank,
                lexical_rank=f.lexical_rank,
                cosine=evidence[f.passage_id].cosine,
                coverage=evidence[f.passage_id].coverage,
                translated=evidence[f.passage_id].translated,
                lexical=bm25.get(f.passage_id),
                duplicates=tuple(map(hit, duplicates)),
            )

        hits = [hit(*group) for group in groups]
        timings = {
            "embed": 1000 * (embedded - started),
            "search": 1000 * (perf_counter() - embedded),
        }
        if self.reranker and leg == "fused":
            reranking = perf_counter()
            hits = self._reranked(self.reranker, question, hits)
            timings["rerank"] = 1000 * (perf_counter() - reranking)
        return Retrieval(
            question=question,
            vector=vector,
            idf=asked.idf,
            generation=indexes.generation,
            hits=hits[:k],
            known=asked.known,
            size=limits.ids.size if limits else indexes.lexical.size,
            background=_background(dense),
            timings_ms=timings,
            filters=filters,
            allowed=limits,
        )

    def reconsider(self, question: str, found: Retrieval) -> Retrieval:
        """Judge the passages that were found for one question as if found for another.

        Their order and their ranks stay those of the first; similarities, terms and fused scores
        are the other's.
        """
        started = perf_counter()
        vector = self.encoder.encode_queries([question])[0]
        indexes = self._indexes()
        asked = _asked(question, vector, indexes)
        passages = {hit.passage.id: hit.passage for hit in found.hits}
        infos = {hit.document.id: hit.document for hit in found.hits}
        evidence = _evidence(asked, passages, infos, indexes, self._lexicon)
        fused = {
            f.passage_id: f.fused for f in fuse([Scored(i, 0.0) for i in passages], [], evidence)
        }
        among = found.allowed.ids if found.allowed else None
        return replace(
            found,
            question=question,
            vector=vector,
            idf=asked.idf,
            known=asked.known,
            background=_background(indexes.dense.search(vector[np.newaxis], DEPTH, among)[0]),
            hits=[
                replace(
                    hit,
                    fused=fused[hit.passage.id],
                    cosine=evidence[hit.passage.id].cosine,
                    coverage=evidence[hit.passage.id].coverage,
                    translated=evidence[hit.passage.id].translated,
                )
                for hit in found.hits
            ],
            timings_ms={"search": 1000 * (perf_counter() - started)},
        )

    def _find_allowed(self, generation: int, filters: Filters) -> Allowed:
        # The generation is a part of the key: with a new one the documents are looked at again.
        return allowed(self.library, filters)

    def _reranked(self, reranker: Reranker, question: str, hits: list[Hit]) -> list[Hit]:
        most = self._passages_reranked
        return [*reranked(reranker, question, hits[:most]), *hits[most:]]

    def _stored(self, ids: set[int]) -> tuple[dict[int, Passage], dict[str, DocumentInfo]]:
        with self.library.snapshot():
            passages = self.library.passages(ids)
            return passages, self.library.infos({p.document_id for p in passages.values()})


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as the indexes see it; the fields are those of ``Retrieval``."""

    text: str
    vector: NDArray[np.float32]
    idf: dict[str, float]
    known: float


def _asked(question: str, vector: NDArray[np.float32], indexes: SearchIndexes) -> _Asked:
    terms = content_terms(question)
    frequencies = {term: indexes.lexical.document_frequency(term) for term in terms}
    idf = inverse_document_frequencies(frequencies, indexes.lexical.size)
    known = coverage(idf, [term for term, frequency in frequencies.items() if frequency])
    return _Asked(question, vector, idf, known)


def _evidence(
    asked: _Asked,
    passages: Mapping[int, Passage],
    infos: Mapping[str, DocumentInfo],
    indexes: SearchIndexes,
    lexicon: Callable[[], Lexicon] | None,
) -> dict[int, Evidence]:
    cosines = indexes.dense.similarities(asked.vector, [*passages])
    above = {i: f"{infos[p.document_id].title}\n{p.heading}" for i, p in passages.items()}
    language = primary_language(asked.text)
    foreign = {i: p for i, p in passages.items() if passage_language(p.text) != language}
    translated: dict[int, float] = {}
    if foreign and lexicon:
        shares = lexicon().shares(asked.text, [f"{above[i]}\n{foreign[i].text}" for i in foreign])
        translated = dict(zip(foreign, shares.tolist(), strict=True))
    return {
        i: Evidence(
            cosine=cosine,
            coverage=coverage(asked.idf, passage_terms(p.text) | passage_terms(above[i])),
            foreign=i in foreign,
            translated=translated.get(i),
        )
        for (i, p), cosine in zip(passages.items(), cosines, strict=True)
    }


def _background(dense: Sequence[Scored]) -> float:
    return float(np.mean([hit.score for hit in dense])) if dense else 0.0


def _groups(
    ranked: Sequence[Fused], passages: Mapping[int, Passage], most: int
) -> list[list[Fused]]:
    """Return the best passages, each followed by those that add nothing to it."""
    found = (passages[f.passage_id] for f in ranked)
    said = (Said(p.document_id, p.text, passage_terms(p.text), sentences_of(p)) for p in found)
    groups = collapsed(said, most)
    return [[ranked[place] for place in group] for group in groups]


def _alone(leg: Leg, dense: list[Scored], lexical: list[Scored]) -> list[Fused]:
    if leg == "dense":
        return [Fused(hit.passage_id, hit.score, rank, None) for rank, hit in enumerate(dense, 1)]
    return [Fused(hit.passage_id, hit.score, None, rank) for rank, hit in enumerate(lexical, 1)]
