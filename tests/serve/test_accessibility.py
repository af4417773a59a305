"""axe-core finds nothing serious on the chat, whatever is open."""

import json
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.serve.memory import MemoryWorkspace
from tests.serve.scripted import explained, plays
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


@pytest.mark.parametrize(
    "look",
    [
        (WIDE, False, "en-US"),
        (WIDE, True, "zh-CN"),
        (PHONE, False, "zh-TW"),
        (PHONE, True, "en-GB"),
    ],
)
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
