"""``/feedback``: what may be rated, by whom, and who reads it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from pincite.serve.access.callers import Caller
from pincite.serve.api.recent import RecentAnswers
from pincite.serve.app import create_app
from pincite.state.keys import KeyRole
from pincite.state.store import State
from tests.serve.calls import configured
from tests.serve.conftest import client_of
from tests.serve.memory import MemoryWorkspace, fill
from tests.state.made_up import answer

QUESTION = "What did the court rule on Acme?"
Served = tuple[TestClient, State, dict[str, dict[str, str]]]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server with the keys of two bots and a manager."""
    memory = MemoryWorkspace()
    fill(memory)
    with State.open(tmp_path) as state:
        roles: dict[str, KeyRole] = {"bot": "ask", "other": "ask", "lin": "manage"}
        headers = {
            name: {"x-api-key": state.keys.add(name, role)[1]} for name, role in roles.items()
        }
        yield client_of(create_app(memory.as_workspace, state, configured())), state, headers


def _ask(client: TestClient, headers: dict[str, str]) -> Any:
    return client.post("/ask", json={"question": QUESTION}, headers=headers).json()


def test_an_answer_is_rated_by_its_id_and_read_by_a_manager(served: Served) -> None:
    client, state, headers = served
    answered = _ask(client, headers["bot"])
    rating = {"answer_id": answered["id"], "rating": "down", "comment": " Too old. "}
    given = client.post("/feedback", json=rating, headers=headers["bot"])
    assert given.status_code == 201
    assert set(given.json()) == {"id", "answer_id", "rating", "created"}
    listed = client.get("/feedback", headers=headers["lin"]).json()
    (item,) = listed["feedback"]
    assert (listed["total"], item["caller"], item["comment"]) == (1, "bot", "Too old.")
    assert (item["question"], item["answer"]) == (QUESTION, answered["answer"])
    assert (item["status"], item["index_generation"]) == ("answered", answered["index_generation"])
    (stored,) = state.feedback.listed()
    assert stored.opinion.evidence[0] == (
        answered["citations"][0]["source"],
        answered["citations"][0]["quote"],
    )
    assert client.get("/feedback", headers=headers["bot"]).status_code == 403


def test_what_another_was_answered_is_not_known(served: Served) -> None:
    client, state, headers = served
    rating = {"answer_id": _ask(client, headers["bot"])["id"], "rating": "up"}
    refused = client.post("/feedback", json=rating, headers=headers["other"])
    assert (refused.status_code, refused.json()["code"]) == (404, "answer_unknown")
    sent = {**rating, "question": "Mine?", "answer": "Yes.", "status": "answered"}
    assert client.post("/feedback", json=sent, headers=headers["other"]).status_code == 201
    (stored,) = state.feedback.listed()
    assert (stored.opinion.question, stored.opinion.evidence) == ("Mine?", ())


def test_the_list_is_chosen_by_rating_and_day(served: Served) -> None:
    client, _, headers = served
    for number, rating in enumerate(("up", "down", "down")):
        sent = {"answer_id": f"a{number}", "rating": rating, "question": "Who?"}
        assert client.post("/feedback", json=sent, headers=headers["bot"]).status_code == 201

    def ids(query: str) -> list[str]:
        listed = client.get(f"/feedback?{query}", headers=headers["lin"]).json()
        return [item["answer_id"] for item in listed["feedback"]]

    assert ids("") == ["a2", "a1", "a0"]
    assert ids("rating=down&limit=1&offset=1") == ["a1"]
    assert ids("since=2999-01-01") == []
    assert client.get("/feedback?since=soon", headers=headers["lin"]).status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"rating": "meh"},
        {"comment": "x" * 2001},
        {"comment": "\ud800"},
        {"question": ""},
        {"question": "x" * 4001},
        {"answer": "x" * 20_001},
        {"answer_id": ""},
        {"index_generation": -1},
        {"index_generation": 1e300},
        {"caller": "lin"},
    ],
)
def test_what_is_no_feedback_is_refused(served: Served, change: dict[str, object]) -> None:
    client, state, headers = served
    sent = {"answer_id": "a", "rating": "up", "question": "Who?", **change}
    content = json.dumps(sent).encode()
    typed = {**headers["bot"], "content-type": "application/json"}
    assert client.post("/feedback", content=content, headers=typed).status_code == 422
    assert state.feedback.count() == 0


def test_the_last_answers_are_remembered_for_each_caller() -> None:
    ann, bob = Caller("key:ann", "ann", "ask"), Caller("key:bob", "bob", "ask")
    recent = RecentAnswers(most=2)
    recent.keep(ann, "One?", answer("a1"))
    recent.keep(ann, "Two?", answer("a2"))
    recent.keep(ann, "One?", answer("a1"))
    recent.keep(ann, "Three?", answer("a3"))
    kept = [recent.find(ann, f"a{number}") for number in (1, 2, 3)]
    assert [found.question if found else None for found in kept] == ["One?", None, "Three?"]
    assert recent.find(bob, "a1") is None
