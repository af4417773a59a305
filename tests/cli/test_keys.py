"""``pincite keys`` as a person reads it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pincite.cli import main
from pincite.state.store import State
from pincite.state.users import read_users, right_password

PASSWORD = "correct horse battery"


def _keys(
    home: Path, *arguments: str, typed: str | None = None, users: Path | None = None
) -> Result:
    environment = {"PINCITE_USERS": str(users) if users else None, "COLUMNS": "100"}
    command = ["--home", str(home), "keys", *arguments]
    return CliRunner().invoke(main, command, input=typed, env=environment)


def test_a_key_is_made_listed_and_revoked(tmp_path: Path) -> None:
    made = _keys(tmp_path, "add", "Support bot")
    secret = made.stdout.strip()
    assert (made.exit_code, secret[:8]) == (0, "pincite_")
    assert secret not in made.stderr
    assert "cannot be shown again" in made.stderr
    other = json.loads(_keys(tmp_path, "add", "lin", "--role", "manage", "--json").stdout)
    listed = _keys(tmp_path, "list").stdout
    assert [line.split() for line in listed.splitlines()[2:]] == [
        [other["id"], "lin", "manage", other["created"][:10], "never"]
    ]
    assert "Support bot  ask" in listed
    gone = _keys(tmp_path, "revoke", "Support bot")
    assert (gone.exit_code, "no key is left" in gone.stderr) == (0, False)
    assert "Support bot" not in _keys(tmp_path, "list").stdout
    assert "Support bot" in _keys(tmp_path, "list", "--all").stdout
    assert "no key is left" in _keys(tmp_path, "revoke", other["id"]).stderr
    keys = json.loads(_keys(tmp_path, "list", "--all", "--json").stdout)["keys"]
    assert [bool(key["revoked"]) for key in keys] == [True, True]
    for result in (listed, json.dumps(keys)):
        assert secret not in result
        assert other["key"] not in result


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("revoke", "nobody"), 3, "keys list"),
        (("add", "-", "--role", "ask"), 2, "name"),
        (("add", "bot", "--role", "root"), 2, "manage"),
        (("passwd", "Lin"), 2, "PINCITE_USERS"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    result = _keys(tmp_path, *arguments)
    assert (result.exit_code, told in result.stderr) == (code, True), result.stderr


def test_a_user_is_added_and_keeps_the_role_with_a_new_password(tmp_path: Path) -> None:
    users = tmp_path / "users"
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    assert (
        _keys(tmp_path, "passwd", "Lin", "--role", "manage", typed=typed, users=users).exit_code
        == 0
    )
    again = f"{PASSWORD}2\n" * 2
    assert _keys(tmp_path, "passwd", "Lin", typed=again, users=users).exit_code == 0
    lin = read_users(users)["Lin"]
    assert lin.role == "manage"
    assert right_password(lin, f"{PASSWORD}2")
    assert _keys(tmp_path, "passwd", "Lin", typed="short\nshort\n", users=users).exit_code == 2


def test_keys_need_no_library(tmp_path: Path) -> None:
    _keys(tmp_path / "new", "add", "bot")
    with State.open(tmp_path / "new") as state:
        assert [key.name for key in state.keys.all()] == ["bot"]
