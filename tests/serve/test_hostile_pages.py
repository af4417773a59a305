"""Hostile titles, names, comments and conversations on the pages besides the chat."""

import json
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from pincite.cli.evaluation import evaluation_of
from pincite.evaluate.reports import keep_report
from pincite.records import Question
from pincite.serve.app import create_app
from pincite.settings import Settings
from pincite.state.feedback import opinion_on
from pincite.state.store import State
from tests.serve.calls import configured
from tests.serve.conftest import listening
from tests.serve.memory import MemoryWorkspace
from tests.serve.test_hostile_text import ACTIVE, HOSTILE
from tests.serve.test_measured import REPORT
from tests.serve.watched import Watched, open_chat

SAFE_LINKS = ("/", "#", "https://example.com/")


def _check(chat: Watched, where: str, ours: frozenset[str] = frozenset()) -> None:
    """Find nothing active below an element but what is ours."""
    page: Page = chat.page
    nodes = f"[...document.querySelectorAll({json.dumps(f'{where} *')})]"
    made = set(page.evaluate(f"{nodes}.map(e => e.tagName.toLowerCase())"))
    assert made, where
    assert made & ACTIVE <= ours
    links = page.evaluate(f"{nodes}.filter(e => e.matches('a')).map(a => a.getAttribute('href'))")
    assert all(link.startswith(SAFE_LINKS) for link in links), links
    names = set(page.evaluate(f"{nodes}.flatMap(e => e.getAttributeNames())"))
    assert not {name for name in names if name.startswith("on") or name in {"style", "src"}}
    assert page.evaluate("window.pwned") is None


def _fill(workspace: MemoryWorkspace, state: State) -> int:
    workspace.reset()
    for number, text in enumerate(HOSTILE):
        source = text if number % 2 else f"https://example.com/{text}"
        document = workspace.add(f"{number} {text}", f"zebra {text}", source, published=text)
        workspace.set_tags(document.info.id, [text])
        conversation = state.conversations.create("local", f"{number} {text}").id
        question = Question(f"zebra crossing {text}", explain=True)
        answer = workspace.answer(question)
        state.conversations.append("local", conversation, question, answer)
        opinion = opinion_on(
            f"{number} {text}",
            answer,
            "up",
            caller_id=str(number),
            caller_name=text,
            comment=text,
            person=text,
        )
        stored = state.feedback.give(opinion).id
    state.feedback.mark([stored - 1], HOSTILE[0])
    return stored


def test_hostile_text_is_shown_on_every_page_and_does_nothing(
    browser: Browser, tmp_path: Path, workspace: MemoryWorkspace
) -> None:
    evaluation = evaluation_of(Settings(home=tmp_path), workspace.as_workspace)
    run = {"files": dict.fromkeys(HOSTILE), "finished": HOSTILE[0]}
    slices = {"lang": {text: {"recall@5": 0.5} for text in HOSTILE}}
    keep_report(tmp_path, {**REPORT, "run": run, "slices": slices}, "".join(HOSTILE))
    with State.open(tmp_path) as state:
        number = _fill(workspace, state)
        app = create_app(workspace.as_workspace, state, configured(), evaluation=evaluation)
        with listening(app) as address, open_chat(browser, address) as chat:
            page = chat.page
            lines = page.locator("#pc-conversation-list a")
            expect(lines).to_have_count(50)
            page.locator("#pc-conversation-more").click()
            expect(lines).to_have_count(len(HOSTILE))
            for place in range(0, len(HOSTILE), 9):
                lines.nth(place).click()
                expect(page.locator(".pc-turn")).to_have_count(1)
                _check(chat, "#pc-turns", frozenset({"form"}))
            _check(chat, "#pc-sidebar-page, .pc-sidebar-page", frozenset({"input"}))
            page.locator("#pc-conversation-list [data-act=delete]").first.press("Enter")
            expect(page.locator("#pc-confirm")).to_be_visible()
            page.keyboard.press("Escape")
            for path in ("/articles", "/articles?page=2&sort=title"):
                page.goto(address + path)
                _check(chat, "#pc-list")
            page.locator("[data-read]").first.click()
            expect(page.locator(".pc-article")).to_be_visible()
            _check(chat, "#pc-panel")
            page.locator("[data-act=delete]").first.click()
            _check(chat, "#pc-confirm", frozenset({"form"}))
            page.keyboard.press("Escape")
            for path in ("?page=1", "?page=2", "?page=3", f"/{number}"):
                page.goto(f"{address}/feedback-list{path}")
                _check(chat, ".pc-sheet", frozenset({"form", "input"}))
            chat.check()
            # Chromium tells of requests that the policy stopped, too.
            stopped: list[str] = []
            page.on(
                "requestfailed", lambda r: stopped.append(r.url) if r.failure == "csp" else None
            )
            page.goto(f"{address}/evaluation")
            _check(chat, ".pc-sheet", frozenset({"meter", "iframe"}))
            page.wait_for_timeout(300)
            assert set(chat.outside) <= set(stopped)
            assert page.evaluate("window.pwned") is None
