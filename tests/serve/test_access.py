"""Keys: what they guard, what each role may do, and the ways to show one."""

import hmac
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from pincite.serve.access import keys
from pincite.serve.access.callers import LOCAL, Caller
from pincite.serve.access.guard import OPEN_PATHS, Guard
from pincite.serve.access.keys import Access
from pincite.serve.api.versions import unversioned
from pincite.serve.app import create_app
from pincite.state.schema import STATE
from pincite.state.store import State
from tests.serve.calls import call, configured
from tests.serve.conftest import KEY, client_of
from tests.serve.memory import MemoryWorkspace, fill

# All that the role "ask" may do besides reading; each other route has to refuse it.
ASKING = {
    "/ask",
    "/ask/batch",
    "/search",
    "/chat/completions",
    "/feedback",
    "/login",
    "/logout",
}
MANAGING = {("GET", "/feedback"), ("POST", "/feedback-list/{number}")}
MANAGING |= {("GET", path) for path in ("/feedback-list", "/evaluation", "/evaluation/report")}
SAFE = {"GET", "HEAD"}


def _paths(app: FastAPI) -> set[tuple[str, str]]:
    """List every method and path the application answers to, the mounted chat's too."""
    found: set[tuple[str, str]] = set()

    def walk(routes: list[Any], prefix: str) -> None:
        for route in routes:
            if isinstance(route, Mount):
                walk(route.routes, prefix + route.path)
            elif isinstance(route, APIRoute | Route):
                # An ASGI application on a route of its own, such as /mcp, names no methods.
                methods = route.methods or {"POST"}
                found.update((method, prefix + route.path) for method in methods)
            else:
                walk(route.original_router.routes, prefix + route.include_context.prefix)

    walk(app.routes, "")
    return found


def _stopped(response: Any) -> bool:
    """Whether the guard asked for a key; the sign-in page says 401 too, of a wrong one."""
    return response.status_code == 401 and "www-authenticate" in response.headers


def test_every_route_needs_the_key_save_those_named(keyed_app: Guard) -> None:
    assert isinstance(keyed_app.app, FastAPI)
    paths = _paths(keyed_app.app)
    assert ("POST", "/ask") in paths
    assert ("DELETE", "/documents/{document_id}") in paths
    assert {("POST", "/mcp"), ("GET", "/metrics")} <= paths
    assert ("POST", "/gradio_api/queue/join") in paths
    assert ("GET", "/openapi.json") in paths
    assert ("POST", "/v1/ask/batch") in paths
    assert len(paths) > 60
    client = client_of(keyed_app)
    open_paths = {
        (method, path)
        for method, path in paths
        if not _stopped(client.request(method, path, follow_redirects=False))
    }
    assert {unversioned(path) for _, path in open_paths} == OPEN_PATHS
    assert sorted(OPEN_PATHS) == ["/favicon.ico", "/health", "/login", "/logout"]


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer  {KEY}"},
        {"x-api-key": KEY},
    ],
)
def test_the_key_opens(keyed_app: Guard, headers: dict[str, str]) -> None:
    assert client_of(keyed_app).get("/documents", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {KEY}"},
        {"authorization": KEY},
        {"x-api-key": ""},
        {"x-api-key": KEY[:-1]},
        {"x-api-key": KEY + "k"},
        {"cookie": "pincite_session=x"},
        {"cookie": "pincite_session=99999999999.00"},
        {"cookie": f"pincite_session={KEY}"},
    ],
)
def test_nothing_else_opens(keyed_app: Guard, headers: dict[str, str]) -> None:
    response = client_of(keyed_app).get("/documents", headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, "unauthorized")
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_key_of_any_bytes_is_compared_and_refused() -> None:
    assert call("/x", {"x-api-key": "ключ"}, [b""], key=KEY)[0] == 401
    assert call("/x", {"x-api-key": KEY}, [b""], key="ключ")[0] == 401


@dataclass
class Keyed:
    """A server with a key of each role."""

    app: Guard
    state: State
    ask: str
    manage: str


@pytest.fixture
def keyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keyed]:
    monkeypatch.setattr(keys, "FRESH_SECONDS", -1.0)
    memory = MemoryWorkspace()
    fill(memory)
    with State.open(tmp_path) as state:
        ask, manage = state.keys.add("ask", "ask")[1], state.keys.add("manage", "manage")[1]
        app = create_app(memory.as_workspace, state, configured())
        yield Keyed(app, state, ask, manage)


def test_a_key_of_the_role_ask_changes_nothing(keyed: Keyed) -> None:
    app = keyed.app.app
    assert isinstance(app, FastAPI)
    client = client_of(keyed.app)

    def answers(key: str) -> dict[tuple[str, str], Any]:
        return {
            (method, path): client.request(
                method,
                path.replace("{document_id}", "x"),
                headers={"x-api-key": key},
                follow_redirects=False,
            )
            for method, path in sorted(_paths(app))
            if "gradio" not in path
        }

    asking, managing = answers(keyed.ask), answers(keyed.manage)
    assert not any(_stopped(answer) for answer in (*asking.values(), *managing.values()))
    assert not any(answer.status_code == 403 for answer in managing.values())
    refused = {
        (method, unversioned(path))
        for (method, path), answer in asking.items()
        if answer.status_code == 403
    }
    api = client.get("/openapi.json", headers={"x-api-key": keyed.ask}).json()["paths"]
    changing = {
        (method.upper(), unversioned(path))
        for path, operations in api.items()
        for method in operations
        if method.upper() not in SAFE and unversioned(path) not in ASKING
    }
    assert ("DELETE", "/documents/{document_id}") in changing
    assert refused == changing | MANAGING


def test_a_refusal_of_the_role_is_a_problem_that_says_so(keyed: Keyed) -> None:
    response = client_of(keyed.app).delete("/documents/x", headers={"x-api-key": keyed.ask})
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    assert "'manage'" in response.json()["detail"]
    files = {"files": ("a.txt", b"text", "text/plain")}
    for key, status in ((keyed.ask, 403), (keyed.manage, 201)):
        upload = client_of(keyed.app).post("/documents", files=files, headers={"x-api-key": key})
        assert upload.status_code == status


def test_a_revoked_key_opens_nothing_on_any_path_nor_do_its_sessions(keyed: Keyed) -> None:
    assert isinstance(keyed.app.app, FastAPI)
    signed_in = client_of(keyed.app)
    signed_in.post("/login", data={"key": keyed.ask}, follow_redirects=False)
    ways = [
        (signed_in, {}),
        (client_of(keyed.app), {"authorization": f"Bearer {keyed.ask}"}),
        (client_of(keyed.app), {"x-api-key": keyed.ask}),
    ]
    assert [c.get("/documents", headers=h).status_code for c, h in ways] == [200] * 3
    keyed.state.keys.revoke("ask")
    for client, headers in ways:
        for method, path in _paths(keyed.app.app):
            response = client.request(method, path, headers=headers, follow_redirects=False)
            assert _stopped(response) != (unversioned(path) in OPEN_PATHS), (method, path)


def test_the_last_key_that_is_revoked_opens_nothing(keyed: Keyed) -> None:
    for name in ("ask", "manage"):
        keyed.state.keys.revoke(name)
    assert client_of(keyed.app).get("/documents").status_code == 401


def test_a_new_key_counts_within_a_second_and_a_revoked_one_no_longer(tmp_path: Path) -> None:
    at = 0.0
    with State.open(tmp_path) as state:
        access = Access(state, configured(), clock=lambda: at)
        assert access.caller({}) == LOCAL
        key, secret = state.keys.add("bot", "ask")
        headers = {"x-api-key": secret}
        at += 1.0
        caller = access.caller(headers)
        assert caller == Caller(f"key:{key.id}", "bot", "ask")
        assert access.caller({}) is None
        state.keys.revoke("bot")
        at += 1.0
        assert access.caller(headers) is None


def test_each_key_is_compared_in_constant_time(
    keyed: Keyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    access = Access(keyed.state, configured(api_key=KEY))
    monkeypatch.setattr(keys, "hmac", type("Hmac", (), {"compare_digest": staticmethod(compare)}))
    for key in (keyed.ask, keyed.manage, KEY, "wrong"):
        compared.clear()
        assert (access.holder_of_key(key) is None) == (key == "wrong")
        assert len(compared) == 3
        assert {len(digest) for pair in compared for digest in pair} == {32}


def test_the_day_of_a_keys_use_is_noted_once(keyed: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[tuple[str, str]] = []
    monkeypatch.setattr(keyed.state.keys, "used", lambda *what: written.append(what))
    client = client_of(keyed.app)
    for _ in range(3):
        client.get("/documents", headers={"x-api-key": keyed.ask})
    assert len(written) == 1
    assert written[0][0] == keyed.state.keys.all()[0].id


def test_nobody_is_let_in_while_the_keys_cannot_be_read(
    keyed: Keyed, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(tmp_path / STATE)) as connection:
        connection.execute("DROP TABLE keys")
        connection.commit()
    client = client_of(keyed.app)
    for headers in ({}, {"x-api-key": keyed.manage}):
        response = client.get("/documents", headers=headers)
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert "no such table" not in response.text
    assert "no such table" in caplog.text
    assert client.get("/health").status_code == 200


def test_keys_are_neither_logged_nor_sent_back(
    keyed: Keyed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_of(keyed.app)
    sent = []
    for key in (keyed.ask, keyed.manage, "wrong-" + "w" * 40):
        for headers in ({"x-api-key": key}, {"authorization": f"Bearer {key}"}):
            for method, path in (("GET", "/documents"), ("DELETE", "/documents/x"), ("GET", "/no")):
                sent.append(client.request(method, path, headers=headers))
        sent.append(client.post("/login", data={"key": key}, follow_redirects=False))
    told = caplog.text + "".join(f"{response.headers} {response.text}" for response in sent)
    assert "role" in told
    for secret in (keyed.ask, keyed.manage, "w" * 40):
        assert secret not in told
        assert secret.removeprefix("pincite_") not in told
