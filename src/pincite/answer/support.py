"""How well a sentence supports an answer to a question: features and a logistic model."""

import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pincite.records import Hit, Span
from pincite.retrieve.fuse import coverage
from pincite.retrieve.retriever import Retrieval, passage_terms
from pincite.text import fold, primary_language

WEIGHTS = Path(__file__).with_name("support.json")

# cosine: of question and sentence; _passage: of the passage; _best_passage: of the nearest one;
# _cross: where the languages differ; _above: minus the mean over all candidates. background: mean
# over the nearest passages of the library. coverage: idf share of the question's terms in the
# sentence, in its passage, in the sentence with its title and headings (unweighted); unknown: idf
# share that the whole library lacks, where the languages are the same. fused_share: of the best
# passage's fused score.
FEATURES = (
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
    "unknown",
    "cross_language",
    "fused_share",
    "wanted_number_there",
    "wanted_number_missing",
    "log_length",
    "log_terms",
)

_ASKS_NUMBER = re.compile(
    r"多少|几[^乎]|多大|多长|多久|多高|何时|什么时候|哪一?年|哪一?天|哪一?月|日期|时间"
    r"|\bhow (?:many|much|long|old|far|often|high|large|big|tall)\b|\bwhen\b"
    r"|\bwhat (?:year|date|day|month|time|percentage|share|number|amount|price)\b"
    r"|\bwhich (?:year|date|day|month)\b"
)
_NUMBER = re.compile(
    r"\d|[一二三四五六七八九十百千万亿两半][年月日号个名人元倍万亿百千成%]"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty"
    r"|fifty|hundred|thousand|million|billion|dozen|double|triple|twice|half|january|february"
    r"|march|april|june|july|august|september|october|november|december)\b"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, where it stands, and its features (in ``FEATURES`` order)."""

    hit: Hit
    span: Span
    text: str
    vector: NDArray[np.float32]
    features: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SupportModel:
    """Logistic regression on ``FEATURES``: the probability that a sentence answers."""

    encoder: str
    weights: tuple[float, ...]
    bias: float
    threshold: float
    floor: float

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> "SupportModel":
        """Read the weights that ``training/support.py`` wrote.

        Raises:
            ValueError: If the file was fitted to other features than ``FEATURES``.
        """
        stored = json.loads(path.read_text(encoding="utf-8"))
        if tuple(stored["weights"]) != FEATURES:
            raise ValueError(f"{path.name} holds {list(stored['weights'])}, not {list(FEATURES)}")
        return cls(
            stored["encoder"],
            tuple(stored["weights"].values()),
            stored["bias"],
            stored["threshold"],
            stored["floor"],
        )

    def probability(self, features: NDArray[np.float64]) -> float:
        """Return the probability in (0, 1) that a sentence with these features answers."""
        return 1 / (1 + math.exp(-float(np.dot(self.weights, features)) - self.bias))


@cache
def asks_number(question: str) -> bool:
    """Tell whether a question asks for a number, an amount or a date."""
    return bool(_ASKS_NUMBER.search(fold(question)))


def holds_number(text: str) -> bool:
    """Tell whether a text holds a number, an amount or a date, in digits or in words."""
    return bool(_NUMBER.search(fold(text)))


def candidates(retrieval: Retrieval, vectors: Mapping[int, NDArray[np.float32]]) -> list[Candidate]:
    """List the sentences of the retrieved passages with their features, in rank order.

    Args:
        retrieval: The question and its hits.
        vectors: For each passage id its sentences' vectors, shape (sentences, d).
    """
    hits = retrieval.hits
    best_passage = max((hit.cosine for hit in hits), default=0.0)
    number = asks_number(retrieval.question)
    language = primary_language(retrieval.question)
    terms = retrieval.idf.keys()
    found = []
    for hit in hits:
        passage = hit.passage
        sentences = vectors[passage.id]
        named = passage_terms(f"{hit.document.title}\n{passage.heading}")
        cosines = sentences @ retrieval.vector
        for span, vector, cosine in zip(passage.sentences, sentences, cosines, strict=True):
            text = passage.text[span.start - passage.start : span.end - passage.start]
            said = passage_terms(text)
            cross = language != primary_language(text)
            there = number and holds_number(text)
            row = (
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
                (1 - retrieval.known) * (not cross),
                float(cross),
                hit.fused / hits[0].fused,
                float(there),
                float(number and not there),
                math.log1p(len(said)),
                math.log1p(len(terms)),
            )
            found.append(Candidate(hit, span, text, vector, np.array(row, dtype=np.float64)))
    mean = np.mean([c.features[0] for c in found]) if found else 0.0
    for candidate in found:
        candidate.features[1] = candidate.features[0] - mean
    return found


def _share(terms: Collection[str], among: frozenset[str]) -> float:
    return sum(term in among for term in terms) / len(terms) if terms else 0.0


def ranked(model: SupportModel, found: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
    """Pair candidates with their probability of answering, most probable first."""
    scored = [(model.probability(c.features), c) for c in found]
    return sorted(scored, key=lambda s: (-s[0], s[1].hit.passage.id, s[1].span.start))
