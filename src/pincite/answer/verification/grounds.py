"""Sentences that may support a statement, one or several together, and how they compare with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pincite.answer.citations import shown_text
from pincite.answer.verification.amounts import amounts
from pincite.answer.verification.comparison import (
    BETWEEN,
    Nearness,
    Row,
    Surroundings,
    features,
    is_between,
)
from pincite.answer.verification.facts import Facts, facts
from pincite.answer.verification.held import missing_quantities
from pincite.answer.verification.opposites import without_negation, without_side
from pincite.answer.verification.quoting import is_quoted, reserved
from pincite.embed.encoder import Encoder, Matrix
from pincite.records import Hit, Span
from pincite.retrieve.duplicates import sentences_of
from pincite.retrieve.retriever import passage_terms

# Of how many of the nearest sentences one, two and three are taken.
_AMONG = {1: 6, 2: 5, 3: 4}
_MOST_LEFT_OUT = 2
# Log of how many times longer than a statement several sentences of another language may be.
_MOST_UNDER = 0.5
_UNDER = BETWEEN.index("under")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A retrieved sentence; ``number`` is its passage's, from 1."""

    number: int
    hit: Hit
    span: Span
    text: str
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Grounds:
    """Sentences of one document that may support a statement together, and their features.

    ``between`` tells that they are in another language than the statement, so that the features
    are ``comparison.BETWEEN``, not ``WITHIN``; ``excluded`` that the statement has a quantity that
    their passages lack, that they say it under a reservation, or that several of another language
    are much longer than it.
    """

    sentences: tuple[Sentence, ...]
    features: Row
    between: bool
    excluded: bool


class Said:
    """A statement: what it says, its vector, those of its names and of it without decisive words.

    The last are made only where there are sentences of another language.
    """

    def __init__(self, text: str, encoder: Encoder) -> None:
        self.facts: Facts = facts(text)
        self._encoder = encoder

    @cached_property
    def vector(self) -> NDArray[np.float32]:
        """Its embedding, shape (d,)."""
        vector: NDArray[np.float32] = self._encoder.encode_passages([self.facts.text])[0]
        return vector

    def near(self, rows: Matrix, *, between: bool) -> Nearness:
        """Compare with the vectors of sentences, shape (sentences, d), taken together."""
        whole = rows.sum(axis=0)
        whole /= float(np.linalg.norm(whole)) or 1.0
        cosine = float(self.vector @ whole)
        if not between:
            return Nearness(cosine)
        return Nearness(
            cosine,
            float((self._names @ rows.T).max(axis=1).min()) if len(self._names) else None,
            float((cosine - self._unnegated @ whole).min(initial=0.0)),
            float((cosine - self._sideless @ whole).min(initial=0.0)),
        )

    @cached_property
    def _names(self) -> Matrix:
        return self._encode(self.facts.names)

    @cached_property
    def _unnegated(self) -> Matrix:
        return self._encode(without_negation(self.facts.text)[:_MOST_LEFT_OUT])

    @cached_property
    def _sideless(self) -> Matrix:
        return self._encode(without_side(self.facts.text)[:_MOST_LEFT_OUT])

    def _encode(self, texts: Sequence[str]) -> Matrix:
        kept = [text for text in texts if text.strip()]
        if not kept:
            return np.zeros((0, len(self.vector)), dtype=np.float32)
        return self._encoder.encode_passages(kept)


class Sentences:
    """The sentences of the retrieved passages."""

    def __init__(
        self, hits: Sequence[Hit], vectors: Mapping[int, Matrix], encoder: Encoder
    ) -> None:
        """Take the passages; sentences of passages that ``vectors`` lacks are encoded."""
        self.all: list[Sentence] = []
        for number, hit in enumerate(hits, 1):
            texts = sentences_of(hit.passage)
            rows = vectors.get(hit.passage.id)
            rows = encoder.encode_passages(texts) if rows is None else rows
            for span, text, row in zip(hit.passage.sentences, texts, rows, strict=True):
                self.all.append(Sentence(number, hit, span, text, row))
        self._around: dict[int, Surroundings] = {}

    def of(self, numbers: Sequence[int]) -> list[Sentence]:
        """Return the sentences of some of the passages, by their numbers."""
        wanted = frozenset(numbers)
        return [s for s in self.all if s.number in wanted]

    def grounds(self, said: Said, among: Sequence[Sentence]) -> Iterator[Grounds]:
        """Yield what may support a statement: the nearest sentences, then two, three together."""
        near = _nearest(said, among) if among else []
        for size, first in _AMONG.items():
            for chosen in combinations(near[:first], size):
                if len({s.hit.document.id for s in chosen}) == 1:
                    yield self._compared(said, chosen)

    def _compared(self, said: Said, chosen: tuple[Sentence, ...]) -> Grounds:
        told = [facts(s.text) for s in chosen]
        around = [self._surroundings(s.hit) for s in chosen]
        there = [q for a in around for q in a.quantities]
        missing, *_ = missing_quantities(said.facts, told, there)
        between = is_between(said.facts, told)
        near = said.near(np.stack([s.vector for s in chosen]), between=between)
        row = features(said.facts, told, around, near)
        too_many = between and len(chosen) > 1 and row[_UNDER] > _MOST_UNDER
        excluded = bool(missing or too_many) or reserved(said.facts, told)
        return Grounds(chosen, row, between, excluded)

    def _surroundings(self, hit: Hit) -> Surroundings:
        passage = hit.passage
        if passage.id not in self._around:
            named = f"{hit.document.title}\n{passage.heading}\n{hit.document.published or ''}"
            self._around[passage.id] = Surroundings(
                passage_terms(named),
                passage_terms(passage.text),
                # The source's own reference numbers, [47], are no quantities.
                (*amounts(named), *amounts(shown_text(passage.text))),
            )
        return self._around[passage.id]


def literal(statement: str, among: Sequence[Sentence]) -> Sentence | None:
    """Return the sentence that a statement is word for word, or is a part of that stands alone."""
    return next((sentence for sentence in among if is_quoted(statement, sentence.text)), None)


def _nearest(said: Said, among: Sequence[Sentence]) -> list[Sentence]:
    """Return the sentences nearest to a statement by their vectors and the terms in common."""
    cosines = np.stack([s.vector for s in among]) @ said.vector
    terms = frozenset(said.facts.terms)
    scores = [
        float(cosine) + len(terms & passage_terms(s.text)) / max(1, len(terms))
        for cosine, s in zip(cosines, among, strict=True)
    ]
    order = sorted(range(len(among)), key=lambda place: (-scores[place], place))
    return [among[place] for place in order[: _AMONG[1]]]
