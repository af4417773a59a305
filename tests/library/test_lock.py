"""One writer at a time."""

import threading
from pathlib import Path

import pytest

from pincite.errors import LibraryBusyError, LibraryError
from pincite.library.lock import locked
from pincite.library.store import Library
from tests.fakes import HashEncoder, new_document


def test_another_thread_and_oneself_are_refused(tmp_path: Path) -> None:
    refused: list[str] = []

    def attempt() -> None:
        try:
            with locked(tmp_path / "lock"):
                refused.append("let in")
        except LibraryBusyError as error:
            refused.append(str(error))

    with locked(tmp_path / "lock"):
        attempt()
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    assert [("this one" in message, "let in" in message) for message in refused] == [
        (True, False),
        (True, False),
    ]
    attempt()
    assert refused[2] == "let in"


def test_the_lock_is_let_go_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), locked(tmp_path / "lock"):
        raise RuntimeError
    with locked(tmp_path / "lock"):
        pass


def test_waiting_writers_all_get_their_turn(library: Library, encoder: HashEncoder) -> None:
    def write(number: int) -> None:
        with library.writing(wait_s=30) as writer:
            writer.put(new_document(f"/{number}", f"Number {number}.", encoder))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (library.generation, len(library.documents())) == (8, 8)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(LibraryError, match=r"nowhere/lock cannot be written"),
        locked(tmp_path / "nowhere" / "lock"),
    ):
        pass
