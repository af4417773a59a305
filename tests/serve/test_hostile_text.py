"""Hostile questions, titles, sources, dates and quotes in a real browser."""

from playwright.sync_api import Browser, expect

from tests.serve.memory import MemoryWorkspace
from tests.serve.watched import Watched, open_chat

HOSTILE = [
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "![zebra](http://evil.example/a.png)",
    "[zebra](javascript:window.pwned=1)",
    "<a href='javascript:window.pwned=1'>zebra</a>",
    "<iframe src=http://evil.example></iframe>",
    "<form action=http://evil.example><button>zebra</button></form>",
    "<style>body{background:url(http://evil.example/b.png)}</style>",
    "<link rel=stylesheet href=http://evil.example/c.css>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    '"><img src=http://evil.example/d.png onerror=window.pwned=1>',
    "'-window.pwned=1-'",
    "${window.pwned=1} {{window.pwned=1}} {{{zebra}}}",
    "<base href=http://evil.example/>",
    "<div style=\"background:url('http://evil.example/e.png')\">",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "\u202eevil\u202c \u2066zebra\u2069",
    "</mark></blockquote><script>window.pwned=1</script>",
    "$$\\href{javascript:window.pwned=1}{zebra}$$",
]


def test_hostile_text_is_shown_and_does_nothing(
    browser: Browser, address: str, workspace: MemoryWorkspace
) -> None:
    workspace.reset()
    for number, text in enumerate(HOSTILE):
        source = text if number % 2 else f"https://example.com/{text}"
        body = f"Before {text}\n\nzebra{number} crossing {text}\n\nAfter {text}"
        workspace.add(f"{number} {text}", body, source, published=text)
    workspace.add("</script><script>window.pwned=1</script>", "x", "javascript:window.pwned=1")
    with open_chat(browser, address) as chat:
        page = chat.page
        expect(page.locator(".pc-welcome")).to_be_visible()
        for turn, text in enumerate(HOSTILE, 1):
            question = f"zebra{turn - 1} crossing {text}"
            chat.ask(question, turn)
            shown = page.locator(f"#t{turn} .pc-question").text_content() or ""
            assert shown == _without_direction_marks(question)
        assert page.locator(".pc-source").count() >= len(HOSTILE)
        for turn in (1, len(HOSTILE)):
            page.locator(f"#t{turn} .pc-card").first.click()
        assert page.evaluate("window.pwned") is None
        made = page.evaluate(
            "[...document.querySelectorAll('#pc-conversation *, #pc-panel *')]"
            ".map(e => e.tagName.toLowerCase())"
        )
        active = {"script", "img", "svg", "iframe", "form", "style", "link", "meta", "base"}
        assert not active & set(made)
        links = page.evaluate(
            "[...document.querySelectorAll('#pc-conversation a, #pc-panel a')]"
            ".map(a => a.getAttribute('href'))"
        )
        assert links
        assert all(link.startswith(("#t", "https://example.com/")) for link in links)
        handlers = page.evaluate(
            "[...document.querySelectorAll('#pc-conversation *, #pc-panel *')]"
            ".flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on') || n === 'style')"
        )
        # Only Gradio's own wrappers carry styles.
        assert set(handlers) <= {"style"}
        chat.check()


def _without_direction_marks(text: str) -> str:
    return text.translate(dict.fromkeys([0x202E, 0x202C, 0x2066, 0x2069]))


def test_markup_that_slipped_in_would_still_run_nothing(chat: Watched) -> None:
    chat.page.evaluate(
        "document.querySelector('.pc-welcome').innerHTML ="
        " '<img src=/nothing onerror=window.pwned=1><a id=j href=javascript:window.pwned=1>j</a>'"
    )
    chat.page.locator("#j").click()
    chat.page.wait_for_timeout(200)
    assert chat.page.evaluate("window.pwned") is None
    assert any("Content Security Policy" in error for error in chat.errors)
