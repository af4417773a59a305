"""How well a sentence supports an answer to a question: features and logistic models."""

import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pincite.embed.encoder import Matrix
from pincite.quantities.asked import asked_kind, holds
from pincite.records import Hit, Span
from pincite.retrieve.fuse import coverage
from pincite.retrieve.retriever import Retrieval, passage_language, passage_terms

WEIGHTS = Path(__file__).with_name("support.json")

# Of a sentence. cosine: of question and sentence; _passage: of the passage; _best_passage: of the
# nearest one; _cross: where the languages differ; _above: minus the mean over all candidates.
# background: mean over the nearest passages of the library. coverage: idf share of the question's
# terms in the sentence, in its passage, in the sentence with its title and headings (unweighted);
# translated: share of the question's words that a passage in another language holds, as they are or
# translated; unknown: idf share that the whole library lacks, where the languages are the same.
# fused_below: of the passage's fused score, minus the best passage's. wanted: whether a quantity is
# there of the kind that the question asks for. names_missing, stated_missing: share of the names
# and quantities in the question that no retrieved passage of the document has, nor its title.
SENTENCE = (
    "cosine",
    "cosine_above",
    "cosine_best_passage",
    "cosine_passage",
    "cosine_cross",
    "cosine_passage_cross",
    "background",
    "log_size",
    "coverage",
    "coverage_passage",
    "coverage_named",
    "translated",
    "unknown",
    "cross_language",
    "fused_below",
    "wanted_there",
    "wanted_missing",
    "names_missing",
    "stated_missing",
    "log_length",
    "log_terms",
)
# Of a sentence, by the reader: logits of its best answer and of all its answers, and the first
# minus the best of any candidate.
READING = ("read_best", "read_every", "read_below")

Row = NDArray[np.float64]

_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z0-9\u00c0-\u024f'’&.+-]*")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, where it stands, and its features.

    ``features`` are in the order of ``SENTENCE``, followed by ``READING`` if it was read.
    """

    hit: Hit
    span: Span
    text: str
    vector: NDArray[np.float32]
    features: Row


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression: weights of features in a fixed order."""

    weights: Row
    bias: float

    @classmethod
    def load(cls, stored: Mapping[str, Any], names: Sequence[str]) -> "Logistic":
        """Take the weights of these features.

        Raises:
            ValueError: If they were fitted to others.
        """
        if tuple(stored["weights"]) != tuple(names):
            raise ValueError(f"weights of {list(stored['weights'])}, wanted {list(names)}")
        return cls(np.array([*stored["weights"].values()]), float(stored["bias"]))

    def log_odds(self, features: Row) -> float:
        """Return the log-odds of features, shape (f,)."""
        return float(self.weights @ features) + self.bias


def probability(log_odds: float) -> float:
    """Return the probability in (0, 1) with these log-odds."""
    return 1 / (1 + math.exp(-log_odds))


@dataclass(frozen=True, slots=True)
class SupportModel:
    """What a sentence's features say of its answering, and the best sentence's of the answer.

    ``encoder`` and ``reader`` name what it was fitted to; ``reader`` is "" where nothing is read.
    ``slope`` and ``offset`` turn the best sentence's log-odds into those of its being right, which
    are lower: it is the best of many. An answer is given from the confidence ``threshold`` on;
    below ``floor`` nothing is near.

    Source:
        Platt, "Probabilistic Outputs for Support Vector Machines", 1999 (slope and offset).
    """

    encoder: str
    reader: str
    sentence: Logistic
    slope: float
    offset: float
    threshold: float
    floor: float

    @classmethod
    def load(cls, path: Path = WEIGHTS, *, reader: str = "") -> "SupportModel":
        """Read the weights that ``training/support.py`` or ``pincite calibrate`` wrote.

        Args:
            path: The file.
            reader: Revision of the reader whose scores the sentences will have; "" for none.

        Raises:
            ValueError: If the file was fitted to other features, or its numbers make no sense.
        """
        stored = json.loads(path.read_text(encoding="utf-8"))
        fitted = stored["read" if reader else "unread"]
        names = (*SENTENCE, *READING) if reader else SENTENCE
        model = cls(
            encoder=stored["encoder"],
            reader=stored["reader"] if reader else "",
            sentence=Logistic.load(fitted, names),
            slope=fitted["slope"],
            offset=fitted["offset"],
            threshold=fitted["threshold"],
            floor=fitted["floor"],
        )
        numbers = [*model.sentence.weights, model.sentence.bias, model.slope, model.offset]
        if not (np.isfinite(numbers).all() and model.slope > 0):
            raise ValueError(f"weights must be finite and the slope above 0, found {fitted}")
        if not 0 <= model.floor <= model.threshold <= 1:
            raise ValueError(f"floor {model.floor}, threshold {model.threshold}: wrong order")
        return model

    def confidence(self, best: float) -> float:
        """Return the probability that a question's best sentence answers, from its log-odds."""
        return probability(self.slope * best + self.offset)


@lru_cache(maxsize=20_000)
def _holds(kind: str, text: str) -> bool:
    return holds(kind, text)  # type: ignore[arg-type]


def candidates(
    retrieval: Retrieval,
    vectors: Mapping[int, NDArray[np.float32]],
    readings: Mapping[int, Matrix] | None = None,
) -> list[Candidate]:
    """List the sentences of the retrieved passages with their features, as fusion ranked them.

    Args:
        retrieval: The question and its hits.
        vectors: For each passage id its sentences' vectors, shape (sentences, d).
        readings: For each passage id what ``Reader.read`` says, shape (sentences, 2).
    """
    # The features measure by the hit that fusion put first, which a reranker may have moved.
    hits = sorted(retrieval.hits, key=lambda hit: -hit.fused)
    best_passage = max((hit.cosine for hit in hits), default=0.0)
    kind = asked_kind(retrieval.question)
    names = question_names(retrieval.question)
    stated = frozenset(term for term in retrieval.idf if term.startswith("#"))
    documents = _document_terms(hits)
    language = passage_language(retrieval.question)
    terms = retrieval.idf.keys()
    found = []
    for hit in hits:
        passage = hit.passage
        named = passage_terms(f"{hit.document.title}\n{passage.heading}")
        held = documents[passage.document_id]
        cosines = vectors[passage.id] @ retrieval.vector
        for number, span in enumerate(passage.sentences):
            text = passage.text[span.start - passage.start : span.end - passage.start]
            said = passage_terms(text)
            cross = language != passage_language(text)
            there = kind is not None and _holds(kind, text)
            cosine = float(cosines[number])
            row = [
                cosine,
                0.0,
                best_passage,
                hit.cosine,
                cosine * cross,
                hit.cosine * cross,
                retrieval.background,
                math.log(retrieval.size),
                coverage(retrieval.idf, said),
                hit.coverage,
                _share(terms, said | named),
                hit.translated or 0.0,
                (1 - retrieval.known) * (not cross),
                float(cross),
                hit.fused - hits[0].fused,
                float(there),
                float(kind is not None and not there),
                1 - _share(names, held) if names else 0.0,
                1 - _share(stated, held) if stated else 0.0,
                math.log1p(len(said)),
                math.log1p(len(terms)),
            ]
            if readings is not None:
                best, every = readings[passage.id][number]
                row += [float(best), float(every), 0.0]
            vector = vectors[passage.id][number]
            found.append(Candidate(hit, span, text, vector, np.array(row, dtype=np.float64)))
    _compare(found, read=readings is not None)
    return found


@lru_cache(maxsize=1_000)
def question_names(question: str) -> frozenset[str]:
    """Return the index terms of the names and codes that a question writes in Latin letters.

    In English a name is a capitalised word that does not begin the question, or a code with
    digits; in another language any word in Latin letters.
    """
    english = passage_language(question) == "en"
    words = _LATIN.findall(question)
    named = [
        word
        for place, word in enumerate(words)
        if not english or (place and word[0].isupper()) or any(c.isdigit() for c in word)
    ]
    return frozenset(term for word in named for term in passage_terms(word))


def _document_terms(hits: Sequence[Hit]) -> dict[str, frozenset[str]]:
    """Return for each document the terms of its title and of its retrieved passages."""
    terms: dict[str, frozenset[str]] = {}
    for hit in hits:
        said = passage_terms(hit.passage.text) | passage_terms(
            f"{hit.document.title}\n{hit.passage.heading}"
        )
        terms[hit.passage.document_id] = terms.get(hit.passage.document_id, frozenset()) | said
    return terms


def _compare(found: list[Candidate], *, read: bool) -> None:
    """Fill in the features that compare a candidate with all of them."""
    if not found:
        return
    above = SENTENCE.index("cosine_above")
    mean = np.mean([c.features[0] for c in found])
    for candidate in found:
        candidate.features[above] = candidate.features[0] - mean
    if read:
        first = len(SENTENCE)
        best = max(c.features[first] for c in found)
        for candidate in found:
            candidate.features[-1] = candidate.features[first] - best


def _share(terms: Collection[str], among: frozenset[str]) -> float:
    return sum(term in among for term in terms) / len(terms) if terms else 0.0


def ranked(model: SupportModel, found: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
    """Pair candidates with their log-odds of answering, most probable first."""
    scored = [(model.sentence.log_odds(c.features), c) for c in found]
    return sorted(scored, key=lambda s: (-s[0], s[1].hit.passage.id, s[1].span.start))
