"""The lexical index against BM25 computed slowly from the formula."""

import math
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from pincite.errors import IndexMismatchError
from pincite.library.store import IndexRow
from pincite.records import Scored
from pincite.search.lexical import LexicalIndex
from pincite.text import index_terms
from tests.fakes import bytes_under

K1, B = 1.2, 0.75
WORDS = [f"{a}{b}" for a in "bdfgklmnprst" for b in ("ano", "elu", "ima", "oru", "uke")]


def random_rows(number: int, longest: int = 39) -> list[IndexRow]:
    """Texts and titles of lengths that tantivy's rounding keeps exact."""
    random = np.random.default_rng(1)
    weights = 1 / np.arange(1, len(WORDS) + 1)
    weights /= weights.sum()

    def text(least: int, most: int) -> str:
        return " ".join(random.choice(WORDS, random.integers(least, most), p=weights))

    return [IndexRow(i * 3, text(1, 4), text(1, 3), text(3, longest)) for i in range(number)]


def bm25(texts: list[list[str]], terms: list[str]) -> list[float]:
    """Robertson and Zaragoza 2009, with the idf of Lucene: ln(1 + (N - n + 0.5) / (n + 0.5))."""
    average = sum(map(len, texts)) / len(texts)
    counts = [Counter(text) for text in texts]
    scores = [0.0] * len(texts)
    for term in terms:
        frequency = sum(term in count for count in counts)
        idf = math.log(1 + (len(texts) - frequency + 0.5) / (frequency + 0.5))
        for i, count in enumerate(counts):
            tf = count[term]
            length = 1 - B + B * len(texts[i]) / average
            scores[i] += idf * tf * (K1 + 1) / (tf + K1 * length)
    return scores


def slow_search(rows: list[IndexRow], terms: list[str], weight: float) -> list[Scored]:
    body = bm25([index_terms(row.text) for row in rows], terms)
    title = bm25([index_terms(f"{row.title}\n{row.heading}") for row in rows], terms)
    scored = [
        Scored(row.passage_id, b + weight * t)
        for row, b, t in zip(rows, body, title, strict=True)
        if b + t > 0
    ]
    return sorted(scored, key=lambda hit: (-round(hit.score, 4), hit.passage_id))


@pytest.mark.parametrize("weight", [0.0, 0.5, 2.0])
def test_scores_are_those_of_the_formula(weight: float) -> None:
    rows = random_rows(200)
    index = LexicalIndex.build(None, rows)
    for first in range(0, len(WORDS) - 3, 7):
        terms = [t for word in WORDS[first : first + 3] for t in index_terms(word)]
        found = index.search(terms, 1000, title_weight=weight)
        wanted = slow_search(rows, terms, weight)
        assert {hit.passage_id for hit in found} == {hit.passage_id for hit in wanted}
        expected = {hit.passage_id: hit.score for hit in wanted}
        for hit in found:
            assert hit.score == pytest.approx(expected[hit.passage_id], abs=1e-3)
        keys = [(-hit.score, hit.passage_id) for hit in found]
        assert keys == sorted(keys)


def test_long_texts_score_nearly_by_the_formula() -> None:
    rows = random_rows(60, longest=600)
    terms = index_terms(" ".join(WORDS[20:24]))
    wanted = {hit.passage_id: hit.score for hit in slow_search(rows, terms, 0.5)}
    for hit in LexicalIndex.build(None, rows).search(terms, 60):
        assert hit.score == pytest.approx(wanted[hit.passage_id], rel=0.08)


def test_chinese_is_found_across_scripts_by_bigram() -> None:
    rows = [
        IndexRow(1, "新聞", "", "法院於週五作出判決。"),
        IndexRow(2, "汽车", "", "小米汽车的销量。"),
        IndexRow(3, "法院", "", "没有提到它。"),
    ]
    index = LexicalIndex.build(None, rows)
    assert [hit.passage_id for hit in index.search(["法院"], 5)] == [1, 3]
    assert [hit.passage_id for hit in index.search(["判决"], 5)] == [1]
    assert index.document_frequency("法院") == 2
    assert index.document_frequency("不在") == 0
    assert index.size == 3


@pytest.mark.parametrize(
    "term", ["x" * 200, "c++", "user@example.com", "3.14", "gpt-4", "don’t", "𠮷", "é"]
)
def test_long_and_odd_terms_survive(term: str) -> None:
    index = LexicalIndex.build(
        None, [IndexRow(1, "", "", f"Before {term} after."), IndexRow(2, "", "", "Other words.")]
    )
    for piece in index_terms(term):
        assert [hit.passage_id for hit in index.search([piece], 5)] == [1], piece


def test_query_syntax_means_nothing() -> None:
    index = LexicalIndex.build(None, [IndexRow(1, "t", "h", "plain words")])
    assert index.search(["body:plain", "*", "(", '"', "-plain", "AND"], 5) == []
    assert index.search([], 5) == []


def test_ties_are_listed_by_id_whatever_the_segments(tmp_path: Path) -> None:
    rows = [IndexRow(i, "same", "", "equal words here") for i in range(100)]
    index = LexicalIndex.build(tmp_path / "0", rows[90:])
    index = index.extended(tmp_path / "1", (), rows[40:90])
    index = index.extended(tmp_path / "2", (), rows[:40])
    assert [hit.passage_id for hit in index.search(["equal"], 5)] == [0, 1, 2, 3, 4]


def test_an_extended_index_is_a_built_one_and_the_first_stays(tmp_path: Path) -> None:
    rows = random_rows(120)
    terms = index_terms(" ".join(WORDS[5:9]))
    first = index = LexicalIndex.build(tmp_path / "0", rows[:20])
    before = first.search(terms, 200)
    for i in range(1, 11):
        index = LexicalIndex.load(index.folder or tmp_path).extended(
            tmp_path / str(i), (), rows[10 + 10 * i : 20 + 10 * i]
        )
    built = LexicalIndex.build(None, rows)
    assert index.search(terms, 200) == built.search(terms, 200)
    assert index.document_frequency(terms[0]) == built.document_frequency(terms[0])
    assert first.search(terms, 200) == before
    assert LexicalIndex.load(tmp_path / "10").search(terms, 200) == built.search(terms, 200)


@pytest.mark.parametrize("old", ["old", None])
@pytest.mark.parametrize("new", ["new", None])
def test_what_is_removed_leaves_no_trace_in_scores_or_files(
    tmp_path: Path, old: str | None, new: str | None
) -> None:
    rows = [*random_rows(40), IndexRow(999, "Unspeakable", "", "zanzibar elu ano")]
    terms = ["elu", "bano", "zanzibar", "unspeak"]
    first = LexicalIndex.build(tmp_path / old if old else None, rows)
    before = first.search(terms, 50)
    second = first.extended(tmp_path / new if new else None, {0, 3, 6, 999, 12345}, [])
    assert second.search(terms, 50) == LexicalIndex.build(None, rows[3:40]).search(terms, 50)
    assert second.extended(None, (), rows[:3]).search(terms, 50) == LexicalIndex.build(
        None, rows[:40]
    ).search(terms, 50)
    assert second.size == 37
    assert first.search(terms, 50) == before
    assert b"zanzibar" not in bytes_under([tmp_path / "new"])
    assert (b"zanzibar" in bytes_under([tmp_path / "old"])) == bool(old)
    assert LexicalIndex.build(None, []).extended(None, {1}, []).size == 0


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(IndexMismatchError, match="no lexical index"):
            LexicalIndex.load(folder)
    index = LexicalIndex.build(tmp_path / "gone", [])
    shutil.rmtree(tmp_path / "gone")
    with pytest.raises(IndexMismatchError, match="gone cannot be extended"):
        index.extended(tmp_path / "new", (), [])


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = LexicalIndex.build(tmp_path / "empty", [])
    assert (index.size, index.search(["word"], 3), index.document_frequency("word")) == (0, [], 0)
    with pytest.raises(ValueError, match="at least 1"):
        index.search(["word"], 0)
