"""What one can do in the chat besides asking: stop, filter, rate, save, switch the language."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from pincite.errors import CancelledError
from pincite.explanation import Filters
from pincite.records import Question, Restart, Stage
from tests.serve.memory import MemoryWorkspace
from tests.serve.scripted import explained, pieces, plays
from tests.serve.watched import Watched, open_chat

QUESTION = "What did the court rule on the Acme deposit?"


@pytest.fixture
def asked(workspace: MemoryWorkspace) -> Iterator[list[Question]]:
    questions: list[Question] = []
    workspace.before_asking = questions.append
    yield questions


def test_an_answer_grows_statement_by_statement_and_nothing_moves(
    chat: Watched, workspace: MemoryWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Event(), Event()
    answer = explained(workspace, QUESTION, mode="llm", model="tiny", resolved="Acme's deposit?")
    retrieving, reading, generating, one, two = pieces(answer)
    stream = plays(
        retrieving, reading, generating, one, lambda: first.wait(20), two,
        lambda: second.wait(20), answer,
    )  # fmt: skip
    monkeypatch.setattr(workspace, "stream", stream)
    page = chat.page
    turn = page.locator("#t1")
    chat.send("And the deposit?")
    expect(turn.locator(".pc-text")).to_have_text("The court ruled against Acme on 5 May.1")
    expect(turn.locator(".pc-status")).to_have_text("Writing…")
    heard = page.locator("#pc-said")
    expect(heard).to_contain_text("The court ruled against Acme")
    top = turn.locator(".pc-text").bounding_box()
    first.set()
    expect(turn.locator(".pc-text")).to_contain_text("Acme must pay the deposit back twice.")
    expect(heard).to_contain_text("Acme must pay")
    expect(heard).not_to_contain_text("The court ruled")
    second.set()
    expect(turn.locator(".pc-status")).to_contain_text("Written by tiny, each sentence checked")
    expect(turn).to_contain_text("Understood as: Acme's deposit?")
    after = turn.locator(".pc-text").bounding_box()
    assert top
    assert after
    assert (after["x"], after["y"], after["width"]) == (top["x"], top["y"], top["width"])
    chat.check()


def test_a_restart_takes_back_what_was_written(
    chat: Watched, workspace: MemoryWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = explained(workspace, QUESTION, degraded="the LLM does not answer")
    void = pieces(explained(workspace, "今年的小麦收成价格怎么样？"))
    again = [Restart("the LLM does not answer"), *pieces(answer)[3:], answer]
    monkeypatch.setattr(workspace, "stream", plays(*void, *again))
    chat.ask(QUESTION)
    text = chat.page.locator("#t1 .pc-text")
    expect(text).to_contain_text("The court ruled against Acme")
    expect(text).not_to_contain_text("小麦")
    expect(chat.page.locator("#t1")).to_contain_text("the LLM does not answer")
    chat.check()


@pytest.mark.parametrize("how", ["button", "Escape"])
def test_an_answer_can_be_stopped(
    chat: Watched, workspace: MemoryWorkspace, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled = Event()
    first = pieces(explained(workspace, QUESTION))[3]

    def stream(question: Question, cancel: Event) -> Iterator[object]:
        yield Stage("generating")
        yield first
        assert cancel.wait(20)
        cancelled.set()
        raise CancelledError("nobody waits any longer")

    monkeypatch.setattr(workspace, "stream", stream)
    chat.send(QUESTION)
    expect(chat.page.locator("#t1 .pc-text")).to_contain_text("The court ruled")
    if how == "button":
        chat.page.get_by_role("button", name="Stop").click()
    else:
        chat.page.keyboard.press("Escape")
    expect(chat.page.locator("#t1.is-stopped")).to_contain_text("You stopped this answer")
    expect(chat.page.locator("#t1 .pc-text")).to_contain_text("The court ruled")
    assert cancelled.wait(5)
    monkeypatch.undo()
    chat.ask(QUESTION, turn=2)
    expect(chat.page.locator("#t2 .pc-marker")).to_have_count(2)
    chat.check()


def test_what_was_said_before_goes_with_the_next_question(
    chat: Watched, asked: list[Question]
) -> None:
    chat.ask(QUESTION)
    chat.ask("And what may it appeal?", turn=2)
    followed = next(q for q in asked if q.text == "And what may it appeal?")
    assert [m.role for m in followed.history] == ["user", "assistant"]
    assert followed.history[0].content == QUESTION
    assert "[1]" in followed.history[1].content
    expect(chat.page.locator("#pc-outline a")).to_have_text([QUESTION, "And what may it appeal?"])
    chat.page.get_by_role("button", name="New conversation").click()
    expect(chat.page.locator(".pc-turn")).to_have_count(0)
    expect(chat.page.locator(".pc-welcome")).to_be_visible()
    chat.ask("What did the court rule on Acme?", turn=3)
    assert asked[-1].history == ()
    chat.check()


def test_filters_are_chips_that_go_with_the_question(
    chat: Watched, asked: list[Question], workspace: MemoryWorkspace
) -> None:
    page = chat.page
    page.get_by_role("button", name="Filters").click()
    form = page.locator("#pc-filters")
    expect(form.locator("[name=source]")).to_be_focused()
    offered = form.locator("datalist option")
    assert set(offered.evaluate_all("all => all.map(o => o.value)")) == {
        "acme.txt",
        "news.example.com",
    }
    form.locator("[name=source]").fill("news.example.com")
    form.locator("[name=language]").select_option("zh")
    form.locator("[name=since]").fill("2024-01-31")
    form.get_by_role("button", name="Apply").click()
    chips = page.locator("#pc-chips button")
    expect(chips).to_have_text(["news.example.com", "Chinese", "from 2024-01-31"])
    page.get_by_role("button", name="Remove the filter from 2024-01-31").click()
    chat.ask(QUESTION)
    assert asked[-1].filters == Filters(sources=("news.example.com",), languages=("zh",))
    turn = page.locator("#t1.is-not-found")
    turn.get_by_role("button", name="Search without filters").click()
    expect(page.locator("#t2 .pc-marker")).to_have_count(2)
    assert asked[-1].filters == Filters()
    expect(chips).to_have_count(0)
    chat.check()


def test_not_found_says_what_was_searched_and_why(
    chat: Watched, workspace: MemoryWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = explained(workspace, "Who painted the ceiling?")
    monkeypatch.setattr(workspace, "stream", plays(answer))
    chat.ask("Who painted the ceiling?")
    turn = chat.page.locator("#t1")
    expect(turn).to_contain_text("Searched 2 articles and 7 passages.")
    turn.get_by_text("Why this answer?").click()
    rows = turn.locator("tbody tr")
    expect(rows).to_have_count(len(answer.explain or []))
    expect(rows.first.locator("th")).to_contain_text("¶")
    expect(rows.first).to_contain_text("no. 1")
    expect(rows.first.locator("meter")).to_have_count(3)
    chat.check()


def test_an_answer_is_rated_with_a_comment(chat: Watched) -> None:
    sent: list[Any] = []

    def take(route: Route) -> None:
        sent.append(route.request.post_data_json)
        route.fulfill(status=201, body="{}")

    chat.page.route("**/feedback", take)
    chat.ask(QUESTION)
    turn = chat.page.locator("#t1")
    down = turn.get_by_role("button", name="Bad answer")
    down.click()
    expect(down).to_have_attribute("aria-pressed", "true")
    turn.get_by_role("textbox").fill("Only half of it")
    turn.get_by_role("button", name="Send").click()
    expect(turn.locator(".pc-feedback-said")).to_have_text("Thank you. Your comment is noted.")
    assert [(s["rating"], s["comment"], s["question"]) for s in sent] == [
        ("down", "", QUESTION),
        ("down", "Only half of it", QUESTION),
    ]
    assert len({str(s["answer_id"]) for s in sent}) == 1
    chat.page.unroute("**/feedback")
    chat.page.route("**/feedback", lambda route: route.fulfill(status=503))
    turn.get_by_role("button", name="Good answer").click()
    expect(turn.locator(".pc-feedback-said")).to_contain_text("could not be saved")
    expect(down).to_have_attribute("aria-pressed", "true")
    chat.errors.clear()  # Chromium reports the 503.
    chat.check()


@pytest.mark.parametrize(("kind", "name"), [("Markdown", ".md"), ("Web page", ".html")])
def test_the_conversation_is_saved_with_its_citations(chat: Watched, kind: str, name: str) -> None:
    chat.ask(QUESTION)
    with chat.page.expect_download() as download:
        chat.page.get_by_role("button", name=kind).click()
    assert download.value.suggested_filename.endswith(name)
    saved = Path(download.value.path()).read_text()
    for part in (QUESTION, "Acme must pay the deposit back twice", "Verdict in the Acme case"):
        assert part in saved
    chat.check()


def test_the_language_is_switched_in_place_and_kept(chat: Watched) -> None:
    page = chat.page
    chat.ask(QUESTION)
    page.get_by_role("combobox", name="Language").select_option("zh")
    expect(page.locator("#pc-send")).to_have_text("提问")
    expect(page.locator("#pc-box")).to_have_attribute("placeholder", "向你的文章提问……")
    expect(page.locator("#pc-library")).to_have_text("2 篇文章 · 7 个段落")
    expect(page.locator("#t1 .pc-marker")).to_have_count(2)
    page.reload()
    expect(page.locator(".pc-welcome h1")).to_have_text("你想了解什么？")
    expect(page.locator("#pc")).to_have_attribute("lang", "zh")
    chat.check()


def test_keys_write_send_and_lead_to_the_box(chat: Watched) -> None:
    page = chat.page
    box = page.locator("#pc-box")
    box.fill("shou cheng")
    # What Chromium sends for the Enter that ends a word of an input method.
    box.evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    box.press("Shift+Enter")
    box.press_sequentially("b/c")
    expect(box).to_have_value("shou cheng\nb/c")
    expect(page.locator(".pc-turn")).to_have_count(0)
    box.press("Enter")
    expect(page.locator("#t1:not(.is-working)")).to_be_visible()
    expect(page.locator("#t1 .pc-question")).to_contain_text("shou cheng\nb/c")
    page.locator("#t1 summary, #t1 .pc-card").first.focus()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    chat.check()


def test_suggestions_are_questions_that_are_answered(
    browser: Browser, address: str, workspace: MemoryWorkspace
) -> None:
    workspace.add(
        "Night ferry",
        "The harbour ferry will leave the old pier from 3 May 2025. A night ticket costs 4 euros.",
        "ferry.txt",
    )
    with open_chat(browser, address) as chat:
        suggested = chat.page.locator("#pc-suggestions button")
        expect(suggested.first).to_be_visible()
        question = "When will the harbour ferry leave the old pier?"
        chat.page.get_by_role("button", name=question).click()
        expect(chat.page.locator("#t1 .pc-question")).to_contain_text(question)
        expect(chat.page.locator("#t1 .pc-text")).to_contain_text("3 May 2025")
        expect(suggested.first).to_be_hidden()
        chat.check()
