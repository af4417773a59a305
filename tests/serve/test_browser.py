"""The chat in a real browser."""

from threading import Event

import pytest
from playwright.sync_api import Browser, expect

from pincite.errors import ModeUnavailableError
from pincite.records import Question
from pincite.serve.guard import Guard
from tests.serve.conftest import KEY, listening
from tests.serve.memory import RULING, MemoryWorkspace
from tests.serve.watched import WIDE, Watched, open_chat

QUESTION = "What did the court rule on the Acme deposit?"
LAPTOP, PHONE = (1280, 720), (390, 844)


def test_a_question_is_answered_and_its_passage_shown_in_context(chat: Watched) -> None:
    page = chat.page
    expect(page.locator(".pc-header")).to_contain_text("2 articles")
    expect(page.locator("#pc-box textarea")).to_be_focused()
    chat.ask(QUESTION)
    answer = page.locator("#t1 .pc-answer")
    expect(answer).to_contain_text("Answered from your articles")
    expect(answer).to_contain_text("2 passages")
    expect(answer.locator(".pc-marker")).to_have_text(["1", "2"])
    source = page.locator("#pc-panel .pc-source").first
    expect(source.locator("h3")).to_have_text("Verdict in the Acme case")
    expect(source).to_contain_text("acme.txt")
    expect(source).not_to_contain_text("/srv/articles")
    expect(source).to_contain_text("2025-05-06")
    expect(source.locator("mark")).to_have_text("The court ruled against Acme on 5 May.")
    context = source.locator("blockquote").text_content() or ""
    assert context == RULING
    assert page.locator("#pc-box textarea").input_value() == ""
    chat.check()


def test_a_marker_leads_to_its_source_also_of_an_earlier_answer(chat: Watched) -> None:
    chat.ask(QUESTION)
    chat.ask("今年的小麦收成价格怎么样？", turn=2)
    expect(chat.page.locator("#pc-panel .pc-source:visible h3").first).to_have_text("今年的收成")
    link = chat.page.locator("#pc-panel .pc-source:visible a").first
    assert link.get_attribute("href") == "https://news.example.com/harvest"
    assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    chat.page.locator("#t1 .pc-marker").nth(1).click()
    lit = chat.page.locator(".is-lit")
    expect(lit).to_have_count(1)
    expect(lit).to_be_in_viewport()
    expect(lit.locator("mark")).to_have_text("Acme must pay the deposit back twice.")
    assert chat.page.url.endswith("/")
    chat.check()


def test_not_found_looks_different_and_offers_the_nearest(chat: Watched) -> None:
    chat.ask("Who painted the ceiling?")
    answer = chat.page.locator("#t1 .pc-answer.is-not-found")
    expect(answer).to_contain_text("Not found in your articles")
    expect(answer.locator(".pc-marker")).to_have_count(0)
    expect(answer.locator(".pc-card")).to_have_count(2)
    expect(chat.page.locator("#pc-panel")).to_contain_text("do not answer the question")
    chat.check()


@pytest.mark.parametrize(
    ("language", "welcome"), [("zh-CN", "向你的文章提问"), ("zh-TW", "向你的文章提問")]
)
def test_the_page_speaks_the_browsers_language_and_the_answer_its_own(
    browser: Browser, address: str, workspace: MemoryWorkspace, language: str, welcome: str
) -> None:
    assert workspace.stored
    with open_chat(browser, address, language=language) as chat:
        expect(chat.page.locator(".pc-welcome h2")).to_have_text(welcome)
        chat.ask("今年的小麦收成价格怎么样？")
        expect(chat.page.locator("#t1 .pc-status")).to_contain_text("已依据你的文章回答")
        chat.ask(QUESTION, turn=2)
        expect(chat.page.locator("#t2 .pc-status")).to_contain_text("Answered from your articles")
        assert chat.page.evaluate("document.documentElement.lang").startswith("zh")
        chat.check()


def test_a_suggestion_asks_itself(chat: Watched) -> None:
    chips = chat.page.locator("#pc-suggestions button:visible")
    expect(chips).to_have_count(2)
    wanted = "What does “Verdict in the Acme case” say?"
    chat.page.get_by_role("button", name=wanted).click()
    expect(chat.page.locator("#t1 .pc-question")).to_have_text(wanted)
    expect(chips).to_have_count(0)
    chat.check()


def test_an_empty_library_says_how_to_fill_it(
    browser: Browser, address: str, workspace: MemoryWorkspace
) -> None:
    workspace.reset()
    with open_chat(browser, address) as chat:
        expect(chat.page.locator(".pc-welcome")).to_contain_text("pincite ingest")
        expect(chat.page.locator("#pc-suggestions button:visible")).to_have_count(0)
        chat.ask("Anything?")
        expect(chat.page.locator("#t1")).to_contain_text("Not found")
        chat.check()


def test_faults_are_shown_in_their_turn_and_the_chat_goes_on(
    chat: Watched, workspace: MemoryWorkspace
) -> None:
    faults = [ModeUnavailableError("no <b>LLM</b> is set"), RuntimeError("password=hunter2")]

    def fail(_: Question) -> None:
        if faults:
            raise faults.pop(0)

    workspace.before_asking = fail
    chat.ask(QUESTION)
    expect(chat.page.locator("#t1 .is-failed")).to_contain_text("no <b>LLM</b> is set")
    chat.ask(QUESTION, turn=2)
    expect(chat.page.locator("#t2 .is-failed")).to_contain_text("Something went wrong")
    chat.ask(QUESTION, turn=3)
    expect(chat.page.locator("#t3 .pc-status")).to_contain_text("Answered")
    assert "hunter2" not in chat.page.content()
    chat.check()


def test_what_is_typed_while_an_answer_is_made_stays(
    chat: Watched, workspace: MemoryWorkspace
) -> None:
    typed = Event()
    workspace.before_asking = lambda _: typed.wait(20)
    box = chat.page.locator("#pc-box textarea")
    box.fill(QUESTION)
    box.press("Enter")
    expect(chat.page.locator("#t1 .is-searching")).to_be_visible()
    expect(box).to_have_value("")
    box.fill("What next?")
    typed.set()
    expect(chat.page.locator("#t1 .pc-status")).to_contain_text("Answered")
    expect(box).to_have_value("What next?")
    chat.check()


def test_enter_that_ends_a_word_of_an_input_method_sends_nothing(chat: Watched) -> None:
    box = chat.page.locator("#pc-box textarea")
    box.fill("shou cheng")
    box.evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    chat.page.wait_for_timeout(200)
    assert chat.page.locator(".pc-turn").count() == 0
    chat.page.keyboard.press("Enter")
    expect(chat.page.locator("#t1")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, LAPTOP, PHONE])
def test_the_layout_fits(
    browser: Browser, address: str, workspace: MemoryWorkspace, size: tuple[int, int]
) -> None:
    assert workspace.stored
    with open_chat(browser, address, size=size) as chat:
        chat.ask(QUESTION)
        expect(chat.page.locator("#pc-panel mark").first).to_be_visible()
        width = chat.page.evaluate("document.documentElement.scrollWidth")
        assert width <= size[0]
        answer = chat.page.locator("#t1").bounding_box()
        panel = chat.page.locator("#pc-panel").bounding_box()
        composer = chat.page.locator("#pc-composer").bounding_box()
        assert answer
        assert panel
        assert composer
        if size == PHONE:
            assert panel["y"] >= answer["y"] + answer["height"]
            chat.page.locator("#t1 .pc-marker").nth(1).click()
            expect(chat.page.locator(".is-lit mark")).to_be_in_viewport()
        else:
            assert panel["x"] >= answer["x"] + answer["width"]
            assert composer["y"] + composer["height"] <= size[1]
        chat.check()


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
