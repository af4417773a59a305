import stat
from pathlib import Path

import pytest

from pincite.errors import InputError
from pincite.state.users import read_users, right_password, set_password

PASSWORD = "correct horse battery"


def test_a_password_is_set_changed_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "users"
    set_password(path, "Lin", "ask", PASSWORD)
    set_password(path, "王丽", "manage", "另一个很长的密码口令")
    first = read_users(path)
    assert {name: user.role for name, user in first.items()} == {"Lin": "ask", "王丽": "manage"}
    assert right_password(first["Lin"], PASSWORD)
    assert not right_password(first["Lin"], PASSWORD + "x")
    assert not right_password(first["王丽"], PASSWORD)
    assert not right_password(None, "")
    assert PASSWORD not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    set_password(path, "Lin", "ask", PASSWORD)
    again = read_users(path)
    assert right_password(again["Lin"], PASSWORD)
    assert again["Lin"].proof != first["Lin"].proof
    assert again["王丽"].proof == first["王丽"].proof


def test_weak_passwords_and_unsound_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="9 characters"):
        set_password(tmp_path / "users", "Lin", "ask", "x" * 9)
    with pytest.raises(InputError, match="name"):
        set_password(tmp_path / "users", "a:manage", "ask", PASSWORD)
    with pytest.raises(InputError, match="cannot be written"):
        set_password(tmp_path / "none" / "users", "Lin", "ask", PASSWORD)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_line_is_named_and_never_skipped(tmp_path: Path) -> None:
    path = tmp_path / "users"
    set_password(path, "Lin", "ask", PASSWORD)
    good = path.read_text()
    path.write_text(f"# people\n\n{good}")
    assert list(read_users(path)) == ["Lin"]
    for bad in (good, "Lin", good.replace(":ask:", ":root:"), good.replace("scrypt", "md5")):
        path.write_text(f"{good}{bad}")
        with pytest.raises(InputError, match="line 2"):
            read_users(path)
    with pytest.raises(InputError, match="passwd"):
        read_users(tmp_path / "none")
