"""The chat's streams belong to who opened them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from pincite.serve.app import create_app
from pincite.state.store import State
from tests.serve.calls import configured
from tests.serve.conftest import client_of
from tests.serve.memory import MemoryWorkspace, fill


@pytest.fixture
def callers(tmp_path: Path) -> Iterator[tuple[TestClient, TestClient]]:
    """Two people at the same server."""
    memory = MemoryWorkspace()
    fill(memory)
    with State.open(tmp_path) as state:
        keys = [state.keys.add(name, "ask")[1] for name in ("ann", "bob")]
        app = create_app(memory.as_workspace, state, configured())
        ann, bob = client_of(app), client_of(app)
        for client, key in zip((ann, bob), keys, strict=True):
            client.headers["x-api-key"] = key
        with ann:
            yield ann, bob


def _join(client: TestClient, session: str) -> int:
    sent = {"data": [], "fn_index": 0, "session_hash": session}
    return client.post("/gradio_api/queue/join", json=sent).status_code


def test_nobody_reads_or_ends_the_stream_of_another(
    callers: tuple[TestClient, TestClient],
) -> None:
    ann, bob = callers
    assert _join(ann, "anns") == 200
    assert _join(bob, "anns") == 404
    for path in ("queue/data?session_hash=anns", "heartbeat/anns"):
        refused = bob.get(f"/gradio_api/{path}")
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    doubled = bob.get("/gradio_api/queue/data?session_hash=bobs&session_hash=anns")
    assert doubled.status_code == 404
    cancel = {"session_hash": "anns", "fn_index": 0, "event_id": "x"}
    assert bob.post("/gradio_api/cancel", json=cancel).status_code == 404
    assert ann.post("/gradio_api/cancel", json=cancel).status_code != 404
    assert _join(bob, "bobs") == 200
    data = ann.get("/gradio_api/queue/data?session_hash=anns")
    assert data.status_code == 200
    assert "process_completed" in data.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"session_hash": 7}', b"[" * 30_000])
def test_what_names_no_stream_is_left_to_gradio(
    callers: tuple[TestClient, TestClient], body: bytes
) -> None:
    headers = {"content-type": "application/json"}
    response = callers[0].post("/gradio_api/queue/join", content=body, headers=headers)
    assert response.status_code in {400, 422, 500}
