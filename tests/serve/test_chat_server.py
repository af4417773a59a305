"""The chat while its server loads, and once it is gone."""

from threading import Event

from playwright.sync_api import Browser, expect

from pincite.serve.app import create_app
from pincite.state.store import State
from tests.serve.calls import configured
from tests.serve.conftest import listening
from tests.serve.memory import MemoryWorkspace, fill
from tests.serve.watched import Watched, open_chat

QUESTION = "What did the court rule on the Acme deposit?"


def test_the_page_is_usable_while_the_model_loads(browser: Browser, state: State) -> None:
    memory = MemoryWorkspace()
    fill(memory)
    loaded = Event()
    memory.before_warming = lambda: loaded.wait(30)
    memory.before_asking = lambda _: loaded.wait(30)
    app = create_app(memory.as_workspace, state, configured())
    with listening(app) as address, open_chat(browser, address) as chat:
        expect(chat.page.locator("#pc-loading")).to_be_visible()
        chat.send(QUESTION)
        expect(chat.page.locator("#t1 .pc-status")).to_have_text("Waiting for the model to load…")
        loaded.set()
        expect(chat.page.locator("#t1 .pc-marker")).to_have_count(2)
        expect(chat.page.locator("#pc-loading")).to_be_hidden()
        chat.check()


def test_a_server_that_is_gone_is_told_in_the_turn(
    chat: Watched, workspace: MemoryWorkspace
) -> None:
    over = Event()
    workspace.while_answering = lambda _: over.wait(20)
    chat.send(QUESTION)
    expect(chat.page.locator("#t1.is-working")).to_be_visible()
    chat.page.context.set_offline(True)
    try:
        expect(chat.page.locator("#t1.is-failed")).to_contain_text("Check that it is running")
    finally:
        over.set()
    chat.page.context.set_offline(False)
    chat.page.get_by_role("button", name="Ask again").click()
    expect(chat.page.locator("#t2")).to_be_visible()
