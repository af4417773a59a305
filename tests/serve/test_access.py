"""The API key: what it guards, and the ways to show it."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from pincite.serve.guard import Guard
from tests.serve.calls import call
from tests.serve.conftest import KEY, client_of
from tests.serve.memory import MemoryWorkspace


def _paths(app: FastAPI) -> set[tuple[str, str]]:
    """List every method and path the application answers to, the mounted chat's too."""
    found: set[tuple[str, str]] = set()

    def walk(routes: list[Any], prefix: str) -> None:
        for route in routes:
            if isinstance(route, Mount):
                walk(route.routes, prefix + route.path)
            elif isinstance(route, APIRoute | Route):
                found.update((method, prefix + route.path) for method in route.methods or ())
            else:
                walk(route.original_router.routes, prefix + route.include_context.prefix)

    walk(app.routes, "")
    return found


def test_every_route_needs_the_key_save_those_named(keyed_app: Guard) -> None:
    assert isinstance(keyed_app.app, FastAPI)
    paths = _paths(keyed_app.app)
    assert ("POST", "/ask") in paths
    assert ("DELETE", "/documents/{document_id}") in paths
    assert ("POST", "/gradio_api/queue/join") in paths
    assert ("GET", "/openapi.json") in paths
    assert ("POST", "/v1/ask/batch") in paths
    assert len(paths) > 60
    client = client_of(keyed_app)
    open_paths = {
        (method, path)
        for method, path in paths
        if client.request(method, path, follow_redirects=False).status_code != 401
    }
    named = {"/health", "/v1/health", "/login", "/favicon.ico"}
    assert {path for _, path in open_paths} == named


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


def test_a_person_signs_in_by_the_page(keyed_app: Guard, workspace: MemoryWorkspace) -> None:
    client = client_of(keyed_app)
    page = client.get("/", headers={"accept": "text/html", "accept-language": "zh-CN"})
    assert page.url.path == "/login"
    assert 'lang="zh"' in page.text
    assert KEY not in page.text
    wrong = client.post("/login", data={"key": "<script>"}, follow_redirects=False)
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    assert "<script>" not in wrong.text
    right = client.post("/login", data={"key": KEY}, follow_redirects=False)
    assert (right.status_code, right.headers["location"]) == (303, "/")
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert KEY not in cookie
    assert client.get("/documents").json()["total"] == len(workspace.stored)


def test_a_session_ends_when_its_time_is_over_or_the_key_changes(
    keyed_app: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(keyed_app)
    client.post("/login", data={"key": KEY}, follow_redirects=False)
    session = client.cookies["pincite_session"]
    signed = {"cookie": f"pincite_session={session}"}
    assert client.get("/documents").status_code == 200
    assert call("/x", signed, [b""], key=KEY)[0] == 200
    assert call("/x", signed, [b""], key=KEY + "2")[0] == 401
    later = str(int(session.split(".")[0]) + 1) + session[session.index(".") :]
    assert call("/x", {"cookie": f"pincite_session={later}"}, [b""], key=KEY)[0] == 401
    monkeypatch.setattr("pincite.serve.keys.time.time", lambda: int(session.split(".")[0]) + 1)
    assert call("/x", signed, [b""], key=KEY)[0] == 401
