from pathlib import Path

from pincite.library.database import Database
from pincite.state.schema import SCHEMA, STATE
from pincite.state.sessions import Session, Sessions
from pincite.state.store import State

SESSION = Session("key:1", b"proof")


def test_a_session_ends_by_time_or_by_signing_out(state: State, tmp_path: Path) -> None:
    at = 1000.0
    database = Database(tmp_path / "home" / STATE, SCHEMA)
    sessions = Sessions(database, lambda: at)
    first, second = sessions.begin(SESSION, 60), sessions.begin(SESSION, 90)
    assert first != second
    assert sessions.find(first) == SESSION
    assert sessions.find("x") is None
    at = 1060.0
    assert (sessions.find(first), sessions.find(second)) == (None, SESSION)
    sessions.end(second)
    assert sessions.find(second) is None
    database.close()


def test_the_file_holds_nothing_a_session_could_be_made_of(state: State, tmp_path: Path) -> None:
    token = state.sessions.begin(SESSION, 60)
    stored = b"".join(file.read_bytes() for file in (tmp_path / "home").iterdir())
    assert b"key:1" in stored
    assert token.encode() not in stored
