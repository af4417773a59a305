import re
from pathlib import Path

import pytest

from pincite.errors import InputError
from pincite.state.errors import KeyNotFoundError
from pincite.state.keys import digest_of
from pincite.state.store import State


def test_a_key_is_random_shown_once_and_kept_as_a_digest(state: State, tmp_path: Path) -> None:
    key, secret = state.keys.add("Support bot", "ask")
    assert re.fullmatch(r"pincite_[\w-]{43}", secret)
    assert state.keys.add("other", "ask")[1] != secret
    assert (key, digest_of(secret)) in state.keys.with_digests()
    assert secret not in repr(state.keys.all())
    state.close()
    stored = b"".join(file.read_bytes() for file in (tmp_path / "home").iterdir())
    assert b"Support bot" in stored
    assert secret.encode() not in stored
    assert secret.removeprefix("pincite_").encode() not in stored


def test_a_revoked_key_stays_in_the_list_and_frees_its_name(state: State) -> None:
    first, _ = state.keys.add("bot", "manage")
    with pytest.raises(InputError, match="bot"):
        state.keys.add("bot", "ask")
    assert state.keys.revoke("bot").id == first.id
    second, _ = state.keys.add("bot", "ask")
    assert state.keys.revoke(second.id).revoked
    assert [key.revoked is None for key in state.keys.all()] == [False, False]
    for gone in ("bot", first.id, "nobody"):
        with pytest.raises(KeyNotFoundError, match="keys list"):
            state.keys.revoke(gone)


def test_the_day_of_the_last_use_is_noted(state: State) -> None:
    key, _ = state.keys.add("bot", "ask")
    assert state.keys.all()[0].last_used is None
    state.keys.used(key.id, "2026-01-02")
    assert state.keys.all()[0].last_used == "2026-01-02"


@pytest.mark.parametrize("name", ["", "  ", "-x", "a\nb", "a:b", "x" * 101, "evil\u202e", "a\0"])
def test_names_that_would_mislead_are_refused(state: State, name: str) -> None:
    with pytest.raises(InputError, match="name"):
        state.keys.add(name, "ask")


@pytest.mark.parametrize("name", ["x", "客服机器人", "lin@example.com", "Bot 2.0", "x" * 100])
def test_names_of_people_and_bots_are_taken(state: State, name: str) -> None:
    assert state.keys.add(f" {name} ", "ask")[0].name == name
