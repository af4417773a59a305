"""The state file: who may read it, what becomes of old, foreign and damaged ones."""

import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from pincite.errors import LibraryCorruptError, LibraryError
from pincite.library.database import Database
from pincite.state import errors, store
from pincite.state.schema import SCHEMA, STATE
from pincite.state.store import State


def test_only_this_user_may_read_it_and_its_journals(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    with State.open(home) as state:
        state.keys.add("bot", "ask")
        files = sorted(home.glob(f"{STATE}*"))
        assert len(files) == 3
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_what_one_commits_the_others_see(tmp_path: Path) -> None:
    with State.open(tmp_path) as one, State.open(tmp_path) as other:
        key, _ = one.keys.add("bot", "ask")
        assert other.keys.all() == [key]
    with State.open(tmp_path) as later:
        assert later.keys.all() == [key]


def test_those_who_open_it_first_at_once_share_one(tmp_path: Path) -> None:
    names = [f"bot {number}" for number in range(6)]

    def add(name: str) -> None:
        with State.open(tmp_path) as state:
            state.keys.add(name, "ask")

    threads = [threading.Thread(target=add, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with State.open(tmp_path) as state:
        assert sorted(key.name for key in state.keys.all()) == names


def test_an_earlier_version_is_upgraded_and_keeps_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with State.open(tmp_path) as state:
        key, _ = state.keys.add("bot", "ask")
    upgrades = {SCHEMA.version: "CREATE TABLE later (x INTEGER) STRICT;"}
    later = replace(SCHEMA, version=SCHEMA.version + 1, upgrades=upgrades)
    monkeypatch.setattr(store, "SCHEMA", later)
    with State.open(tmp_path) as state:
        assert state.keys.all() == [key]
    database = Database(tmp_path / STATE, later)
    assert database.check()
    database.close()
    monkeypatch.undo()
    with pytest.raises(LibraryCorruptError, match=f"version {SCHEMA.version + 1}"):
        State.open(tmp_path)


@pytest.mark.parametrize("content", [b"no database at all " * 100, b""])
def test_a_file_that_is_none_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / STATE).write_bytes(content)
    with pytest.raises(LibraryCorruptError, match="backup"):
        State.open(tmp_path)
    assert (tmp_path / STATE).read_bytes() == content


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match="file"):
        State.open(tmp_path / "file" / "home")


def test_the_errors_are_drawn_as_they_are_and_have_codes_of_their_own() -> None:
    kinds = errors.StateError.__subclasses__()
    assert all(f"─ {kind.__name__}" in (errors.__doc__ or "") for kind in kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)
