"""Signing in by the page, and what ends a session."""

from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from pincite.serve.access import keys
from pincite.serve.access.guard import Guard
from pincite.serve.access.keys import COOKIE, SESSION_SECONDS, Access
from pincite.serve.access.login import TRIES
from pincite.serve.app import create_app
from pincite.state.sessions import Sessions
from pincite.state.store import State
from pincite.state.users import read_users, set_password
from tests.serve.calls import configured
from tests.serve.conftest import KEY, client_of, listening
from tests.serve.memory import MemoryWorkspace
from tests.serve.watched import open_chat

PASSWORD = "correct horse battery"


def _sign_in(client: TestClient, **fields: str) -> httpx.Response:
    return client.post("/login", data=fields, follow_redirects=False)


@pytest.fixture
def users(tmp_path: Path) -> Path:
    path = tmp_path / "users"
    set_password(path, "Lin", "ask", PASSWORD)
    return path


@pytest.fixture
def with_users(tmp_path: Path, users: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Guard]:
    monkeypatch.setattr(keys, "FRESH_SECONDS", -1.0)
    with State.open(tmp_path) as state:
        state.keys.add("bot", "ask")
        yield create_app(MemoryWorkspace().as_workspace, state, configured(users=users))


def test_a_person_signs_in_by_the_page(keyed_app: Guard, workspace: MemoryWorkspace) -> None:
    client = client_of(keyed_app)
    page = client.get("/", headers={"accept": "text/html", "accept-language": "zh-CN"})
    assert page.url.path == "/login"
    assert 'lang="zh"' in page.text
    assert KEY not in page.text
    assert 'name="password"' not in page.text
    wrong = _sign_in(client, key="<script>")
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    assert "<script>" not in wrong.text
    assert _sign_in(client).status_code == 401
    right = _sign_in(client, key=f" {KEY} ")
    assert (right.status_code, right.headers["location"]) == (303, "/")
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert KEY not in cookie
    assert client.get("/documents").json()["total"] == len(workspace.stored)
    assert client.get("/login", follow_redirects=False).status_code == 303


def test_a_browser_signs_in_and_asks_over_plain_http_from_another_machine(
    browser: Browser, keyed_app: Guard, workspace: MemoryWorkspace
) -> None:
    assert workspace.stored
    with listening(keyed_app) as address:
        elsewhere = address.replace("127.0.0.1", "pincite.test")
        with open_chat(browser, elsewhere) as chat:
            chat.page.get_by_label("API key").fill(KEY)
            chat.page.get_by_role("button", name="Sign in").click()
            expect(chat.page.locator(".pc-welcome")).to_be_visible()
            chat.ask("What did the court rule on the Acme deposit?")
            expect(chat.page.locator("#t1 .pc-marker")).to_have_text(["1", "2"])
            assert chat.outside == []


def test_behind_tls_the_cookie_is_for_tls_only(keyed_app: Guard) -> None:
    client = TestClient(keyed_app, "https://pincite.example", raise_server_exceptions=False)
    assert "; secure" in _sign_in(client, key=KEY).headers["set-cookie"].lower()


def test_signing_out_ends_the_session_for_whoever_has_its_cookie(keyed_app: Guard) -> None:
    client, thief = client_of(keyed_app), client_of(keyed_app)
    _sign_in(client, key=KEY)
    stolen = {"cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
    assert thief.get("/documents", headers=stolen).status_code == 200
    out = client.post("/logout", follow_redirects=False)
    assert (out.status_code, out.headers["location"]) == (303, "/login")
    assert COOKIE not in client.cookies
    assert client.get("/documents").status_code == 401
    assert thief.get("/documents", headers=stolen).status_code == 401
    assert client.post("/logout", follow_redirects=False).status_code == 303


def test_another_site_signs_nobody_out(keyed_app: Guard) -> None:
    client = client_of(keyed_app)
    _sign_in(client, key=KEY)
    assert client.post("/logout", headers={"origin": "http://evil.example"}).status_code == 403
    assert client.get("/documents").status_code == 200


def test_a_session_ends_when_its_time_is_over_or_the_key_changes(state: State) -> None:
    at = 1000.0
    state.sessions = Sessions(state._database, lambda: at)
    access = Access(state, configured(api_key=KEY))
    holder = access.holder_of_key(KEY)
    assert holder
    signed = {"cookie": f"{COOKIE}={access.sign_in(holder)}"}
    assert access.caller(signed) == holder.caller
    assert Access(state, configured(api_key=KEY)).caller(signed) == holder.caller
    assert Access(state, configured(api_key=KEY + "2")).caller(signed) is None
    at += SESSION_SECONDS
    assert access.caller(signed) is None


def test_a_wrong_key_is_not_made_good_by_a_cookie(keyed_app: Guard) -> None:
    client = client_of(keyed_app)
    _sign_in(client, key=KEY)
    assert client.get("/documents", headers={"x-api-key": "wrong"}).status_code == 401


def test_a_user_signs_in_with_a_password_and_has_the_users_role(
    with_users: Guard, users: Path
) -> None:
    client = client_of(with_users)
    page = client.get("/login").text
    assert 'name="password"' in page
    assert 'name="key"' in page
    for wrong in ({"name": "Lin", "password": "x"}, {"name": "lin", "password": PASSWORD}):
        refused = _sign_in(client, **wrong)
        assert refused.status_code == 401
        assert "wrong" in refused.text
    assert client.get("/documents", headers={"x-api-key": PASSWORD}).status_code == 401
    assert _sign_in(client, name=" Lin", password=PASSWORD).status_code == 303
    assert client.get("/documents").status_code == 200
    assert client.delete("/documents/x").status_code == 403
    set_password(users, "Lin", "manage", PASSWORD)
    assert client.get("/documents").status_code == 401
    assert _sign_in(client, name="Lin", password=PASSWORD).status_code == 303
    assert client.delete("/documents/x").status_code == 404
    users.write_text("")
    assert client.get("/documents").status_code == 401


def test_a_damaged_user_file_lets_nobody_in_and_is_told(
    with_users: Guard, users: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(with_users)
    _sign_in(client, name="Lin", password=PASSWORD)
    users.write_text(users.read_text() + "damaged")
    assert client.get("/documents").status_code == 401
    assert "line 2" in caplog.text
    assert read_users.__module__ not in client.get("/documents").text


def test_guessing_is_slowed_down(with_users: Guard) -> None:
    client = client_of(with_users)
    statuses = [_sign_in(client, key=f"guess {n}").status_code for n in range(TRIES + 2)]
    assert statuses == [401] * TRIES + [429] * 2
    late = _sign_in(client, name="Lin", password=PASSWORD)
    assert late.status_code == 429
    assert 1 <= int(late.headers["retry-after"]) <= 60
    assert 'role="alert"' in late.text
