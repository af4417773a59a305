"""The chat in a real browser: asking, reading the answer, following it to its source."""

import re
from threading import Event

import pytest
from playwright.sync_api import Browser, expect

from pincite.errors import ModeUnavailableError
from pincite.records import Question
from pincite.serve.access.guard import Guard
from tests.serve.conftest import KEY, listening
from tests.serve.memory import RULING, MemoryWorkspace
from tests.serve.watched import WIDE, Watched, open_chat

QUESTION = "What did the court rule on the Acme deposit?"
HARVEST = "今年的小麦收成价格怎么样？"
LAPTOP, PHONE = (1280, 720), (390, 844)


def test_a_question_is_answered_and_its_passage_shown_in_context(chat: Watched) -> None:
    page = chat.page
    expect(page.locator("#pc-library")).to_have_text("2 articles · 7 passages")
    expect(page.locator("#pc-box")).to_be_focused()
    chat.ask(QUESTION)
    turn = page.locator("#t1")
    expect(turn.locator(".pc-status")).to_contain_text("Well supported")
    expect(turn.locator(".pc-status")).to_contain_text("Quoted word for word")
    assert "90%" in (turn.locator(".pc-sure").get_attribute("title") or "")
    expect(turn.locator(".pc-figures")).to_contain_text("2 passages")
    markers = turn.locator(".pc-marker")
    expect(markers).to_have_text(["1", "2"])
    expect(page.locator("#pc-panel")).to_be_hidden()
    markers.first.click()
    source = page.locator("#pc-panel .is-lit")
    expect(source).to_be_focused()
    expect(source.locator("h4")).to_have_text("Verdict in the Acme case")
    expect(source).to_contain_text("acme.txt")
    expect(source).not_to_contain_text("/srv/articles")
    expect(source).to_contain_text("2025-05-06")
    expect(source.locator("mark")).to_have_text("The court ruled against Acme on 5 May.")
    assert source.locator("blockquote").text_content() == RULING
    assert page.locator("#pc-box").input_value() == ""
    chat.check()


def test_a_marker_shows_its_quote_before_it_is_pressed(chat: Watched) -> None:
    chat.ask(QUESTION)
    popover = chat.page.get_by_role("tooltip")
    marker = chat.page.locator("#t1 .pc-marker").nth(1)
    marker.hover()
    for part in ("Acme must pay the deposit back twice.", "Verdict in the Acme case", "2025-05-06"):
        expect(popover).to_contain_text(part)
    expect(popover).to_be_in_viewport(ratio=1)
    chat.page.mouse.move(5, 5)
    expect(popover).to_be_hidden()
    chat.page.locator("#t1 .pc-marker").first.focus()
    chat.page.keyboard.press("Tab")
    expect(marker).to_be_focused()
    expect(popover).to_contain_text("pay the deposit back twice")
    chat.page.keyboard.press("Escape")
    expect(popover).to_be_hidden()
    chat.check()


def test_a_finger_sees_the_quote_first_and_the_source_next(
    browser: Browser, address: str, workspace: MemoryWorkspace
) -> None:
    assert workspace.stored
    with open_chat(browser, address, size=PHONE, touch=True) as chat:
        chat.ask(QUESTION)
        chat.page.locator("#t1 .pc-marker").first.tap()
        expect(chat.page.get_by_role("tooltip")).to_contain_text("The court ruled against Acme")
        expect(chat.page.locator("#pc-panel")).to_be_hidden()
        chat.page.get_by_role("tooltip").locator("button").tap()
        expect(chat.page.locator("#pc-panel .is-lit mark")).to_be_in_viewport()
        chat.page.locator("#pc-panel-close").tap()
        expect(chat.page.locator("#pc-panel")).to_be_hidden()
        chat.check()


def test_the_whole_article_is_shown_at_the_quote_and_a_citation_copied(
    chat: Watched, workspace: MemoryWorkspace
) -> None:
    filler = "\n\n".join(f"Paragraph {n} tells of nothing much." for n in range(80))
    workspace.add(
        "Airships", f"{filler}\n\n## Landing\n\nThe zeppelin landed at Lakehurst.", "z.txt"
    )
    chat.ask("Where did the zeppelin land at Lakehurst?")
    page = chat.page
    page.locator("#t1 .pc-card").first.click()
    copy = page.locator("#pc-panel [data-copy]").first
    copy.click()
    expect(copy).to_contain_text("Copied")
    start = workspace.document(workspace.documents()[0].id).text.index("The zeppelin")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (
        "“The zeppelin landed at Lakehurst.” — Airships. z.txt. No date. "
        f"Characters {start}–{start + 33}."
    )
    page.get_by_role("button", name="Show the whole article").first.click()
    expect(page.locator(".pc-article mark")).to_have_text("The zeppelin landed at Lakehurst.")
    expect(page.locator(".pc-article mark")).to_be_in_viewport()
    expect(page.locator(".pc-article h4")).to_have_text("Landing")
    expect(page.locator(".pc-article")).to_contain_text("Paragraph 0 tells")
    page.get_by_role("button", name="Back to the passages").click()
    expect(page.locator("#pc-panel .is-lit")).to_be_visible()
    workspace.forget(
        page.locator("#pc-panel [data-article]").first.get_attribute("data-article") or ""
    )
    page.get_by_role("button", name="Show the whole article").first.click()
    expect(page.locator("#pc-panel")).to_contain_text("no longer in the library")
    chat.errors.clear()  # Chromium reports the 404.
    chat.check()


def test_each_answer_keeps_its_own_sources(chat: Watched) -> None:
    chat.ask(QUESTION)
    chat.ask(HARVEST, turn=2)
    chat.page.locator("#t2 .pc-marker").first.click()
    panel = chat.page.locator("#pc-panel")
    expect(panel.locator("h4").first).to_have_text("今年的收成")
    link = panel.locator("a").first
    assert link.get_attribute("href") == "https://news.example.com/harvest"
    assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    chat.page.locator("#t1 .pc-marker").nth(1).click()
    expect(panel.locator(".is-lit mark")).to_have_text("Acme must pay the deposit back twice.")
    expect(panel.locator(".is-lit")).to_be_in_viewport()
    chat.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(chat.page.locator("#t1 .pc-marker").nth(1)).to_be_focused()
    chat.check()


def test_not_found_looks_different_and_offers_the_nearest(chat: Watched) -> None:
    chat.ask("Who painted the ceiling?")
    turn = chat.page.locator("#t1.is-not-found")
    expect(turn.locator(".pc-status")).to_have_text("Not in your articles")
    expect(turn.locator(".pc-marker, .pc-error")).to_have_count(0)
    expect(turn.locator(".pc-card")).to_have_count(2)
    expect(turn).to_contain_text("do not answer the question")
    expect(turn).to_contain_text("Name who, what or when.")
    turn.locator(".pc-card").first.click()
    expect(chat.page.locator("#pc-panel .is-nearest.is-lit")).to_be_visible()
    chat.check()


@pytest.mark.parametrize(
    ("language", "spoken"),
    [("zh-CN", ("zh", "你想了解什么？")), ("zh-TW", ("zh-Hant", "你想了解什麼？"))],
)
def test_the_page_speaks_the_browsers_language_and_the_answer_its_own(
    browser: Browser,
    address: str,
    workspace: MemoryWorkspace,
    language: str,
    spoken: tuple[str, str],
) -> None:
    tag, welcome = spoken
    assert workspace.stored
    with open_chat(browser, address, language=language) as chat:
        expect(chat.page.locator(".pc-welcome h1")).to_have_text(welcome)
        assert chat.page.locator("#pc").get_attribute("lang") == tag
        chat.ask(HARVEST)
        expect(chat.page.locator("#t1 .pc-status")).to_contain_text("依据充分")
        chat.ask(QUESTION, turn=2)
        expect(chat.page.locator("#t2 .pc-status")).to_contain_text("Well supported")
        assert chat.page.locator("#t2 .pc-reply").get_attribute("lang") == "en"
        chat.check()


def test_an_empty_library_says_how_to_fill_it(
    browser: Browser, address: str, workspace: MemoryWorkspace
) -> None:
    workspace.reset()
    with open_chat(browser, address) as chat:
        expect(chat.page.locator(".pc-welcome")).to_contain_text("pincite ingest")
        expect(chat.page.locator("#pc-suggestions button")).to_have_count(0)
        chat.ask("Anything?")
        expect(chat.page.locator("#t1.is-not-found")).to_be_visible()
        chat.check()


def test_faults_are_shown_in_their_turn_and_the_chat_goes_on(
    chat: Watched, workspace: MemoryWorkspace
) -> None:
    faults = [ModeUnavailableError("no <b>LLM</b> is set"), RuntimeError("password=hunter2")]

    def fail(question: Question) -> None:
        if faults and question.text == QUESTION:
            raise faults.pop(0)

    workspace.before_asking = fail
    chat.ask(QUESTION)
    expect(chat.page.locator("#t1.is-failed")).to_contain_text("no <b>LLM</b> is set")
    chat.ask(QUESTION, turn=2)
    expect(chat.page.locator("#t2.is-failed")).to_contain_text("Ask again in a moment")
    chat.ask(QUESTION, turn=3)
    expect(chat.page.locator("#t3 .pc-status")).to_contain_text("Well supported")
    assert "hunter2" not in chat.page.content()
    chat.check()


def test_filters_that_cannot_be_used_are_told_with_what_to_do(chat: Watched) -> None:
    page = chat.page
    page.locator("#pc-filter-open").click()
    page.locator("#pc-filters [name=since]").fill("2025-06-01")
    page.locator("#pc-filters [name=until]").fill("2024-06-01")
    page.locator("#pc-filters [type=submit]").click()
    chat.ask(QUESTION)
    expect(page.locator("#t1.is-failed")).to_contain_text("Change them and ask again.")
    page.locator("#pc-chips button").first.click()
    page.locator("#t1").get_by_role("button", name="Ask again").click()
    expect(page.locator("#t2.is-not-found")).to_be_visible()
    chat.check()


def test_what_is_typed_while_an_answer_is_made_stays(
    chat: Watched, workspace: MemoryWorkspace
) -> None:
    typed = Event()
    workspace.while_answering = lambda _: typed.wait(20)
    box = chat.page.locator("#pc-box")
    chat.send(QUESTION)
    expect(chat.page.locator("#t1.is-working")).to_be_visible()
    expect(box).to_have_value("")
    box.fill("What next?")
    box.press("Enter")
    typed.set()
    expect(chat.page.locator("#t1 .pc-status")).to_contain_text("Well supported")
    expect(box).to_have_value("What next?")
    expect(chat.page.locator(".pc-turn")).to_have_count(1)
    chat.check()


@pytest.mark.parametrize("size", [WIDE, LAPTOP, PHONE])
def test_the_layout_fits(
    browser: Browser, address: str, workspace: MemoryWorkspace, size: tuple[int, int]
) -> None:
    long = "Donaudampfschifffahrts" * 12
    workspace.add(
        f"{long} 🚢👩‍🚀", f"The {long} sailed. | a | b |\n\n```{'x' * 300}```", f"{long}.txt"
    )
    with open_chat(browser, address, size=size) as chat:
        page = chat.page
        chat.ask(QUESTION)
        chat.ask(f"Which {long} sailed?", turn=2)
        page.locator("#t2 summary").click()
        page.locator("#t2 .pc-card").first.click()
        expect(page.locator("#pc-panel mark").first).to_be_in_viewport()
        wide = page.evaluate(
            "['#pc', '#pc-conversation', '#pc-panel-body'].map(s => document.querySelector(s))"
            ".filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.id)"
        )
        assert wide == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.locator("#pc-panel-close").click()
        composer = page.locator("#pc-composer").bounding_box()
        assert composer
        assert composer["y"] + composer["height"] <= size[1]
        if size == PHONE:
            expect(page.locator("#pc-sidebar")).not_to_be_visible()
            page.locator("#pc-menu").click()
            expect(page.get_by_role("button", name="New conversation")).to_be_in_viewport()
        chat.check()


def test_nothing_of_gradio_is_seen_and_the_page_is_there_at_once(chat: Watched) -> None:
    seen = chat.page.locator("gradio-app")
    expect(seen).to_be_hidden()
    served = chat.page.request.get(chat.page.url).text()
    body = re.search(r"<body[^>]*>(.*)<gradio-app", served, re.DOTALL)
    assert body
    assert "What would you like to know?" in body[1]


def test_with_a_key_the_chat_asks_for_it(
    browser: Browser, keyed_app: Guard, workspace: MemoryWorkspace
) -> None:
    assert workspace.stored
    with listening(keyed_app) as address, open_chat(browser, address) as chat:
        page = chat.page
        page.wait_for_url("**/login")
        page.get_by_label("API key").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_be_visible()
        chat.errors.clear()
        page.get_by_label("API key").fill(KEY)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator(".pc-welcome")).to_be_visible()
        chat.ask(QUESTION)
        chat.check()
