"""The page where people sign in: the chat's look, and nothing in it that strangers may not have."""

from pincite.serve.ui.markup import element, text
from pincite.serve.ui.pages import document
from pincite.serve.ui.shell import asset, mark
from pincite.serve.ui.strings import Strings


def render_sign_in(words: Strings, *, by_name: bool, by_key: bool, error: str = "") -> str:
    """Render the page.

    Args:
        words: The language.
        by_name: Whether people sign in with a name and a password, too.
        by_key: Whether the last try was with a key.
        error: Why it failed.
    """
    filled = "off" if by_name else "current-password"
    first = by_key or not by_name
    key = _form(words, _field("key", words.key, fill=filled, first=first))
    if by_name:
        forms = _form(
            words,
            _field("name", words.name, kind="text", fill="username", first=not by_key),
            _field("password", words.password, fill="current-password"),
        ) + element(
            "details",
            element("summary", text(words.with_key)),
            key,
            open="" if by_key else None,
        )
    else:
        forms = key
    told = element("p", text(error), class_="pc-alert", role="alert") if error else ""
    page = element(
        "main",
        element("h1", mark(), element("span", "Pincite")),
        element("p", text(words.sign_in_text), class_="pc-note"),
        told,
        forms,
        element("p", text(words.signed_in_hint), class_="pc-note"),
        class_="pc-sign-in",
    )
    styles = (asset(name).decode() for name in ("tokens.css", "history.css", "sign_in.css"))
    header = (
        '<meta name="color-scheme" content="light dark">'
        '<link rel="icon" href="/favicon.ico" type="image/svg+xml">'
        f"<style>{''.join(styles)}</style>"
    )
    body = element("div", page, id="pc", lang=words.tag)
    return document(words.sign_in, words, header, body)


def _form(words: Strings, *fields: str) -> str:
    button = element("button", text(words.sign_in), type="submit", class_="pc-primary")
    return element("form", *fields, button, method="post", action="/login")


def _field(name: str, label: str, *, fill: str, kind: str = "password", first: bool = False) -> str:
    field = element(
        "input",
        id=f"pc-{name}",
        name=name,
        type=kind,
        autocomplete=fill,
        required="",
        maxlength="1000",
        autofocus="" if first else None,
    )
    return element("label", text(label), for_=f"pc-{name}") + field
