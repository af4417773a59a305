"""Question files: their faults, and where their quotes are found."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pincite.errors import InputError
from pincite.evaluate.questions import file_name, load_questions, locate_evidence
from pincite.records import ParsedDocument, Span
from tests.evaluate.stand_in import MemoryWorkspace

Row = dict[str, object]
Write = Callable[..., Path]
GOOD: Row = {
    "id": "q1",
    "question": "What did the court rule?",
    "lang": "en",
    "kind": "summary",
    "answerable": True,
    "evidence": [{"document": "a.txt", "quote": "ruled against the firm"}],
    "answers": [["against", "败诉"], ["firm"]],
}


def test_a_question_is_read_as_written(write_rows: Write) -> None:
    (question,) = load_questions(write_rows("", GOOD))
    assert (question.id, question.line, question.kind) == ("q1", 2, "summary")
    assert question.evidence[0].quote == "ruled against the firm"
    assert question.answers == (("against", "败诉"), ("firm",))


def test_language_kind_and_answers_may_be_left_out(write_rows: Write) -> None:
    rows = [
        {"id": "a", "question": "今天天氣怎麼樣？", "answerable": False},
        {"id": "b", "question": "Who?", "answerable": False, "note": "a far miss"},
    ]
    first, second = load_questions(write_rows(*rows))
    assert (first.lang, first.kind, first.answers, first.evidence) == ("zh-Hant", "fact", (), ())
    assert second.lang == "en"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": None}, '"id" must be text; it is missing'),
        ({"id": 7}, '"id" must be text; found a number'),
        ({"question": " "}, '"question" is blank'),
        ({"answerable": None}, '"answerable" must be true or false'),
        ({"answerable": "yes"}, '"answerable" must be true or false'),
        ({"evidence": []}, 'needs "evidence"'),
        ({"evidence": "a quote"}, '"evidence" must be a list'),
        ({"evidence": ["a quote"]}, '"evidence" must be a list'),
        ({"evidence": [{"document": "a.txt"}]}, '"quote" must be text; it is missing'),
        ({"evidence": [{"quote": "a"}]}, '"document" must be text'),
        ({"answers": ["against"]}, '"answers" must be a list of groups'),
        ({"answers": [[]]}, '"answers" must be a list of groups'),
        ({"answers": [[" "]]}, '"answers" must be a list of groups'),
        ({"answerable": False}, 'must be "answerable": true'),
        ({"anwsers": []}, "unknown field anwsers; the fields are answerable, answers"),
    ],
)
def test_a_faulty_line_is_named_with_its_fault(
    write_rows: Write, change: Row, message: str
) -> None:
    path = write_rows(GOOD, {**GOOD, "id": "q2", **change})
    with pytest.raises(InputError) as caught:
        load_questions(path)
    assert f"{path}, line 2: " in str(caught.value)
    assert message in str(caught.value)


def test_an_id_given_twice_is_refused(write_rows: Write) -> None:
    with pytest.raises(InputError, match='line 3: id "q1" is also on line 1'):
        load_questions(write_rows(GOOD, "", GOOD))


def test_a_file_without_questions_is_refused(write_rows: Write) -> None:
    with pytest.raises(InputError, match="holds no question"):
        load_questions(write_rows(""))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/home/x/a.txt", "a.txt"),
        ("C:\\x\\a.txt", "a.txt"),
        ("https://example.org/news/a.html", "a.html"),
        ("https://example.org/news/", "news"),
        ("upload:a.txt", "a.txt"),
        ("a.txt", "a.txt"),
    ],
)
def test_the_file_name_of_a_source(source: str, name: str) -> None:
    assert file_name(source) == name


def _workspace(**texts: str) -> MemoryWorkspace:
    workspace = MemoryWorkspace()
    workspace.add_parsed(
        (f"{folder}/a.txt", ParsedDocument(f"Title {folder}", text, None, "en", "text/plain"))
        for folder, text in texts.items()
    )
    return workspace


@pytest.mark.parametrize("name", ["a.txt", "x/a.txt", "Title x", "d0"])
def test_a_quote_is_found_whatever_the_white_space(write_rows: Write, name: str) -> None:
    text = "It ruled against\n  the firm. Later it ruled against the firm (again)."
    workspace = _workspace(x=text)
    piece = {"document": name, "quote": "ruled against the firm"}
    path = write_rows({**GOOD, "evidence": [piece]})
    found = locate_evidence(path, load_questions(path), workspace.documents(), workspace.document)
    assert found == {"q1": {"d0": [Span(3, 27), Span(38, 60)]}}
    assert text[3:27] == "ruled against\n  the firm"


def test_signs_in_a_quote_stand_for_themselves(write_rows: Write) -> None:
    workspace = _workspace(x="Profit rose (by 5.0%) [1]. aXb a.b")
    pieces = [{"document": "a.txt", "quote": quote} for quote in ("(by 5.0%) [1]", "a.b")]
    path = write_rows({**GOOD, "evidence": pieces})
    found = locate_evidence(path, load_questions(path), workspace.documents(), workspace.document)
    assert found["q1"]["d0"] == [Span(12, 25), Span(31, 34)]


def test_of_documents_with_one_name_those_count_that_hold_the_quote(write_rows: Write) -> None:
    workspace = _workspace(x="Nothing.", y="It ruled against the firm.")
    path = write_rows(GOOD)
    found = locate_evidence(path, load_questions(path), workspace.documents(), workspace.document)
    assert {id_: len(spans) for id_, spans in found["q1"].items()} == {"d0": 0, "d1": 1}


def test_a_quote_that_is_not_there_is_named(write_rows: Write) -> None:
    workspace = _workspace(x="It ruled for the firm.")
    path = write_rows("", GOOD)
    with pytest.raises(InputError) as caught:
        locate_evidence(path, load_questions(path), workspace.documents(), workspace.document)
    for part in (f"{path}, line 2", '"q1"', '"ruled against the firm"', "a.txt", "copy it"):
        assert part in str(caught.value)


def test_documents_that_are_not_there_are_all_named_with_the_remedy(write_rows: Write) -> None:
    pieces = [{"document": name, "quote": "x"} for name in ("z.txt", "a.txt", "b.txt")]
    path = write_rows({**GOOD, "evidence": pieces})
    with pytest.raises(InputError, match=r"does not hold: b\.txt, z\.txt;.*pincite ingest"):
        locate_evidence(
            path, load_questions(path), _workspace(x="x").documents(), _workspace(x="x").document
        )
