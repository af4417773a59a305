"""A change happens wholly or not at all, and what is removed is gone."""

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pincite.errors import DocumentNotFoundError, IndexMismatchError, LibraryError
from pincite.library import database
from pincite.library.store import Library
from pincite.library.writer import EmbeddedChunks, document_id
from tests.fakes import HashEncoder, bytes_under, library_spec, new_document

TEXT = "First. Second.\n\nThird."


def test_an_id_depends_on_the_source_alone(library: Library, encoder: HashEncoder) -> None:
    with library.writing() as writer:
        first = writer.put(new_document("/a", "One.", encoder))
        again = writer.put(new_document("/a", "Two.", encoder))
    assert first == again == document_id("/a") == sha256(b"/a").hexdigest()[:16]
    assert library.document(first).text == "Two."


def test_a_replaced_document_gets_new_passage_ids_and_keeps_its_date(
    library: Library, encoder: HashEncoder
) -> None:
    with library.writing() as writer:
        identifier = writer.put(new_document("/a", TEXT, encoder))
        old, added = library.passage_ids(), library.document(identifier).info.added
        writer.put(new_document("/a", TEXT + "\n\nMore.", encoder))
    assert not set(old) & set(library.passage_ids())
    assert library.document(identifier).info.added == added
    assert datetime.fromisoformat(added).tzinfo is not None


def test_ids_are_never_used_again(library: Library, encoder: HashEncoder) -> None:
    used: set[int] = set()
    for i in range(4):
        with library.writing() as writer:
            identifier = writer.put(new_document(f"/{i}", TEXT, encoder))
            ids = set(library.passage_ids())
            writer.remove(identifier)
        assert not ids & used
        used |= ids
    assert library.counts().sentences == 0


def test_each_change_raises_the_generation_by_one(library: Library, encoder: HashEncoder) -> None:
    with library.writing() as writer:
        one = writer.put(new_document("/a", "One.", encoder))
        assert library.generation == 1
        writer.put_many([new_document(f"/{i}", f"{i}.", encoder) for i in range(3)])
        assert library.generation == 2
        writer.touch(one, "0" * 64, "/a")
        assert library.generation == 3
        writer.remove(one)
    assert library.generation == 4


def bad_embeddings(good: EmbeddedChunks) -> Iterator[EmbeddedChunks]:
    nan = good.vectors.copy()
    nan[0, 0] = np.nan
    yield dataclasses.replace(good, vectors=nan)
    yield dataclasses.replace(good, vectors=good.vectors * 2)
    yield dataclasses.replace(good, vectors=good.vectors[:1])
    yield dataclasses.replace(good, vectors=good.vectors[:, :8])
    assert good.sentence_vectors is not None
    yield dataclasses.replace(good, sentence_vectors=good.sentence_vectors[:1])
    yield dataclasses.replace(good, sentence_vectors=good.sentence_vectors[::-1])
    yield dataclasses.replace(good, chunks=good.chunks[:1])


def test_vectors_that_do_not_fit_change_nothing(library: Library, encoder: HashEncoder) -> None:
    good = new_document("/a", TEXT, encoder)
    with library.writing() as writer:
        for bad in bad_embeddings(good.embedded):
            with pytest.raises(IndexMismatchError, match=document_id("/bad")):
                writer.put_many(
                    [good, dataclasses.replace(good, source="/bad", sha256="1", embedded=bad)]
                )
        with pytest.raises(LibraryError, match="characters"):
            writer.put(
                dataclasses.replace(
                    good, embedded=EmbeddedChunks([], np.zeros((0, 16), np.float32))
                )
            )
        assert (library.generation, library.documents()) == (0, [])


def test_equal_bytes_are_stored_once(library: Library, encoder: HashEncoder) -> None:
    first = new_document("/a", TEXT, encoder)
    with library.writing() as writer:
        writer.put(first)
        writer.put(dataclasses.replace(first, source="/b"))
    assert [info.source for info in library.documents()] == ["/b"]


def test_a_moved_document_keeps_its_passages(library: Library, encoder: HashEncoder) -> None:
    with library.writing() as writer:
        old = writer.put(new_document("/old", TEXT, encoder))
        writer.put(new_document("/new", "In the way.", encoder))
        ids = [p.id for p in library.document_passages(old)]
        new = writer.touch(old, "f" * 64, "/new")
    assert new == document_id("/new")
    assert [p.id for p in library.document_passages(new)] == ids
    assert [(d.id, d.sha256) for d in library.documents()] == [(new, "f" * 64)]


def test_what_is_not_there_cannot_be_changed(library: Library) -> None:
    with library.writing() as writer:
        with pytest.raises(DocumentNotFoundError, match="nobody"):
            writer.remove("nobody")
        with pytest.raises(DocumentNotFoundError):
            writer.touch("nobody", "0" * 64, "/a")
    assert library.generation == 0


def test_rebuilding_replaces_everything_or_nothing(library: Library, encoder: HashEncoder) -> None:
    other = HashEncoder(8, name="other")
    with library.writing() as writer:
        for source in ("/a", "/b"):
            writer.put(new_document(source, f"{TEXT} {source}", encoder))
    before = (library.spec, library.generation, library.passages(library.passage_ids()))
    contents = [
        (document_id(s), new_document(s, f"{TEXT} {s}", other).embedded) for s in ("/a", "/b")
    ]

    def failing() -> Iterator[tuple[str, EmbeddedChunks]]:
        yield contents[0]
        raise RuntimeError("the power went out")

    spec = library_spec(other)
    with library.writing() as writer:
        with pytest.raises(RuntimeError, match="power"):
            writer.rebuild(spec, failing())
        with pytest.raises(LibraryError, match="1 documents"):
            writer.rebuild(spec, contents[:1])
        with pytest.raises(DocumentNotFoundError):
            writer.rebuild(spec, [*contents, ("nobody", contents[0][1])])
        after = (library.spec, library.generation, library.passages(library.passage_ids()))
        assert after == before
        writer.rebuild(spec, contents)
    assert (library.spec, library.generation) == (spec, before[1] + 1)
    assert library.passage_vectors()[1].shape == (4, 8)
    assert min(library.passage_ids()) > max(before[2])


def test_nothing_of_a_removed_document_stays_on_disk(
    library: Library, encoder: HashEncoder
) -> None:
    """Among many small rows, which SQLite moves between pages and copies as it does."""
    random = np.random.default_rng(3)
    secrets: dict[str, bytes] = {}
    removed: list[bytes] = []
    for _ in range(8):
        with library.writing() as writer:
            for _ in range(30):
                secret = f"secret{random.integers(10**12):012d}"
                filler = " word" * int(random.integers(1, 300))
                new = new_document(f"/{secret}/{len(secrets)}", f"{secret}{filler}.", encoder)
                secrets[writer.put(new)] = secret.encode()
        with library.writing() as writer:
            for identifier in list(secrets)[::2]:
                writer.remove(identifier)
                removed.append(secrets.pop(identifier))
        stored = bytes_under([library.home])
        assert all(secret in stored for secret in secrets.values())
        assert not [secret for secret in removed if secret in stored]


def test_the_text_a_document_had_before_is_overwritten(
    library: Library, encoder: HashEncoder
) -> None:
    with library.writing() as writer:
        writer.put(new_document("/a", "topsecret. " * 2000, encoder))
        writer.put(new_document("/a", "Nothing to see.", encoder))
    library.close()
    assert b"topsecret" not in bytes_under([library.home])


def test_a_reader_delays_the_overwriting_and_does_not_stop_the_removal(
    library: Library,
    encoder: HashEncoder,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database, "_BUSY_MS", 10)
    library.close()
    library = Library.open(library.home)
    with library.writing() as writer:
        identifier = writer.put(new_document("/a", "topsecret.", encoder))
    with Library.open(library.home) as reader, reader.snapshot():
        assert reader.documents()
        with library.writing() as writer:
            writer.remove(identifier)
        assert "overwritten by the next change" in caplog.text
        assert library.documents() == []
    with library.writing():
        pass
    library.close()
    assert b"topsecret" not in bytes_under([library.home])


CHANGES = st.lists(
    st.tuples(st.sampled_from(["put", "remove", "move"]), st.integers(0, 4), st.integers(0, 4)),
    max_size=12,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(CHANGES)
def test_any_sequence_of_changes_is_what_a_dictionary_would_hold(
    library: Library, encoder: HashEncoder, changes: list[tuple[str, int, int]]
) -> None:
    model = {info.source: library.document(info.id).text for info in library.documents()}
    with library.writing() as writer:
        for what, i, j in changes:
            source, other = f"/{i}", f"/{j}"
            if what == "put":
                model[source] = f"{source} says {j}.\n\n😀 {j}."
                writer.put(new_document(source, model[source], encoder))
            elif source in model and what == "remove":
                del model[source]
                writer.remove(document_id(source))
            elif source in model:
                writer.touch(document_id(source), f"{source}{other}{library.generation}", other)
                model[other] = model.pop(source)
    stored = {info.source: library.document(info.id) for info in library.documents()}
    assert {source: document.text for source, document in stored.items()} == model
    assert all(d.info.id == document_id(source) for source, d in stored.items())
    assert len(library.passage_ids()) == 2 * len(model)
