"""What an answer tells of its search: filters, thresholds, what became of each passage."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest

from pincite.answer.messages import messages_for
from pincite.explanation import Filters
from pincite.records import Answer, ParsedDocument, Question
from pincite.settings import Settings
from pincite.wiring import temporary_workspace
from pincite.workspace import Workspace

WIRE = (
    "The bakery chain Kornfeld will close twelve of its forty shops by the end of the year. "
    "It blames the price of butter, which has doubled since January. "
    "All 85 employees concerned have been offered jobs in other shops."
)
DOCUMENTS = {
    "wire/1": ("Bakery chain closes shops", WIRE, "2025-03-01"),
    "wire/2": ("Kornfeld to close twelve shops", f"Business: {WIRE}", "2025-03-02"),
    "old/3": ("Bakery opens shops", WIRE.replace("twelve", "eleven"), None),
    "old/4": (
        "Butter prices",
        "Butter has become dearer. Dairies say that farmers keep fewer cows.",
        "2019-05-05",
    ),
}
BLAME = "What does the bakery blame?"


@pytest.fixture(scope="module")
def library() -> Iterator[Workspace]:
    """An article, its copy, a version of it with another number, and another article."""
    with temporary_workspace(Settings()) as made:
        made.add_parsed(
            (source, ParsedDocument(title, text, published, "en", "text/plain"))
            for source, (title, text, published) in DOCUMENTS.items()
        )
        yield made


def sources_of(answer: Answer) -> set[str]:
    return {c.source for c in (*answer.citations, *answer.closest)}


def test_a_copy_is_collapsed_and_named(library: Workspace) -> None:
    answer = library.ask(Question(BLAME, explain=True))
    assert answer.explain is not None
    rows = {row.passage_id: row for row in answer.explain}
    (copy,) = [row for row in answer.explain if row.code == "duplicate"]
    assert copy.duplicate_of is not None
    kept = rows[copy.duplicate_of]
    assert {library.document(r.document_id).info.source for r in (copy, kept)} == {
        "wire/1",
        "wire/2",
    }
    assert (copy.used, copy.support, copy.context) == (False, None, None)
    assert str(kept.passage_id) in copy.why
    cited = [c for c in answer.citations if c.document_id == kept.document_id]
    for citation in cited:
        assert [other.document_id for other in citation.also_in] == [copy.document_id]
        other = library.document(copy.document_id)
        assert citation.quote in other.text
    assert len(answer.explain) == len(DOCUMENTS)


def test_without_duplicates_every_place_goes_to_another_passage(library: Workspace) -> None:
    answer = library.ask(Question(BLAME, top_k=3, explain=True))
    assert answer.explain is not None
    assert len([r for r in answer.explain if r.duplicate_of is None]) == 3


def test_each_passage_tells_its_fate_and_the_scores_that_decided(library: Workspace) -> None:
    answer = library.ask(Question(BLAME, explain=True))
    assert answer.explain
    assert answer.search
    limits = answer.search.thresholds
    markers = {c.passage_id: c.marker for c in answer.citations}
    for row in answer.explain:
        assert row.title == library.document(row.document_id).info.title
        assert (row.lexical is None) == (row.lexical_rank is None)
        assert row.used == (row.code == "cited") == (row.passage_id in markers)
        if row.used:
            assert f"[{markers[row.passage_id]}]" in row.why
        elif row.code == "below_threshold":
            assert row.support is not None
            assert row.support < limits.answer
        elif row.code == "same_said":
            assert row.support is not None
            assert row.support >= limits.further
    # The sentence asked for stands in the version with the other number too.
    assert "same_said" in {row.code for row in answer.explain}
    assert limits.relevant < limits.answer
    assert [r.passage_id for r in answer.explain if r.duplicate_of is None] == [
        i for context in answer.search.contexts for i in context.passages
    ]


def test_the_sentences_are_in_the_language_of_the_answer(library: Workspace) -> None:
    for language in ("zh", "zh-Hant", "en"):
        answer = library.ask(Question(BLAME, language=language, explain=True))
        assert answer.explain
        words = messages_for(language)
        (copy,) = [row for row in answer.explain if row.code == "duplicate"]
        assert copy.why == words.duplicate.format(passage=copy.duplicate_of)
    assert messages_for("zh").duplicate != messages_for("zh-Hant").duplicate


def test_filters_choose_what_is_searched_and_the_answer_tells(library: Workspace) -> None:
    question = Question(BLAME, filters=Filters(since="2025", until="2025-03"))
    answer = library.ask(question)
    assert sources_of(answer) <= {"wire/1", "wire/2"}
    assert answer.search is not None
    assert answer.search.filters == Filters(since="2025-01-01", until="2025-03-31")
    assert (answer.search.documents, answer.search.passages, answer.search.undated) == (2, 2, 1)
    assert answer.explain is None
    old = library.ask(replace(question, filters=Filters(sources=("old",))))
    assert sources_of(old) <= {"old/3", "old/4"}


def test_filters_are_a_part_of_the_id_and_none_are_told_without(library: Workspace) -> None:
    plain = library.ask(Question(BLAME))
    assert plain.search is None
    one = library.ask(Question(BLAME, filters=Filters(since="2025")))
    same = library.ask(Question(BLAME, filters=Filters(since="2025-01-01")))
    other = library.ask(Question(BLAME, filters=Filters(since="2024")))
    assert one.id == same.id
    assert len({plain.id, one.id, other.id}) == 3
    assert library.ask(Question(BLAME, filters=Filters())).id == plain.id


@pytest.mark.parametrize(
    ("language", "words"), [("en", "filters"), ("zh", "筛选条件"), ("zh-Hant", "篩選條件")]
)
def test_filters_that_leave_nothing_are_the_reason(
    library: Workspace, language: str, words: str
) -> None:
    question = Question(BLAME, language=language, filters=Filters(since="2030"), explain=True)
    answer = library.ask(question)
    assert (answer.status, answer.reason) == ("not_found", "filtered_out")
    assert words in answer.answer
    assert (answer.citations, answer.closest, answer.explain) == ([], [], [])
    assert answer.search is not None
    assert (answer.search.documents, answer.search.passages, answer.search.undated) == (0, 0, 1)


def test_an_empty_library_stays_the_reason() -> None:
    with temporary_workspace(Settings()) as empty:
        answer = empty.ask(Question(BLAME, filters=Filters(since="2030")))
    assert answer.reason == "no_documents"


def test_neighbours_share_a_context(library: Workspace) -> None:
    long = "\n\n".join(f"## Part {n}\n\n{WIRE.replace('twelve', str(n))}" for n in range(20, 26))
    with temporary_workspace(Settings()) as other:
        other.add_parsed([("long", ParsedDocument("Long", long, None, "en", "text/plain"))])
        answer = other.ask(Question(BLAME, explain=True))
        text = other.document(other.documents()[0].id).text
    assert answer.explain
    assert answer.search
    (context,) = answer.search.contexts
    assert len(context.passages) == len(answer.explain) > 1
    assert {row.context for row in answer.explain} == {1}
    for citation in answer.citations:
        assert context.start <= citation.start < citation.end <= context.end
        assert text[citation.start : citation.end] == citation.quote


def test_an_explained_answer_is_plain_json(library: Workspace) -> None:
    answer = library.ask(Question(BLAME, explain=True, filters=Filters(languages=("en",))))
    assert json.loads(json.dumps(asdict(answer)))["search"]["filters"]["languages"] == ["en"]
