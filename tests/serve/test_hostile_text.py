"""Hostile questions, titles, sources, dates and quotes in a real browser."""

import json
from typing import Any

from playwright.sync_api import Browser, Page, expect

from pincite.errors import ModeUnavailableError
from pincite.records import Question
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
    "<math><mtext><img src=x onerror=window.pwned=1></mtext></math>",
    "<video src=http://evil.example/v.mp4 autoplay onerror=window.pwned=1>",
    "<audio src=http://evil.example/a.mp3 autoplay>",
    "<object data=http://evil.example/o.swf></object>",
    "<embed src=http://evil.example/e.swf>",
    "<input autofocus onfocus=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>zebra</details>",
    "<body onload=window.pwned=1>",
    "<marquee onstart=window.pwned=1>zebra</marquee>",
    "<template><script>window.pwned=1</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=window.pwned=1>'>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
    "<svg><style><img src=x onerror=window.pwned=1></style></svg>",
    "<a href=data:text/html,<script>window.pwned=1</script>>zebra</a>",
    "<img srcset='http://evil.example/f.png 1x'>",
    "<link rel=preload as=image href=http://evil.example/g.png>",
    "<style>@import 'http://evil.example/h.css';</style>",
    "</pre></article></template><script>window.pwned=1</script>",
    "</textarea><script>window.pwned=1</script>",
    "</title><script>window.pwned=1</script>",
    "--><script>window.pwned=1</script><!--",
    "]]><script>window.pwned=1</script>",
    "{{constructor.constructor('window.pwned=1')()}}",
    "#{window.pwned=1} <%= window.pwned=1 %> {% zebra %}",
    "`${window.pwned=1}` \\u003cscript\\u003e",
    "![](http://evil.example/i.png) ![zebra][1] [1]: http://evil.example/j.png",
    "<http://evil.example/k> http://evil.example/l",
    "| a | b |\n|---|---|\n| <img src=x onerror=window.pwned=1> | zebra |",
    "```html\n<script>window.pwned=1</script>\n```",
    "zebra\u200b\u200d\ufeff\u0000\u001b[31m",
    "zalgo z̷̢̛͎̺e̶̡̛b̵̧̛r̷̨̛a̸̧̛ " + "🏴\U000e0067\U000e0062\U000e007f",
    "file:///etc/passwd \\\\evil.example\\share",
    "../../../etc/passwd%00.png",
    "con\u202egnp.exe",
    "x" * 400,
]


ACTIVE = {"script", "img", "svg", "iframe", "form", "style", "link", "meta", "base", "object"}
ACTIVE |= {"embed", "video", "audio", "math", "input", "template", "marquee"}
SHOWN = "#pc-turns, #pc-panel-body, #pc-pop, #pc-outline, #pc-suggestions, #pc-chips"


def _found(page: Page, what: str) -> Any:
    nodes = ", ".join(f"{part} *" for part in SHOWN.split(", "))
    return page.evaluate(f"[...document.querySelectorAll({json.dumps(nodes)})]{what}")


def _check_nothing_active(page: Page) -> None:
    assert page.evaluate("window.pwned") is None
    made = set(_found(page, ".map(e => e.tagName.toLowerCase())"))
    # The one form is ours, for comments on answers.
    assert made & ACTIVE <= {"form"}
    assert _found(page, ".filter(e => e.matches('form:not(.pc-comment)')).length") == 0
    links = _found(page, ".filter(e => e.matches('a')).map(a => a.getAttribute('href'))")
    assert links
    assert all(link.startswith(("#t", "https://example.com/")) for link in links)
    names = set(_found(page, ".flatMap(e => e.getAttributeNames())"))
    assert not {name for name in names if name.startswith("on") or name in {"style", "src"}}


def test_there_are_enough_hostile_texts() -> None:
    assert len(set(HOSTILE)) >= 50


def test_hostile_text_is_shown_and_does_nothing(
    browser: Browser, address: str, workspace: MemoryWorkspace
) -> None:
    workspace.reset()
    for number, text in enumerate(HOSTILE):
        source = text if number % 2 else f"https://example.com/{text}"
        body = f"Before {text}\n\nzebra{number} crossing {text}\n\nAfter {text}"
        document = workspace.add(f"{number} {text}", body, source, published=text)
        workspace.set_tags(document.info.id, [text])
    workspace.add("</script><script>window.pwned=1</script>", "x", "javascript:window.pwned=1")
    with open_chat(browser, address) as chat:
        page = chat.page
        for turn, text in enumerate(HOSTILE, 1):
            question = f"zebra{turn - 1} crossing {text}"
            chat.ask(question, turn)
        shown = page.locator(".pc-question").evaluate_all("all => all.map(e => e.lastChild.data)")
        asked = [f"zebra{n} crossing {text}" for n, text in enumerate(HOSTILE)]
        assert [" ".join(s.split()) for s in shown] == [_as_shown(question) for question in asked]
        assert page.locator(".pc-source").count() >= len(HOSTILE)
        page.locator("#t3 .pc-card").first.click()
        expect(page.locator("#pc-panel .is-lit")).to_be_visible()
        page.locator("#t1 .pc-marker").first.hover()
        expect(page.locator("#pc-pop")).to_be_visible()
        _check_nothing_active(page)
        page.locator("#pc-panel [data-article]").first.click()
        expect(page.locator(".pc-article mark").first).to_be_visible()
        _check_nothing_active(page)
        page.locator("#pc-filter-open").click()
        page.locator("#pc-filters [name=source]").fill(HOSTILE[0])
        page.locator("#pc-filters [name=tag]").select_option(index=3)
        page.locator("#pc-filters [type=submit]").click()
        expect(page.locator("#pc-chips button")).to_have_count(2)
        _check_nothing_active(page)
        chat.check()


def test_hostile_errors_are_shown_and_do_nothing(chat: Watched, workspace: MemoryWorkspace) -> None:
    faults = HOSTILE[:12]
    for turn, fault in enumerate(faults, 1):

        def fail(question: Question, fault: str = fault) -> None:
            if question.text == "zebra?":
                raise ModeUnavailableError(fault)

        workspace.before_asking = fail
        chat.ask("zebra?", turn)
        expect(chat.page.locator(f"#t{turn} .pc-error")).to_have_text(_as_shown(fault))
    _check_nothing_active(chat.page)
    chat.check()


def _as_shown(text: str) -> str:
    return " ".join(text.translate(dict.fromkeys([0, 0x202E, 0x202C, 0x2066, 0x2069])).split())


def test_markup_that_slipped_in_would_still_run_nothing(chat: Watched) -> None:
    chat.page.evaluate(
        "document.querySelector('.pc-welcome').innerHTML ="
        " '<img src=/nothing onerror=window.pwned=1><a id=j href=javascript:window.pwned=1>j</a>'"
    )
    chat.page.locator("#j").click()
    chat.page.wait_for_timeout(200)
    assert chat.page.evaluate("window.pwned") is None
    assert any("Content Security Policy" in error for error in chat.errors)
