"""Whatever happens to the cache's files, the indexes are those of the library."""

import json
import logging
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pincite.library.lock import locked
from pincite.library.reindex import Reindex
from pincite.library.store import Library
from pincite.library.writer import document_id
from pincite.search.cache import IndexCache, SearchIndexes
from tests.fakes import (
    HashEncoder,
    ParagraphSplitter,
    bytes_under,
    library_spec,
    new_document,
)

QUESTIONS = ("apples and pears", "number 3", "法院 判决", "absent")


def text_of(number: int) -> str:
    fruit = ("apples", "pears", "plums", "法院判决")[number % 4]
    return f"Number {number} likes {fruit}.\n\nAnd also {fruit} with {number % 3}."


def put(library: Library, encoder: HashEncoder, *numbers: int) -> None:
    with library.writing() as writer:
        writer.put_many([new_document(f"/{n}", text_of(n), encoder) for n in numbers])


def remove(library: Library, *numbers: int) -> None:
    with library.writing() as writer:
        for number in numbers:
            writer.remove(document_id(f"/{number}"))


def results(indexes: SearchIndexes, encoder: HashEncoder) -> list[object]:
    dense = indexes.dense.search(encoder.encode_queries(QUESTIONS), 50)
    lexical = [indexes.lexical.search(question.split(), 50) for question in QUESTIONS]
    counts = [indexes.lexical.document_frequency(word) for q in QUESTIONS for word in q.split()]
    return [indexes.generation, dense, lexical, counts, indexes.lexical.size]


def expected(library: Library, encoder: HashEncoder, tmp_path: Path) -> list[object]:
    """What indexes built from nothing give."""
    fresh = IndexCache(tmp_path / "fresh" / str(library.generation))
    return results(fresh.current(library), encoder)


def folders(library: Library) -> list[str]:
    return [path.name for path in (library.home / "index").glob("index-*")]


def test_an_advanced_index_is_a_built_one(
    library: Library, cache: IndexCache, encoder: HashEncoder, tmp_path: Path
) -> None:
    other = IndexCache(library.home / "index")
    assert cache.current(library).lexical.size == 0
    steps: list[Callable[[], object]] = [
        lambda: put(library, encoder, *range(6)),
        lambda: put(library, encoder, 6, 7),
        lambda: put(library, encoder, 8),
        lambda: remove(library, 1, 4),
        lambda: put(library, encoder, 2, 9),
        lambda: Reindex(library, encoder, ParagraphSplitter()).run(library_spec(encoder)),
        lambda: remove(library, 0, 2, 3, 5, 6, 7, 8, 9),
        lambda: put(library, encoder, 1),
    ]
    for i, step in enumerate(steps):
        old = cache.current(library)
        before = results(old, encoder)
        step()
        wanted = expected(library, encoder, tmp_path)
        assert results(cache.current(library), encoder) == wanted
        assert results(old, encoder) == before
        if i % 3 == 0:
            assert results(other.current(library), encoder) == wanted
        assert results(IndexCache(library.home / "index").current(library), encoder) == wanted
        assert len(folders(library)) == 1


def test_an_unchanged_library_costs_no_new_files(
    library: Library, cache: IndexCache, encoder: HashEncoder
) -> None:
    put(library, encoder, 1, 2)
    first = cache.current(library)
    names = folders(library)
    assert cache.current(library) is first
    IndexCache(library.home / "index").current(library)
    assert folders(library) == names
    assert cache.size_bytes() > 1000


def index_files(library: Library) -> list[Path]:
    paths = sorted((library.home / "index").glob("index-*/**/*.*"))
    return [p for p in paths if p.is_file() and p.suffix != ".lock" and p.stat().st_size]


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def forge(**fields: object) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text(json.dumps(json.loads(path.read_text()) | fields))

    return write


DAMAGES: dict[str, Callable[[Path], object]] = {
    "flipped": flip,
    "truncated": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "emptied": lambda path: path.write_bytes(b""),
    "missing": lambda path: path.unlink(),
}
MANIFESTS: dict[str, Callable[[Path], object]] = {
    **{name: damage for name, damage in DAMAGES.items() if name != "flipped"},
    "list": lambda path: path.write_text("[]"),
    "format": forge(format=99),
    "fields": forge(surprise=1),
    "files": forge(files={"dense.faiss": {"sha256": 1}}),
    "folder": forge(folder="index-0-nowhere"),
    "library": forge(library="another"),
    "model": forge(model="another"),
    "newer": forge(generation=99),
    "older": forge(generation=0),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_any_damaged_file_is_noticed_and_built_again(
    library: Library,
    encoder: HashEncoder,
    tmp_path: Path,
    damage: Callable[[Path], object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    put(library, encoder, *range(8))
    wanted = expected(library, encoder, tmp_path)
    IndexCache(library.home / "index").current(library)
    damaged = 0
    while damaged < len(files := index_files(library)):
        caplog.clear()
        damage(files[damaged])
        assert results(IndexCache(library.home / "index").current(library), encoder) == wanted
        assert files[damaged].name in caplog.text
        damaged += 1
    assert damaged >= 8


@pytest.mark.parametrize("damage", MANIFESTS.values(), ids=MANIFESTS.keys())
def test_any_damaged_manifest_is_noticed(
    library: Library,
    cache: IndexCache,
    encoder: HashEncoder,
    tmp_path: Path,
    damage: Callable[[Path], object],
) -> None:
    put(library, encoder, 1, 2, 3)
    put(library, encoder, 4)
    wanted = expected(library, encoder, tmp_path)
    cache.current(library)
    damage(library.home / "index" / "manifest.json")
    for _ in range(2):
        assert results(IndexCache(library.home / "index").current(library), encoder) == wanted
    assert len(folders(library)) == 1


def test_a_library_made_anew_is_not_searched_by_old_indexes(
    library: Library, cache: IndexCache, encoder: HashEncoder, tmp_path: Path
) -> None:
    put(library, encoder, 1)
    cache.current(library)
    library.close()
    (library.home / "library.sqlite3").unlink()
    with Library.create(library.home, library_spec(encoder)) as again:
        put(again, encoder, 2)
        found = IndexCache(library.home / "index").current(again)
        assert results(found, encoder) == expected(again, encoder, tmp_path)


def test_without_the_right_to_write_indexes_are_kept_in_memory(
    library: Library, encoder: HashEncoder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(library, encoder, 1, 2)
    (tmp_path / "file").touch()
    cache = IndexCache(tmp_path / "file")
    for number in (3, 4):
        put(library, encoder, number)
        remove(library, number - 2)
        assert results(cache.current(library), encoder) == expected(library, encoder, tmp_path)
    assert "not kept on disk" in caplog.text


def test_while_another_process_keeps_the_cache_ours_goes_on(
    library: Library, cache: IndexCache, encoder: HashEncoder, tmp_path: Path
) -> None:
    put(library, encoder, 1, 2)
    cache.current(library)
    names = folders(library)
    put(library, encoder, 3)
    with locked(library.home / "index" / "writer.lock"):
        assert results(cache.current(library), encoder) == expected(library, encoder, tmp_path)
        assert folders(library) == names
    put(library, encoder, 4)
    assert results(cache.current(library), encoder) == expected(library, encoder, tmp_path)
    assert folders(library) != names


def test_a_cache_deleted_under_us_is_made_again(
    library: Library, cache: IndexCache, encoder: HashEncoder, tmp_path: Path
) -> None:
    put(library, encoder, 1, 2)
    held = cache.current(library)
    before = results(held, encoder)
    shutil.rmtree(library.home / "index")
    assert results(held, encoder) == before
    put(library, encoder, 3)
    assert results(cache.current(library), encoder) == expected(library, encoder, tmp_path)
    assert len(folders(library)) == 1


def test_left_overs_of_a_crash_are_deleted(
    library: Library, cache: IndexCache, encoder: HashEncoder
) -> None:
    put(library, encoder, 1)
    cache.current(library)
    (library.home / "index" / "index-7-dead").mkdir()
    (library.home / "index" / "index-7-dead" / "dense.faiss").write_bytes(b"half")
    IndexCache(library.home / "index").current(library)
    assert "index-7-dead" not in folders(library)


def test_nothing_of_a_forgotten_document_stays(
    library: Library, cache: IndexCache, encoder: HashEncoder
) -> None:
    put(library, encoder, 1, 2)
    with library.writing() as writer:
        gone = writer.put(new_document("/confidential", "zanzibar tango 法外之地.", encoder))
    cache.current(library)
    assert b"zanzibar" in bytes_under([library.home])
    with library.writing() as writer:
        writer.remove(gone)
    cache.current(library)
    stored = bytes_under([library.home])
    for trace in ("zanzibar", "tango", "法外", "confidential"):
        assert trace.encode() not in stored, trace


def test_a_change_of_model_is_followed(library: Library, cache: IndexCache) -> None:
    put(library, HashEncoder(16), 1, 2)
    cache.current(library)
    other = HashEncoder(24, name="other")
    Reindex(library, other, ParagraphSplitter()).run(library_spec(other))
    assert cache.current(library).dense.dimension == 24
    assert IndexCache(library.home / "index").current(library).dense.dimension == 24


def test_of_several_threads_one_makes_the_indexes(
    library: Library, cache: IndexCache, encoder: HashEncoder
) -> None:
    put(library, encoder, *range(10))
    barrier = threading.Barrier(6)
    found: list[SearchIndexes] = []

    def search() -> None:
        barrier.wait()
        found.append(cache.current(library))

    threads = [threading.Thread(target=search) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert all(indexes is found[0] for indexes in found)


def test_the_first_opening_is_no_cause_for_warning(
    library: Library, cache: IndexCache, encoder: HashEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="pincite")
    put(library, encoder, 1)
    cache.current(library)
    assert caplog.records == []
