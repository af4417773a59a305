"""The dense index against brute force, and everything FAISS would take silently."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pincite.embed.encoder import Matrix
from pincite.errors import IndexMismatchError
from pincite.records import Scored
from pincite.search.dense import DenseIndex, Ids


def unit(rows: int, dimension: int = 16, seed: int = 0) -> Matrix:
    vectors = np.random.default_rng(seed).standard_normal((rows, dimension), dtype=np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def numbers(*ids: int) -> Ids:
    return np.array(ids, dtype=np.int64)


def brute_force(ids: Ids, vectors: Matrix, query: Matrix, k: int) -> list[Scored]:
    scores = vectors.astype(np.float64) @ query.astype(np.float64)
    ranked = sorted(zip(ids, scores, strict=True), key=lambda pair: (-round(pair[1], 5), pair[0]))
    return [Scored(int(i), float(s)) for i, s in ranked[:k]]


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(0, 60), distinct=st.integers(1, 8), k=st.integers(1, 70), seed=st.integers(0, 99)
)
def test_hits_are_those_of_brute_force_with_many_ties(
    n: int, distinct: int, k: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    vectors = unit(distinct, seed=seed)[random.integers(0, distinct, n)].reshape(-1, 16)
    ids = random.permutation(1000)[:n].astype(np.int64)
    queries = unit(3, seed=seed + 1)
    found = DenseIndex.build(ids, vectors).search(queries, k)
    for hits, query in zip(found, queries, strict=True):
        wanted = brute_force(ids, vectors, query, k)
        assert [hit.passage_id for hit in hits] == [hit.passage_id for hit in wanted]
        np.testing.assert_allclose(
            [hit.score for hit in hits], [hit.score for hit in wanted], atol=1e-5
        )


def test_a_query_has_the_same_hits_in_any_batch() -> None:
    index = DenseIndex.build(np.arange(3000), unit(3000, 48))
    queries = unit(64, 48, seed=1)
    assert index.search(queries, 10) == [
        index.search(query[np.newaxis], 10)[0] for query in queries
    ]


def test_ties_beyond_the_slack_are_listed_by_id() -> None:
    vectors = np.repeat(unit(1), 500, axis=0)
    ids = np.random.default_rng(0).permutation(500).astype(np.int64)
    (hits,) = DenseIndex.build(ids, vectors).search(vectors[:1], 5)
    assert [hit.passage_id for hit in hits] == [0, 1, 2, 3, 4]


def test_an_extended_index_is_a_built_one_and_the_first_stays() -> None:
    vectors = unit(30)
    first = DenseIndex.build(np.arange(20), vectors[:20])
    before = first.search(vectors, 30)
    second = first.extended({3, 7, 99}, np.arange(20, 30), vectors[20:])
    kept = np.array([i for i in range(30) if i not in (3, 7)])
    assert second.search(vectors, 30) == DenseIndex.build(kept, vectors[kept]).search(vectors, 30)
    assert first.search(vectors, 30) == before
    assert sorted(second.ids.tolist()) == kept.tolist()
    assert second.extended((), numbers(), unit(0)).search(vectors, 30) == second.search(vectors, 30)


def test_a_saved_index_is_loaded(tmp_path: Path) -> None:
    index = DenseIndex.build(np.arange(5, 25), unit(20))
    index.save(tmp_path / "dense.faiss")
    loaded = DenseIndex.load(tmp_path / "dense.faiss")
    assert loaded.search(unit(4, seed=9), 7) == index.search(unit(4, seed=9), 7)
    assert (loaded.ids == index.ids).all()
    with pytest.raises(OSError, match="nowhere"):
        index.save(tmp_path / "nowhere" / "dense.faiss")


@pytest.mark.parametrize("content", [b"", b"garbage" * 100])
def test_a_file_that_is_no_index_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(IndexMismatchError, match="x"):
        DenseIndex.load(tmp_path / "x")


def test_similarities_are_the_scores_of_a_search() -> None:
    index, query = DenseIndex.build(np.arange(10, 30), unit(20)), unit(1, seed=5)
    (hits,) = index.search(query, 20)
    similarities = index.similarities(query[0], [hit.passage_id for hit in hits])
    np.testing.assert_allclose(similarities, [hit.score for hit in hits], atol=1e-6)
    assert index.similarities(query[0], []) == []
    with pytest.raises(IndexMismatchError, match="999"):
        index.similarities(query[0], [10, 999])


def bad_vectors() -> list[Matrix]:
    nan, infinite, zero = unit(3), unit(3), unit(3)
    nan[1, 2], infinite[2, 0], zero[0] = np.nan, np.inf, 0
    return [nan, infinite, zero, unit(3) * 1.01, unit(3, 8), unit(3)[0]]


@pytest.mark.parametrize("bad", bad_vectors())
def test_vectors_that_do_not_fit_are_refused(bad: Matrix) -> None:
    index = DenseIndex.build(np.arange(4), unit(4))
    with pytest.raises(IndexMismatchError, match="vectors"):
        index.search(bad, 2)
    with pytest.raises(IndexMismatchError, match="vectors"):
        index.extended((), np.arange(10, 13), bad)


def test_ids_that_do_not_fit_are_refused() -> None:
    with pytest.raises(IndexMismatchError, match="3 vectors"):
        DenseIndex.build(numbers(1, 2), unit(3))
    with pytest.raises(IndexMismatchError, match="distinct"):
        DenseIndex.build(numbers(1, 2, 1), unit(3))
    with pytest.raises(IndexMismatchError, match="-1"):
        DenseIndex.build(numbers(1, 2, -1), unit(3))
    with pytest.raises(IndexMismatchError, match="distinct"):
        DenseIndex.build(numbers(1, 2, 3), unit(3)).extended((), numbers(3), unit(1))


@pytest.mark.parametrize("k", [0, -1])
def test_k_must_be_positive(k: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        DenseIndex.build(np.arange(4), unit(4)).search(unit(1), k)


def test_an_empty_index_finds_nothing() -> None:
    assert DenseIndex.build(numbers(), unit(0)).search(unit(2), 5) == [[], []]
