"""axe-core finds nothing serious on any page, whatever is open."""

import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from pincite.cli.evaluation import evaluation_of
from pincite.evaluate.reports import keep_report
from pincite.records import Question
from pincite.serve.app import create_app
from pincite.settings import Settings
from pincite.state.feedback import opinion_on
from pincite.state.store import State
from pincite.state.users import set_password
from tests.serve.calls import configured
from tests.serve.conftest import listening
from tests.serve.memory import MemoryWorkspace
from tests.serve.scripted import explained, plays
from tests.serve.test_measured import REPORT
from tests.serve.watched import Watched, open_chat

QUESTION = "What did the court rule on the Acme deposit?"
PHONE, WIDE = (390, 844), (1440, 900)
Look = tuple[tuple[int, int], bool, str]


def _faults(chat: Watched) -> list[dict[str, Any]]:
    # Colours that fade in are judged once they are there.
    chat.page.evaluate("Promise.all(document.getAnimations().map(a => a.finished))")
    found: Any = Axe().run(chat.page).response
    return [
        {"id": fault["id"], "at": [node["target"] for node in fault["nodes"]][:5]}
        for fault in found["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]


LOOKS = [
    (WIDE, False, "en-US"),
    (WIDE, True, "zh-CN"),
    (PHONE, False, "zh-TW"),
    (PHONE, True, "en-GB"),
]


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_serious_is_found(
    browser: Browser,
    address: str,
    workspace: MemoryWorkspace,
    monkeypatch: pytest.MonkeyPatch,
    look: Look,
) -> None:
    size, dark, language = look
    good = explained(workspace, QUESTION, degraded="slower", resolved="Which ruling?")
    doubted = explained(workspace, QUESTION, status="partial", confidence=0.3)
    missing = explained(workspace, "Who painted the ceiling?")
    found = []
    with open_chat(browser, address, size=size, dark=dark, language=language) as chat:
        page = chat.page
        expect(page.locator("#pc-library")).not_to_be_empty()
        found += _faults(chat)
        page.locator("#pc-filter-open").click()
        page.locator("#pc-filters [name=source]").fill("acme.txt")
        found += _faults(chat)
        page.locator("#pc-filters [type=submit]").click()
        for turn, answer in enumerate((good, doubted, missing), 1):
            monkeypatch.setattr(workspace, "stream", plays(answer))
            chat.ask(QUESTION, turn=turn)
        page.locator("#t1 summary").click()
        page.locator("#t1 .pc-marker").first.focus()
        found += _faults(chat)
        page.locator("#t3 .pc-card").first.click()
        found += _faults(chat)
        page.locator("#pc-panel [data-article]").first.click()
        expect(page.locator(".pc-article")).to_be_visible()
        found += _faults(chat)
        chat.check()
    assert not found, json.dumps(found, indent=1)


@pytest.mark.parametrize("look", LOOKS[1:3])
def test_nothing_serious_is_found_on_the_pages_for_managers(
    browser: Browser, tmp_path: Path, workspace: MemoryWorkspace, look: Look
) -> None:
    size, dark, language = look
    evaluation = evaluation_of(Settings(home=tmp_path), workspace.as_workspace)
    config = configured(users=tmp_path / "users")
    set_password(tmp_path / "users", "Lin", "manage", "correct horse battery")
    workspace.set_tags(workspace.documents()[0].id, ["law"])
    found = []
    with State.open(tmp_path) as state:
        opinion = opinion_on(
            QUESTION, workspace.answer(Question(QUESTION)), "down", caller_id="a", caller_name="ann"
        )
        number = state.feedback.give(opinion).id
        app = create_app(workspace.as_workspace, state, config, evaluation=evaluation)
        with (
            listening(app) as address,
            open_chat(browser, address, size=size, dark=dark, language=language) as chat,
        ):
            page = chat.page
            found += _faults(chat)
            page.locator("#pc-name").fill("Lin")
            page.locator("#pc-password").fill("correct horse battery")
            page.locator("#pc-password").press("Enter")
            expect(page.locator("#pc-library")).not_to_be_empty()
            for path in ("/evaluation", "/feedback-list", f"/feedback-list/{number}"):
                page.goto(address + path)
                found += _faults(chat)
            keep_report(tmp_path, REPORT, "<!doctype html><title>r</title>")
            page.goto(f"{address}/evaluation")
            found += _faults(chat)
            page.goto(f"{address}/articles")
            found += _faults(chat)
            for opens in ("#pc-add", "[data-act=edit_tags]", "[data-act=delete]"):
                page.locator(opens).first.click()
                found += _faults(chat)
                page.keyboard.press("Escape")
            page.locator("[data-read]").first.click()
            expect(page.locator(".pc-article")).to_be_visible()
            found += _faults(chat)
            chat.check()
    assert not found, json.dumps(found, indent=1)
