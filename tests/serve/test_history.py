"""Conversations: kept for their owner; nobody else lists, opens, changes or saves them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from pincite.records import Question
from pincite.serve.access.guard import Guard
from pincite.serve.app import create_app
from pincite.serve.ui.kept import Kept
from pincite.state.conversations import Conversations
from pincite.state.errors import ConversationNotFoundError
from pincite.state.store import State
from tests.serve.calls import configured
from tests.serve.conftest import client_of, listening
from tests.serve.memory import MemoryWorkspace
from tests.serve.watched import Watched, open_chat

ACME = "What did the court rule on the Acme deposit?"
WHEAT = "今年的小麦收成价格怎么样？"
WHERE = "/ui/conversations"


@pytest.fixture
def own_state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path) as made:
        yield made


@pytest.fixture
def own_app(workspace: MemoryWorkspace, own_state: State) -> Guard:
    return create_app(workspace.as_workspace, own_state, configured())


@pytest.fixture
def own(browser: Browser, own_app: Guard) -> Iterator[Watched]:
    with listening(own_app) as address, open_chat(browser, address) as watched:
        expect(watched.page.locator("#pc-library")).not_to_be_empty()
        yield watched


def _keep(state: State, workspace: MemoryWorkspace, owner: str, *questions: str) -> str:
    kept, conversation = Kept(state.conversations, workspace.as_workspace), ""
    for text in questions:
        question = Question(text, explain=True)
        conversation = kept.add(owner, conversation, question, workspace.answer(question))
    return conversation


def _titles(client: TestClient, search: str = "", **headers: str) -> list[str]:
    found = client.get(WHERE, params={"q": search}, headers=headers).json()
    return [conversation["title"] for conversation in found["conversations"]]


def test_what_was_said_goes_along_and_only_for_the_owner(
    own_state: State, workspace: MemoryWorkspace
) -> None:
    conversation = _keep(own_state, workspace, "key:a", ACME, WHEAT)
    kept = Kept(own_state.conversations, workspace.as_workspace)
    before = kept.before("key:a", conversation)
    assert [m.content for m in before if m.role == "user"] == [ACME, WHEAT]
    assert kept.before("key:a", "") == ()
    question = Question(ACME)
    for call in (
        lambda: kept.before("key:b", conversation),
        lambda: kept.get("key:b", conversation),
        lambda: kept.add("key:b", conversation, question, workspace.answer(question)),
    ):
        with pytest.raises(ConversationNotFoundError):
            call()


def test_two_callers_never_see_each_others(own_state: State, workspace: MemoryWorkspace) -> None:
    keys = {name: own_state.keys.add(name, "manage") for name in ("ann", "bob")}
    client = client_of(create_app(workspace.as_workspace, own_state, configured()))
    conversation = _keep(own_state, workspace, f"key:{keys['ann'][0].id}", ACME)
    ann, bob = ({"x-api-key": keys[name][1]} for name in ("ann", "bob"))
    assert _titles(client, **ann) == [ACME]
    assert _titles(client, **bob) == []
    path = f"{WHERE}/{conversation}"
    for method, place, body in (
        ("GET", path, None),
        ("GET", f"{path}/export?kind=markdown", None),
        ("PUT", path, {"title": "mine"}),
        ("DELETE", path, None),
    ):
        refused = client.request(method, place, json=body, headers=bob)
        assert (refused.status_code, refused.json()["code"]) == (404, "conversation_not_found")
        assert ACME not in refused.text
    opened = client.get(path, headers=ann).json()
    assert (opened["title"], opened["turns"]) == (ACME, 1)
    assert 'class="pc-turn is-answered"' in opened["markup"]
    assert 'data-source="t1-s1"' in opened["markup"]
    assert 'class="pc-why"' in opened["markup"]


def test_the_list_is_searched_paged_and_changed(
    own_app: Guard, own_state: State, workspace: MemoryWorkspace
) -> None:
    client = client_of(own_app)
    conversation = _keep(own_state, workspace, "local", ACME, WHEAT)
    for number in range(51):
        own_state.conversations.create("local", f"About {number}")
    page = client.get(WHERE).json()
    assert (len(page["conversations"]), page["more"]) == (50, True)
    assert not client.get(WHERE, params={"offset": 50}).json()["more"]
    assert _titles(client, "小麥") == [ACME]
    path = f"{WHERE}/{conversation}"
    assert client.put(path, json={"title": "  The   deposit "}).json()["title"] == "The deposit"
    assert _titles(client, "THE DEPOSIT") == ["The deposit"]
    assert client.put(path, json={"title": " "}).status_code == 422
    saved = client.get(f"{path}/export", params={"kind": "markdown"})
    assert saved.text.startswith("# The deposit\n")
    assert saved.headers["content-disposition"].endswith('.md"')
    assert client.get(f"{path}/export", params={"kind": "exe"}).status_code == 422
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_a_conversation_outlives_the_page(own: Watched) -> None:
    page = own.page
    own.ask(ACME)
    own.ask(WHEAT, turn=2)
    expect(page.locator("#pc-conversation-list a")).to_have_text([ACME])
    address = page.url
    assert "?c=" in address
    page.reload()
    expect(page.locator(".pc-turn.is-answered")).to_have_count(2)
    assert page.url == address
    page.locator("#t1 .pc-marker").first.click()
    expect(page.locator("#pc-panel .is-lit mark")).to_be_visible()
    own.ask("今年的小麦怎么样？", turn=3)
    page.locator("#pc-new").click()
    expect(page.locator(".pc-welcome")).to_be_visible()
    assert "?c=" not in page.url
    own.ask(WHEAT, turn=4)
    expect(page.locator("#pc-conversation-list a")).to_have_text([WHEAT, ACME])
    page.locator("#pc-conversation-list a").nth(1).click()
    expect(page.locator(".pc-turn")).to_have_count(3)
    assert page.url == address
    page.go_back()
    expect(page.locator(".pc-turn")).to_have_count(1)
    own.check()


def test_the_list_is_worked_with_the_keyboard(
    own: Watched, own_state: State, workspace: MemoryWorkspace
) -> None:
    page = own.page
    first = _keep(own_state, workspace, "local", ACME)
    _keep(own_state, workspace, "local", WHEAT)
    page.reload()
    lines = page.locator("#pc-conversation-list a")
    expect(lines).to_have_text([WHEAT, ACME])
    page.locator("#pc-conversation-search").fill("acme")
    expect(lines).to_have_text([ACME])
    page.get_by_role("button", name=f"Rename: {ACME}").press("Enter")
    field = page.get_by_label("New title")
    field.fill("nothing")
    field.press("Escape")
    expect(lines).to_have_text([ACME])
    page.get_by_role("button", name=f"Rename: {ACME}").press("Enter")
    field.fill("Acme")
    field.press("Enter")
    expect(lines).to_have_text(["Acme"])
    for answer, left in (("Cancel", ["Acme"]), ("Delete", [])):
        page.get_by_role("button", name="Delete: Acme").press("Enter")
        expect(page.locator("#pc-confirm")).to_contain_text("Delete “Acme”?")
        page.locator("#pc-confirm").get_by_role("button", name=answer).press("Enter")
        expect(lines).to_have_text(left)
    expect(page.locator("#pc-conversation-none")).to_be_visible()
    with pytest.raises(ConversationNotFoundError):
        own_state.conversations.get("local", first)
    own.check()


def test_an_address_of_no_conversation_of_ones_own_says_so(
    own: Watched, own_state: State, workspace: MemoryWorkspace
) -> None:
    other = _keep(own_state, workspace, "key:other", ACME)
    own.page.goto(own.page.url + f"?c={other}")
    expect(own.page.locator(".pc-told")).to_contain_text("There is no such conversation")
    assert ACME not in own.page.content()
    own.ask(WHEAT)
    expect(own.page.locator(".pc-turn.is-answered")).to_be_visible()


def test_an_answer_is_shown_though_no_more_are_kept(
    own: Watched, own_state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Conversations(own_state.conversations._database, most=0)
    monkeypatch.setattr(own_state.conversations, "create", full.create)
    own.ask(ACME)
    expect(own.page.locator("#t1")).to_contain_text("not kept in your conversations")
    expect(own.page.locator("#t1 .pc-marker").first).to_be_visible()
    assert "?c=" not in own.page.url
