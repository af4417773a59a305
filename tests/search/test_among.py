"""A search limited to some passages is exact: it equals one of all, the others left out."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pincite.library.store import IndexRow
from pincite.records import Scored
from pincite.search.dense import DenseIndex, Ids
from pincite.search.lexical import LexicalIndex
from tests.search.test_dense import brute_force, unit

WORDS = ["ano", "elu", "ima", "oru", "uke"]


def some_of(ids: Ids, share: float, random: np.random.Generator) -> Ids:
    """A share of the ids, and some that no passage has."""
    kept = ids[random.random(len(ids)) < share]
    return np.sort(np.concatenate([kept, np.array([5000, 7001], dtype=np.int64)]))


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(0, 120),
    distinct=st.integers(1, 8),
    k=st.integers(1, 70),
    share=st.sampled_from([0.0, 0.02, 0.3, 0.9, 1.0]),
    seed=st.integers(0, 99),
)
def test_dense_hits_are_those_of_brute_force(
    n: int, distinct: int, k: int, share: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    vectors = unit(distinct, seed=seed)[random.integers(0, distinct, n)].reshape(-1, 16)
    ids = random.permutation(1000)[:n].astype(np.int64)
    among = some_of(ids, share, random)
    query = unit(1, seed=seed + 1)
    (hits,) = DenseIndex.build(ids, vectors).search(query, k, among)
    inside = np.isin(ids, among)
    wanted = brute_force(ids[inside], vectors[inside], query[0], k)
    assert [hit.passage_id for hit in hits] == [hit.passage_id for hit in wanted]
    np.testing.assert_allclose(
        [hit.score for hit in hits], [hit.score for hit in wanted], atol=1e-5
    )


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 150),
    k=st.integers(1, 20),
    share=st.sampled_from([0.0, 0.02, 0.3, 1.0]),
    seed=st.integers(0, 99),
)
def test_lexical_hits_are_those_of_a_search_of_all(n: int, k: int, share: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    ids = random.permutation(1000)[:n].astype(np.int64)
    rows = [
        IndexRow(int(i), "", "", " ".join(random.choice(WORDS, random.integers(1, 4)))) for i in ids
    ]
    index = LexicalIndex.build(None, rows)
    among = some_of(ids, share, random)
    terms = ["ano", "oru"]
    wanted = [hit for hit in index.search(terms, 1000) if hit.passage_id in among]
    assert index.search(terms, k, among=among) == wanted[:k]


def test_nothing_is_among_nothing() -> None:
    none = np.array([], dtype=np.int64)
    rows = [IndexRow(i, "", "", "word") for i in range(50)]
    assert LexicalIndex.build(None, rows).search(["word"], 5, among=none) == []
    assert DenseIndex.build(np.arange(50), unit(50)).search(unit(1), 5, none) == [[]]


def test_one_of_many_equal_passages_is_found() -> None:
    only = np.array([949], dtype=np.int64)
    rows = [IndexRow(i, "", "", "equal words") for i in range(950)]
    (hit,) = LexicalIndex.build(None, rows).search(["equal"], 5, among=only)
    assert hit.passage_id == 949
    vectors = np.repeat(unit(1), 950, axis=0)
    (hits,) = DenseIndex.build(np.arange(950), vectors).search(vectors[:1], 5, only)
    assert hits == [Scored(949, hits[0].score)]
