"""The frame that every page of Pincite stands in: sidebar, top bar, and the page itself.

A further page is an entry of ``PAGES`` and its own markup, given to ``render_shell``. What can be
switched to another language in place carries the name of its string in ``data-word``.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from pincite.serve.ui.markup import element, text
from pincite.serve.ui.strings import LANGUAGES, Strings, strings_for, words_json


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the navigation; ``word`` names its title among the strings."""

    path: str
    word: str


PAGES = (Page("/", "page_chat"),)
_CHAT = PAGES[0]

STYLES = ("tokens.css", "icons.css", "shell.css", "chat.css", "turns.css", "panel.css")
SCRIPTS = ("shell.js",)


def asset(name: str) -> bytes:
    """Read one of the page's own files."""
    return resources.files(__package__).joinpath("assets", name).read_bytes()


@cache
def mark() -> str:
    """Return the drawing of Pincite's mark."""
    return asset("mark.svg").decode()


def head(*scripts: str, modules: tuple[str, ...] = ()) -> str:
    """Return the elements of ``<head>`` that a page needs.

    Args:
        scripts: The page's own, besides those of every page.
        modules: What they import, to be fetched at once and not one after the other.
    """
    return "".join(
        [
            "<title>Pincite</title>",
            '<meta name="color-scheme" content="light dark">',
            '<link rel="icon" href="/favicon.ico" type="image/svg+xml">',
            *(f'<link rel="stylesheet" href="/ui/{name}">' for name in STYLES),
            *(f'<link rel="modulepreload" href="/ui/{name}">' for name in modules),
            *(f'<script type="module" src="/ui/{name}"></script>' for name in SCRIPTS + scripts),
        ]
    )


def word(name: str, words: Strings, tag: str = "span", **values: str | None) -> str:
    """Write an element with one of the strings, which follows the language when it is switched."""
    return element(tag, text(getattr(words, name)), data_word=name, **values)


def icon(name: str) -> str:
    """Write one of the page's icons, which says nothing by itself."""
    return element("span", class_=f"pc-icon pc-icon-{name}", aria_hidden="true")


def icon_button(name: str, label: str, words: Strings, **values: str | None) -> str:
    """Write a button that shows an icon only; ``label`` names the string that it is called by."""
    said = str(getattr(words, label))
    named = {"aria_label": said, "title": said, "data_word_label": label, "type": "button"}
    return element("button", icon(name), class_="pc-icon-button", **named, **values)


def render_shell(words: Strings, main: str, *, current: Page = _CHAT, extra: str = "") -> str:
    """Render a page in its frame.

    Args:
        words: The language.
        main: The page's markup.
        current: The page, as it is marked in the navigation.
        extra: What the page adds to the sidebar, between the navigation and its foot.
    """
    sidebar = element(
        "div",
        element(
            "div",
            element("a", mark(), element("span", "Pincite"), href="/", class_="pc-brand"),
            icon_button("close", "close", words, id="pc-menu-close"),
            class_="pc-sidebar-top",
        ),
        _navigation(words, current),
        element("div", extra, class_="pc-sidebar-page"),
        element(
            "footer",
            element("p", class_="pc-library", id="pc-library"),
            _languages(words),
            class_="pc-sidebar-foot",
        ),
        class_="pc-sidebar",
        id="pc-sidebar",
    )
    top = element(
        "header",
        icon_button(
            "menu", "menu", words, id="pc-menu", aria_expanded="false", aria_controls="pc-sidebar"
        ),
        element("a", mark(), element("span", "Pincite"), href="/", class_="pc-brand"),
        class_="pc-top",
    )
    return element(
        "div",
        word("skip", words, "a", class_="pc-skip", href="#pc-box"),
        sidebar,
        element("div", id="pc-veil", hidden=""),
        element("div", top, main, class_="pc-page"),
        element("div", id="pc-said", class_="pc-unseen", role="status", aria_live="polite"),
        id="pc",
        lang=words.tag,
        data_language=words.tag,
        data_words=words_json(words),
    )


def _navigation(words: Strings, current: Page) -> str:
    links = (
        element(
            "li",
            word(
                page.word,
                words,
                "a",
                href=page.path,
                aria_current="page" if page == current else None,
            ),
        )
        for page in PAGES
    )
    return element("nav", element("ul", *links), aria_label=words.pages, data_word_label="pages")


def _languages(words: Strings) -> str:
    options = (
        element(
            "option",
            text(strings_for(tag).own_name),
            value=tag,
            lang=tag,
            selected="" if tag == words.tag else None,
        )
        for tag in LANGUAGES
    )
    return element(
        "label",
        word("language", words, class_="pc-unseen"),
        element("select", *options, id="pc-language"),
        class_="pc-language",
    )
