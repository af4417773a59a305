"""The chat in a real browser, with a record of what the page must not do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

WIDE = (1440, 900)


@dataclass
class Watched:
    """A page with what it did that it must not: other hosts asked, dialogs, errors."""

    page: Page
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def ask(self, question: str, turn: int = 1) -> None:
        self.send(question)
        expect(self.page.locator(f"#t{turn}:not(.is-working)")).to_be_visible()

    def send(self, question: str) -> None:
        box = self.page.locator("#pc-box")
        box.fill(question)
        box.press("Enter")

    def check(self) -> None:
        assert self.outside == []
        assert self.errors == []


@contextmanager
def open_chat(
    browser: Browser,
    address: str,
    *,
    size: tuple[int, int] = WIDE,
    language: str = "en-US",
    path: str = "/",
    dark: bool = False,
    touch: bool = False,
) -> Iterator[Watched]:
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=language,
        color_scheme="dark" if dark else "light",
        has_touch=touch,
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    watched = Watched(page)

    def requested(url: str) -> None:
        if urlsplit(url).scheme in {"http", "https", "ws", "wss"} and not url.startswith(address):
            watched.outside.append(url)

    page.on("request", lambda request: requested(request.url))
    page.on("dialog", lambda dialog: watched.errors.append(f"dialog {dialog.message}"))
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("console", lambda m: watched.errors.append(m.text) if m.type == "error" else None)
    try:
        page.goto(address + path)
        yield watched
    finally:
        context.close()
