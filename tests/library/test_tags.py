"""Tags: set, kept through changes of the document, and free of any embedding."""

from pathlib import Path

import pytest

from pincite.errors import DocumentNotFoundError, InputError
from pincite.library.intake import Intake
from pincite.library.store import Library
from pincite.library.tags import clean_tag, clean_tags
from tests.fakes import HashEncoder, ParagraphSplitter, TextLoader, new_document


@pytest.fixture
def intake(library: Library, encoder: HashEncoder) -> Intake:
    return Intake(library, TextLoader(), encoder, ParagraphSplitter())


def tags_of(library: Library, source: object) -> tuple[str, ...]:
    found = library.by_source(str(source))
    assert found is not None
    return found.tags


def test_tags_are_kept_in_one_form() -> None:
    assert clean_tag("  Human \t Resources\u200b ") == "human resources"
    assert clean_tags(["HR", "hr", "人事"]) == ["hr", "人事"]
    for bad in ("", " \u200e\n", "x" * 51):
        with pytest.raises(InputError, match="characters"):
            clean_tag(bad)
    with pytest.raises(InputError, match="51 tags"):
        clean_tags(str(n) for n in range(51))


def test_tagging_changes_nothing_else(library: Library, encoder: HashEncoder) -> None:
    with library.writing() as writer:
        identifier = writer.put(new_document("/a", "One.", encoder))
        passages, vectors = library.document_passages(identifier), library.passage_vectors()
        assert writer.tag(identifier, add=["b", "a"]) == ["a", "b"]
        generation = library.generation
        assert writer.tag(identifier, add=["a"], remove=["nothing"]) == []
        assert library.generation == generation
        assert writer.tag(identifier, add=["c"], remove=["b"]) == ["c"]
        assert library.generation == generation + 1
        with pytest.raises(DocumentNotFoundError):
            writer.tag("nobody", add=["a"])
    assert library.document(identifier).info.tags == ("a", "c")
    assert library.document_passages(identifier) == passages
    assert (library.passage_vectors()[1] == vectors[1]).all()


def test_tags_stay_with_a_document_that_changes_or_moves_and_go_with_it(
    library: Library, encoder: HashEncoder
) -> None:
    with library.writing() as writer:
        identifier = writer.put(new_document("/a", "One.", encoder))
        writer.tag(identifier, add=["x"])
        writer.put(new_document("/a", "Two.", encoder))
        assert tags_of(library, "/a") == ("x",)
        moved = writer.touch(identifier, "0" * 64, "/b")
        assert tags_of(library, "/b") == ("x",)
        writer.remove(moved)
    assert library.tags() == {}


def test_ingesting_gives_tags_to_new_and_known_documents_alike(
    library: Library, intake: Intake, encoder: HashEncoder, tmp_path: Path
) -> None:
    known, new = tmp_path / "known.txt", tmp_path / "new.txt"
    known.write_text("Known text.")
    intake.run([str(known)], tags=["old"])
    new.write_text("New text.")
    embedded = encoder.embedded
    outcomes = intake.run([str(known), str(new)], tags=["hr", "old"])
    assert [(o.action, o.note) for o in outcomes] == [("unchanged", "tagged hr"), ("added", None)]
    assert tags_of(library, known) == tags_of(library, new) == ("hr", "old")
    assert encoder.embedded == embedded + 2
    generation = library.generation
    assert [o.note for o in intake.run([str(known)], tags=["hr"])] == [None]
    assert (library.generation, encoder.embedded) == (generation, embedded + 2)


def test_a_changed_file_keeps_its_tags_and_gets_more(
    library: Library, intake: Intake, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("First.")
    intake.run([str(path)], tags=["one"])
    path.write_text("Second.")
    assert [o.action for o in intake.run([str(path)], tags=["two"])] == ["changed"]
    assert tags_of(library, path) == ("one", "two")
