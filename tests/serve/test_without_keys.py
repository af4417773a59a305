"""Servers without keys: open to this machine, and to nobody behind a proxy."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from pincite.serve.access.keys import Access
from pincite.state.store import State
from tests.serve.calls import configured
from tests.serve.conftest import KEY


def test_without_keys_only_this_machine_is_let_in(tmp_path: Path) -> None:
    with State.open(tmp_path) as state:
        assert Access(state, configured()).open
        for shut in ({"loopback": False}, {"api_key": KEY}, {"users": tmp_path / "users"}):
            access = Access(state, configured(**shut))
            assert not access.open
            assert access.caller({}) is None


def test_without_keys_a_client_that_has_to_send_one_may_send_any(client: TestClient) -> None:
    for headers in ({"authorization": "Bearer none"}, {"x-api-key": "none"}, {"cookie": "a=b"}):
        assert client.get("/documents", headers=headers).status_code == 200


@pytest.mark.parametrize("name", ["x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded"])
def test_what_a_proxy_passed_on_is_not_of_this_machine(client: TestClient, name: str) -> None:
    assert client.get("/documents").status_code == 200
    assert client.get("/documents", headers={name: "203.0.113.7"}).status_code == 401
