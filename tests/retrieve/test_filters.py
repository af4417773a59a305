"""Filters: what they mean, and that they are applied before anything is ranked."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pincite.errors import InputError
from pincite.explanation import NO_FILTERS, Filters
from pincite.library.store import Library
from pincite.records import DocumentInfo, Hit, Leg
from pincite.retrieve.filters import allowed, first_day, last_day, normalised, passes
from pincite.retrieve.retriever import Retriever
from pincite.search.cache import IndexCache
from tests.fakes import HashEncoder, library_spec, new_document

WORDS = ["ano", "elu", "ima", "oru", "uke", "bel", "cor", "dan"]
DATES = [None, "2023-12-31", "2024-01-01", "2024-06-30", "2024-07-01", "2025-02-28"]


def info(**changes: Any) -> DocumentInfo:
    plain = DocumentInfo(
        "d1", "T", "/srv/hr/Handbook [v2].pdf", "2024-06-30", "zh-Hant", "", "0", "now", 1, 1
    )
    return replace(plain, **changes)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        (" 2023-2 ", "2023-02-01", "2023-02-28"),
        ("2024-06-30", "2024-06-30", "2024-06-30"),
    ],
)
def test_a_year_or_month_is_all_its_days(period: str, first: str, last: str) -> None:
    assert (first_day(period), last_day(period)) == (first, last)


@pytest.mark.parametrize(
    "wrong", ["", "24", "2024-13", "2024-02-30", "2024/06", "0000", "now", "2024-06-30T00"]
)
def test_what_is_no_date_is_refused(wrong: str) -> None:
    with pytest.raises(InputError, match="2024-06"):
        normalised(Filters(since=wrong))


@pytest.mark.parametrize(
    ("filters", "passed"),
    [
        (Filters(since="2024-06"), True),
        (Filters(since="2024-07"), False),
        (Filters(until="2024-06"), True),
        (Filters(until="2023"), False),
        (Filters(since="2024", until="2024"), True),
        (Filters(sources=("/srv/hr/Handbook [v2].pdf",)), True),
        (Filters(sources=("Handbook [v2].pdf",)), True),
        (Filters(sources=("hr",)), True),
        (Filters(sources=("hr/",)), True),
        (Filters(sources=("/srv",)), True),
        (Filters(sources=("*.pdf",)), True),
        (Filters(sources=("Hand*[v?].pdf",)), True),
        (Filters(sources=("book [v2].pdf",)), False),
        (Filters(sources=("/srv/h",)), False),
        (Filters(sources=("Handbook v.pdf", "*.txt")), False),
        (Filters(documents=("d0", "d1")), True),
        (Filters(documents=("d",)), False),
        (Filters(tags=("HR ", "other")), True),
        (Filters(tags=("h",)), False),
        (Filters(languages=("zh",)), True),
        (Filters(languages=("ZH-hant",)), True),
        (Filters(languages=("zh-Hans", "en")), False),
        (Filters(languages=("z" * 2,)), False),
        (Filters(sources=("*.pdf",), tags=("other",)), False),
    ],
)
def test_a_document_passes_each_field_by_one_value(filters: Filters, passed: bool) -> None:
    assert passes(info(tags=("hr", "policy")), normalised(filters)) is passed


def test_urls_are_chosen_by_site_and_path() -> None:
    page = info(source="https://news.example.com/2024/ferry?id=3")
    for pattern in ("news.example.com", "https://news.example.com/2024", "*/2024/*", "https:"):
        assert passes(page, normalised(Filters(sources=(pattern,)))), pattern
    for pattern in ("example.com", "https://news.example.com/20", "http:"):
        assert not passes(page, normalised(Filters(sources=(pattern,)))), pattern


def test_filters_that_mean_the_same_are_equal() -> None:
    one = Filters("2024", "2024-02", tags=("b", "A", "a"), languages=("EN",))
    other = Filters("2024-01-01", "2024-02-29", tags=("a", "b"), languages=("en",))
    assert normalised(one) == normalised(other) == normalised(normalised(one))
    assert not NO_FILTERS
    assert one


@pytest.mark.parametrize(
    "wrong",
    [
        Filters(since="2025", until="2024"),
        Filters(tags=("",)),
        Filters(sources=(" ",)),
        Filters(sources=("x" * 501,)),
        Filters(languages=("chinese!",)),
        Filters(documents=tuple(map(str, range(101)))),
    ],
)
def test_wrong_filters_are_refused(wrong: Filters) -> None:
    with pytest.raises(InputError):
        normalised(wrong)


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    """Sixty documents with dates, languages, tags and folders drawn at random."""
    home: Path = tmp_path_factory.mktemp("filters") / "home"
    random, encoder = np.random.default_rng(3), HashEncoder(16)
    with Library.create(home, library_spec(encoder)) as library:
        with library.writing() as writer:
            for number in range(60):
                paragraphs = [" ".join(random.choice(WORDS, 6)) + "." for _ in range(3)]
                source = f"/{'ab'[number % 2]}/{number}.txt"
                new = new_document(source, "\n\n".join(paragraphs), encoder)
                parsed = replace(
                    new.parsed,
                    published=DATES[random.integers(len(DATES))],
                    lang=["zh", "zh-Hant", "en"][number % 3],
                )
                tags = [tag for tag in ("x", "y") if random.random() < 0.3]
                writer.put(replace(new, parsed=parsed, tags=tags))
        cache = IndexCache(home / "index")
        yield Retriever(library, lambda: cache.current(library), encoder)


filter_sets = st.builds(
    Filters,
    since=st.sampled_from([None, "2024", "2024-07"]),
    until=st.sampled_from([None, "2024", "2025-02"]),
    sources=st.sampled_from([(), ("/a",), ("1?.txt", "b")]),
    tags=st.sampled_from([(), ("x",), ("x", "y"), ("none",)]),
    languages=st.sampled_from([(), ("zh",), ("en", "zh-Hant")]),
)


@settings(max_examples=80, deadline=None)
@given(filters=filter_sets, question=st.sampled_from(["ano elu", "oru", "dan cor bel"]))
@pytest.mark.parametrize("leg", ["dense", "lexical"])
def test_ranking_is_that_of_all_passages_with_the_others_left_out(
    retriever: Retriever, leg: Leg, filters: Filters, question: str
) -> None:
    def ranked(filters: Filters) -> list[Hit]:
        hits = retriever.retrieve(question, 1000, leg, filters, collapse=False)
        return sorted(hits, key=lambda h: h.dense_rank or h.lexical_rank or 0)

    clean = normalised(filters)
    wanted = [hit.passage.id for hit in ranked(NO_FILTERS) if passes(hit.document, clean)]
    assert [hit.passage.id for hit in ranked(filters)] == wanted


@settings(max_examples=40, deadline=None)
@given(filters=filter_sets)
def test_what_is_allowed_is_counted(retriever: Retriever, filters: Filters) -> None:
    library, clean = retriever.library, normalised(filters)
    passing = [d for d in library.documents() if passes(d, clean)]
    found = allowed(library, clean)
    assert found.documents == len(passing)
    assert found.ids.tolist() == sorted(
        p.id for d in passing for p in library.document_passages(d.id)
    )
    undated = replace(clean, since=None, until=None)
    wanted = [d for d in library.documents() if passes(d, undated) and d.published is None]
    assert found.undated == (len(wanted) if filters.since or filters.until else 0)


def test_a_new_tag_counts_at_once_and_nothing_is_embedded(retriever: Retriever) -> None:
    filters = Filters(tags=("fresh",))
    search = retriever.search("ano", 5, filters=filters)
    assert (search.hits, search.size) == ([], 0)
    vectors = retriever.library.passage_vectors()[1].tobytes()
    with retriever.library.writing() as writer:
        writer.tag(retriever.library.find("7.txt").id, add=["fresh"])
    again = retriever.search("ano", 5, filters=filters)
    assert {hit.document.source for hit in again.hits} == {"/b/7.txt"}
    assert again.size == 3
    assert retriever.library.passage_vectors()[1].tobytes() == vectors
