"""The frame that every page of Pincite stands in: sidebar, top bar, and the page itself.

A further page is an entry of ``PAGES`` and its own markup, given to ``render_shell``. What can be
switched to another language in place carries the name of its string in ``data-word``.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from pincite.serve.access.callers import LOCAL, Caller
from pincite.serve.ui.markup import element, text
from pincite.serve.ui.strings import LANGUAGES, Strings, strings_for, words_json


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the navigation; ``word`` names its title among the strings.

    ``managed`` pages are for those only who may manage.
    """

    path: str
    word: str
    managed: bool = False


CHAT = Page("/", "page_chat")
ARTICLES = Page("/articles", "page_articles")
FEEDBACK = Page("/feedback-list", "page_feedback", managed=True)
EVALUATION = Page("/evaluation", "page_evaluation", managed=True)
PAGES = (CHAT, ARTICLES, FEEDBACK, EVALUATION)

STYLES = (
    "tokens.css",
    "icons.css",
    "shell.css",
    "chat.css",
    "history.css",
    "turns.css",
    "panel.css",
    "pages.css",
)
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


def render_shell(
    words: Strings, main: str, *, current: Page = CHAT, extra: str = "", caller: Caller = LOCAL
) -> str:
    """Render a page in its frame.

    Args:
        words: The language.
        main: The page's markup.
        caller: Who sees it, and so which pages there are.
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
        _navigation(words, current, caller),
        element("div", extra, class_="pc-sidebar-page"),
        element(
            "footer",
            element("p", class_="pc-library", id="pc-library"),
            _languages(words),
            _signed_in(words, caller),
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
        _skip(words, current),
        sidebar,
        element("div", id="pc-veil", hidden=""),
        element("div", top, main, class_="pc-page"),
        element("div", id="pc-said", class_="pc-unseen", role="status", aria_live="polite"),
        _confirmation(words),
        id="pc",
        lang=words.tag,
        data_language=words.tag,
        data_words=words_json(words),
    )


def _skip(words: Strings, current: Page) -> str:
    if current is CHAT:
        return word("skip", words, "a", class_="pc-skip", href="#pc-box")
    return word("skip_to_page", words, "a", class_="pc-skip", href="#pc-main")


def _navigation(words: Strings, current: Page, caller: Caller) -> str:
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
        if caller.may_manage or not page.managed
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


def _signed_in(words: Strings, caller: Caller) -> str:
    """Say who is signed in, and offer to sign out; on an open server nobody is."""
    if caller == LOCAL:
        return ""
    return element(
        "form",
        element(
            "p",
            icon("person"),
            element("span", text(caller.name), class_="pc-person", dir="auto"),
            word(f"role_{caller.role}", words, class_="pc-role"),
        ),
        word("sign_out", words, "button", type="submit", class_="pc-quiet", id="pc-sign-out"),
        method="post",
        action="/logout",
        class_="pc-signed-in",
    )


def _confirmation(words: Strings) -> str:
    """Render what asks once more before something is deleted; the page's scripts fill it in."""
    return element(
        "dialog",
        element("h2", id="pc-confirm-title", dir="auto"),
        element("p", id="pc-confirm-text", class_="pc-note", dir="auto"),
        element(
            "form",
            word("cancel", words, "button", value="no", class_="pc-quiet", autofocus=""),
            word("delete", words, "button", value="yes", class_="pc-danger"),
            method="dialog",
            class_="pc-actions",
        ),
        id="pc-confirm",
        class_="pc-dialog",
        aria_labelledby="pc-confirm-title",
        aria_describedby="pc-confirm-text",
    )
