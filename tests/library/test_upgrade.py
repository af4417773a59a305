"""A library that an earlier Pincite made is brought up to the present version."""

import sqlite3
import threading
from pathlib import Path

import pytest

from pincite.errors import LibraryBusyError
from pincite.library import store
from pincite.library.lock import locked
from pincite.library.schema import DATABASE, VERSION
from pincite.library.store import Library
from pincite.search.cache import IndexCache
from tests.fakes import HashEncoder, new_document

DUMP = Path(__file__).with_name("version_1.sql")


@pytest.fixture
def old_home(tmp_path: Path) -> Path:
    """A library as version 1 wrote it: its schema and rows, dumped."""
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    connection.close()
    return tmp_path


def schema_of(home: Path) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(home / DATABASE)
    try:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        query = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_documents_passages_and_vectors_stay(old_home: Path) -> None:
    encoder = HashEncoder(4)
    with Library.open(old_home) as library:
        infos = {info.source: info for info in library.documents()}
        assert list(infos) == ["/docs/ferry.txt", "/docs/博物馆.txt"]
        assert all(info.tags == () for info in infos.values())
        assert library.generation == 2
        library.require_encoder(encoder.spec)
        indexes = IndexCache(old_home / "index").current(library)
        query = encoder.encode_queries(["The ferry runs at night."])
        assert indexes.dense.search(query, 1)[0][0].passage_id == 1
        ferry = infos["/docs/ferry.txt"].id
        assert [p.text for p in library.document_passages(ferry)] == [
            "The ferry runs at night.",
            "A ticket costs 4.50 euros.",
        ]


def test_an_upgraded_library_is_like_a_new_one(old_home: Path, library: Library) -> None:
    with Library.open(old_home) as upgraded, upgraded.writing() as writer:
        identifier = writer.put(new_document("/new", "New.", HashEncoder(4)))
        writer.tag(identifier, add=["fresh"])
        assert upgraded.tags() == {"fresh": 1}
    assert schema_of(old_home) == schema_of(library.home)
    with Library.open(old_home) as again:
        assert again.tags() == {"fresh": 1}


def test_an_upgrade_waits_for_the_writer(old_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_UPGRADE_WAIT_S", 0.05)
    with locked(old_home / "writer.lock"), pytest.raises(LibraryBusyError):
        Library.open(old_home)
    Library.open(old_home).close()


def test_threads_that_open_it_at_once_upgrade_it_once(old_home: Path) -> None:
    faults: list[Exception] = []

    def opened() -> None:
        try:
            Library.open(old_home).close()
        except Exception as exc:  # noqa: BLE001 - told by the thread that asserts
            faults.append(exc)

    threads = [threading.Thread(target=opened) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert schema_of(old_home)
