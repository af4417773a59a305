"""What is stored comes back whole, and what is damaged or of another make is refused."""

import dataclasses
import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest

from pincite.errors import (
    DocumentNotFoundError,
    InputError,
    LibraryCorruptError,
    LibraryError,
    LibraryMissingError,
    ModelMismatchError,
)
from pincite.library.store import Counts, Library
from pincite.library.writer import document_id
from tests.fakes import HashEncoder, library_spec, new_document

ASTRAL = "Family 👩‍👩‍👧‍👦 met. 𠮷野家在東京。\n\nA NUL \0 is kept. 🦊 too.\n\n第三段。完。"


def put(library: Library, source: str, text: str, encoder: HashEncoder) -> str:
    with library.writing() as writer:
        return writer.put(new_document(source, text, encoder))


def test_a_folder_without_library_is_told_how_to_get_one(tmp_path: Path) -> None:
    assert not Library.exists(tmp_path)
    with pytest.raises(LibraryMissingError, match="pincite ingest"):
        Library.open(tmp_path)


def test_a_library_is_made_once_and_keeps_its_settings(tmp_path: Path) -> None:
    spec = library_spec(HashEncoder(24, name="some/model"))
    with Library.create(tmp_path / "a" / "b", spec) as library:
        assert (library.spec, library.generation) == (spec, 0)
    with pytest.raises(LibraryError, match="already"):
        Library.create(tmp_path / "a" / "b", spec)
    with Library.open(tmp_path / "a" / "b") as again:
        assert again.spec == spec


def test_an_unfinished_creation_is_no_library(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite3.new").write_bytes(b"half")
    assert not Library.exists(tmp_path)
    with Library.create(tmp_path, library_spec(HashEncoder(8))) as library:
        assert library.counts() == Counts(0, 0, 0)


def test_a_closed_library_says_so(library: Library) -> None:
    library.close()
    with pytest.raises(LibraryError, match="closed"):
        library.documents()


@pytest.mark.parametrize("content", [b"", b"garbage " * 2000, b"SQLite format 3\0" + b"\1" * 8000])
def test_a_file_that_is_no_library_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "library.sqlite3").write_bytes(content)
    with pytest.raises(LibraryCorruptError, match=r"library\.sqlite3"):
        Library.open(tmp_path)


@pytest.mark.parametrize("pragma", ["application_id = 7", "user_version = 99"])
def test_a_database_of_another_make_is_refused(library: Library, pragma: str) -> None:
    library.close()
    connection = sqlite3.connect(library.home / "library.sqlite3")
    connection.execute(f"PRAGMA {pragma}")
    connection.close()
    with pytest.raises(LibraryCorruptError, match=pragma.rpartition(" ")[2]):
        Library.open(library.home)


def test_damage_inside_the_file_is_a_typed_error(library: Library, encoder: HashEncoder) -> None:
    put(library, "/a", "word " * 5000, encoder)
    library.close()
    path = library.home / "library.sqlite3"
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)
    with Library.open(library.home) as damaged, pytest.raises(LibraryCorruptError, match="backup"):
        damaged.documents()


def test_offsets_count_code_points(library: Library, encoder: HashEncoder) -> None:
    identifier = put(library, "/emoji", ASTRAL, encoder)
    assert library.document(identifier).text == ASTRAL
    passages = library.document_passages(identifier)
    assert [p.text for p in passages] == ASTRAL.split("\n\n")
    assert [p.ordinal for p in passages] == [0, 1, 2]
    quotes = [ASTRAL[s.start : s.end] for p in passages for s in p.sentences]
    assert quotes[1] == "𠮷野家在東京。"
    assert library.passages([p.id for p in passages]) == {p.id: p for p in passages}


def test_passages_of_several_documents_at_once(library: Library, encoder: HashEncoder) -> None:
    texts = {put(library, f"/{n}", f"one {n}.\n\ntwo {n}.", encoder): n for n in "abc"}
    every = library.passages([*reversed(library.passage_ids()), 999])
    assert {(p.document_id, p.text) for p in every.values()} == {
        (i, f"{word} {n}.") for i, n in texts.items() for word in ("one", "two")
    }
    assert [row.text for row in library.index_rows(library.passage_ids()[1:3])] == [
        "two a.",
        "one b.",
    ]
    assert library.passages([]) == {}


def test_vectors_come_back(library: Library, encoder: HashEncoder) -> None:
    new = new_document("/a", "First one. Second.\n\nThird.", encoder)
    with library.writing() as writer:
        writer.put(new)
        writer.put(new_document("/b", "No sentence vectors.", encoder, sentence_vectors=False))
    ids, vectors = library.passage_vectors()
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, 16)
    np.testing.assert_array_equal(vectors[:2], new.embedded.vectors)
    assert library.passage_vectors(after_id=int(ids[1]))[0].tolist() == [ids[2]]
    sentences = library.sentence_vectors(ids.tolist())
    assert sorted(sentences) == ids[:2].tolist()
    assert new.embedded.sentence_vectors is not None
    for found, wanted in zip(sentences.values(), new.embedded.sentence_vectors, strict=True):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, atol=1e-3)
    assert library.has_sentence_vectors(document_id("/a"))
    assert not library.has_sentence_vectors(document_id("/b"))


def test_an_empty_library_has_vectors_of_its_dimension(library: Library) -> None:
    ids, vectors = library.passage_vectors()
    assert (ids.shape, vectors.shape) == ((0,), (0, 16))


def test_documents_are_found_by_id_source_and_file_name(
    library: Library, encoder: HashEncoder
) -> None:
    for source in ("/docs/a/report.pdf", "/docs/b/report.pdf", "upload:notes.md"):
        put(library, source, f"Text of {source}.", encoder)
    identifier = document_id("upload:notes.md")
    for name in (identifier, "upload:notes.md", "notes.md"):
        assert library.find(name).id == identifier
    assert library.find("b/report.pdf").source == "/docs/b/report.pdf"
    with pytest.raises(InputError, match=r"2 documents.*/docs/a/report\.pdf"):
        library.find("report.pdf")
    for name in ("port.pdf", "%", "nothing"):
        with pytest.raises(DocumentNotFoundError):
            library.find(name)
    with pytest.raises(InputError):
        library.find(" ")
    with pytest.raises(DocumentNotFoundError, match="0000"):
        library.document("0000")
    assert library.by_source("/docs/c") is None
    assert library.by_sha256("") is None


def test_infos_count_characters_and_passages(library: Library, encoder: HashEncoder) -> None:
    identifier = put(library, "/z/emoji.txt", ASTRAL, encoder)
    put(library, "/z/aaa.txt", "One.", encoder)
    first, info = library.documents()
    assert (first.title, info.title) == ("aaa", "emoji")
    assert (info.id, info.characters, info.passages) == (identifier, len(ASTRAL), 3)
    assert library.infos([identifier, "unknown"]) == {identifier: info}
    assert library.counts() == Counts(2, 4, 7)
    assert library.size_bytes() > 4096


def test_another_model_is_refused_with_both_names(library: Library, encoder: HashEncoder) -> None:
    library.require(library.spec)
    library.require_encoder(encoder.spec)
    with pytest.raises(ModelMismatchError, match=r"hash .*other/model.*pincite reindex"):
        library.require_encoder(dataclasses.replace(encoder.spec, name="other/model"))
    with pytest.raises(ModelMismatchError, match="splitter version 2"):
        library.require(dataclasses.replace(library.spec, splitter_version=2))


def test_a_snapshot_is_of_one_moment(library: Library, encoder: HashEncoder) -> None:
    put(library, "/a", "One.", encoder)
    with library.snapshot():
        before = library.generation
        other = threading.Thread(target=put, args=(library, "/b", "Two.", encoder))
        other.start()
        other.join()
        assert (library.generation, len(library.documents())) == (before, 1)
    assert (library.generation, len(library.documents())) == (before + 1, 2)


def test_readers_in_threads_see_whole_documents(library: Library, encoder: HashEncoder) -> None:
    faults: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            with library.snapshot():
                ids = library.passage_ids()
                passages = library.passages(ids)
                counts = library.counts()
            if sorted(passages) != ids or counts.passages != 3 * counts.documents:
                faults.append(f"{counts} but {len(passages)} passages")

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for i in range(40):
        put(library, f"/{i % 10}", f"a {i}.\n\nb {i}.\n\nc {i}.", encoder)
    done.set()
    for reader in readers:
        reader.join()
    assert not faults
