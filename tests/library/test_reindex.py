"""A library is converted to another model wholly or not at all."""

import pytest

from pincite.library.reindex import Reindex
from pincite.library.store import Library
from pincite.records import Chunk
from tests.fakes import HashEncoder, ParagraphSplitter, library_spec, new_document


class WholeText:
    """A splitter that makes one passage of a text."""

    def split(self, text: str) -> list[Chunk]:
        if "unsplittable" in text:
            raise ValueError(text)
        return [Chunk(0, len(text), "", ())]


@pytest.fixture
def filled(library: Library, encoder: HashEncoder) -> Library:
    with library.writing() as writer:
        writer.put(new_document("/a", "One.\n\nTwo.", encoder))
        writer.put(new_document("/b", "Three.", encoder, sentence_vectors=False))
    return library


def test_every_document_is_split_and_embedded_again(filled: Library) -> None:
    other = HashEncoder(32, name="other")
    documents = filled.documents()
    told: list[tuple[int, int]] = []
    Reindex(filled, other, WholeText()).run(
        library_spec(other), lambda done, number: told.append((done, number))
    )
    assert told == [(1, 2), (2, 2)]
    filled.require(library_spec(other))
    assert [(i.id, i.added) for i in filled.documents()] == [(i.id, i.added) for i in documents]
    assert filled.passage_vectors()[1].shape == (2, 32)


def test_sentence_vectors_are_made_where_they_were(filled: Library) -> None:
    other = HashEncoder(32, name="other")
    Reindex(filled, other, ParagraphSplitter()).run(library_spec(other))
    a, b = (filled.document_passages(info.id) for info in filled.documents())
    assert set(filled.sentence_vectors(filled.passage_ids())) == {p.id for p in a}
    assert len(b) == 1


def test_a_failure_leaves_the_old_library(filled: Library, encoder: HashEncoder) -> None:
    with filled.writing() as writer:
        writer.put(new_document("/c", "unsplittable.", encoder))
    before = filled.spec, filled.generation, filled.passage_ids()
    with pytest.raises(ValueError, match="unsplittable"):
        Reindex(filled, HashEncoder(32), WholeText()).run(library_spec(HashEncoder(32)))
    assert (filled.spec, filled.generation, filled.passage_ids()) == before
