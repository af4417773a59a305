"""How a statement compares with sentences that may support it: the features of the model."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pincite.answer.verification.facts import Facts, clauses
from pincite.answer.verification.held import missing_quantities
from pincite.ingest.marks import width
from pincite.quantities.find import Quantity
from pincite.retrieve.retriever import passage_terms

# Of a statement and one to three sentences of its language. cosine: of their vectors. absent:
# share of the statement's content terms that are not in the sentences, their headings and title,
# _passage: nor in their passages; missing: log of the number of places where they are missing, so
# that a word counts once in either language; whole: none is absent; order: of the terms that are
# there, the share that comes in the same order. name_absent: of the names, the largest share not
# there; elsewhere: quantities that only the rest of the passage has; small_missing: whole numbers
# below ten that the sentences lack. negation_added: the statement negates and the sentences do not,
# _lost: the reverse, by the clauses that it is about. opposed: pairs of opposites on which they
# take different sides; side_added, side_lost: sides that only the statement, only the sentences
# take. over, under: log of how much longer, shorter the statement is; joined: further sentences;
# joined_absent: where terms are still absent, _under: times under, for sentences of which little is
# used are there for a word only.
WITHIN = (
    "cosine",
    "absent",
    "absent_passage",
    "missing",
    "missing_passage",
    "whole",
    "order",
    "name_absent",
    "name_absent_passage",
    "elsewhere",
    "small_missing",
    "negation_added",
    "negation_lost",
    "opposed",
    "side_added",
    "side_lost",
    "length",
    "over",
    "under",
    "joined",
    "joined_absent",
    "joined_under",
)
# Of sentences of another language. name_absent: of the names in Latin letters; name_far: 1 minus
# the smallest cosine of a name and the sentences, named: whether there are names. negation_gain,
# side_gain: what the cosine loses without the statement's negation, without the word that takes a
# side (the smallest loss of any; below 0 where the sentences do not say it). english: whether the
# statement is English.
BETWEEN = (
    "cosine",
    "name_absent",
    "name_far",
    "named",
    "elsewhere",
    "small_missing",
    "negation_added",
    "negation_lost",
    "negation_gain",
    "opposed",
    "side_added",
    "side_lost",
    "side_gain",
    "length",
    "over",
    "under",
    "joined",
    "joined_under",
    "english",
)
# Columns of a Chinese text for one of its English translation's.
_CHINESE_COLUMNS = 1.5
Row = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands round a sentence: terms of title and headings, and of the whole passage."""

    named: frozenset[str]
    passage: frozenset[str]
    quantities: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class Nearness:
    """What the vectors say of a statement and sentences.

    ``name`` is the smallest cosine of one of the statement's names and the sentences, None without
    names; ``negation`` and ``side`` what the cosine loses without the words that negate or take a
    side, 0 without such words. These three are for sentences of another language.
    """

    cosine: float
    name: float | None = None
    negation: float = 0.0
    side: float = 0.0


def is_between(statement: Facts, sentences: Sequence[Facts]) -> bool:
    """Tell whether a statement and sentences are in different scripts."""
    return all((statement.language == "en") != (s.language == "en") for s in sentences)


def features(
    statement: Facts,
    sentences: Sequence[Facts],
    around: Sequence[Surroundings],
    near: Nearness,
) -> Row:
    """Return the features of a statement and sentences of one document.

    Args:
        statement: The statement.
        sentences: One to three.
        around: Of the sentences' passages.
        near: What their vectors say.

    Returns:
        Those of ``BETWEEN`` if ``is_between``, else those of ``WITHIN``.
    """
    said = between if is_between(statement, sentences) else within
    return np.array(said(statement, sentences, around, near), dtype=np.float64)


def within(
    statement: Facts, sentences: Sequence[Facts], around: Sequence[Surroundings], near: Nearness
) -> list[float]:
    """Return the features ``WITHIN``."""
    here, there = _terms(sentences, around)
    terms = frozenset(statement.terms)
    absent, nowhere = len(terms - here), len(terms - there)
    runs = _runs(statement, here)
    over, under = _lengths(statement, sentences)
    joined = len(sentences) - 1
    clause_negations = _clause_negations(statement, sentences)
    return [
        near.cosine,
        _share(absent, len(terms)),
        _share(nowhere, len(terms)),
        math.log1p(runs),
        math.log1p(_runs(statement, there)),
        not absent,
        _order(statement, sentences),
        max((_absent(name, here) for name in statement.names), default=0.0),
        max((_absent(name, there) for name in statement.names), default=0.0),
        *_quantities(statement, sentences, around),
        statement.negations > clause_negations,
        statement.negations < clause_negations,
        *_sides(statement, sentences),
        math.log1p(len(terms)),
        over,
        under,
        joined,
        joined * (runs > 0),
        joined * under,
    ]


def between(
    statement: Facts, sentences: Sequence[Facts], around: Sequence[Surroundings], near: Nearness
) -> list[float]:
    """Return the features ``BETWEEN``."""
    here, _ = _terms(sentences, around)
    english = statement.language == "en"
    latin = [name for name in statement.names if name.isascii() and not english]
    more = statement.negations - sum(s.negations for s in sentences)
    over, under = _lengths(statement, sentences)
    joined = len(sentences) - 1
    return [
        near.cosine,
        max((_absent(name, here) for name in latin), default=0.0),
        0.0 if near.name is None else 1 - near.name,
        near.name is not None,
        *_quantities(statement, sentences, around),
        min(2, max(0, more)),
        min(2, max(0, -more)),
        near.negation,
        *_sides(statement, sentences),
        near.side,
        math.log1p(width(statement.text)),
        over,
        under,
        joined,
        joined * under,
        english,
    ]


def _terms(
    sentences: Sequence[Facts], around: Sequence[Surroundings]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the terms of the sentences with title and headings, and with their passages too."""
    here = frozenset[str]().union(*(s.all_terms for s in sentences), *(a.named for a in around))
    return here, here.union(*(a.passage for a in around))


def _runs(statement: Facts, terms: frozenset[str]) -> int:
    """Count the stretches of a statement's terms that are not among others."""
    absent = [term not in terms for term in statement.terms]
    return sum(now and not before for before, now in pairwise([False, *absent]))


def _quantities(
    statement: Facts, sentences: Sequence[Facts], around: Sequence[Surroundings]
) -> tuple[int, int]:
    there = [q for surroundings in around for q in surroundings.quantities]
    _, elsewhere, small = missing_quantities(statement, sentences, there)
    return elsewhere, small


def _sides(statement: Facts, sentences: Sequence[Facts]) -> tuple[int, int, int]:
    """Count the pairs on which both take different sides, and the sides that only one takes."""
    taken = frozenset[int]().union(*(s.stances for s in sentences))
    opposed = sum(-side in taken and side not in taken for side in statement.stances)
    return opposed, len(statement.stances - taken), len(taken - statement.stances)


def _lengths(statement: Facts, sentences: Sequence[Facts]) -> tuple[float, float]:
    columns = [
        width(said.text) * (1.0 if said.language == "en" else _CHINESE_COLUMNS)
        for said in (statement, *sentences)
    ]
    longer = math.log(columns[0] / sum(columns[1:]))
    return max(0.0, longer), max(0.0, -longer)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _absent(name: str, terms: frozenset[str]) -> float:
    named = passage_terms(name)
    return _share(len(named - terms), len(named))


def _clause_negations(statement: Facts, sentences: Sequence[Facts]) -> int:
    """Count the negations in those clauses that the statement is about, in all if in none."""
    parts = [clause for s in sentences for clause in clauses(s.text)]
    mine = frozenset(statement.terms)
    near = [n for terms, n in parts if len(mine & terms) >= 0.5 * max(1, len(terms))]
    return sum(near or [n for _, n in parts])


def _order(statement: Facts, sentences: Sequence[Facts]) -> float:
    """Return the share of common terms that stand in the same order (longest subsequence)."""
    told = [term for s in sentences for term in s.terms]
    place = {term: number for number, term in reversed([*enumerate(told)])}
    places = [place[term] for term in statement.terms if term in place]
    if not places:
        return 0.0
    longest: list[int] = []
    for number in places:
        at = bisect_left(longest, number)
        longest[at : at + 1] = [number]
    return len(longest) / len(places)
