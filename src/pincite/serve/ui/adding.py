"""What the page of the articles opens to change the library: adding, replacing, tags."""

from pincite.serve.ui.markup import element, text
from pincite.serve.ui.shell import icon, icon_button, word
from pincite.serve.ui.strings import Strings

_ENDINGS = ".txt,.md,.markdown,.html,.htm,.pdf,.docx"


def render_dialogs(words: Strings, max_upload_bytes: int) -> str:
    """Render the dialogs, closed; the page's scripts open them."""
    replacing = element(
        "input",
        type="file",
        id="pc-replacing",
        accept=_ENDINGS,
        hidden="",
        tabindex="-1",
        aria_label=words.replace,
    )
    return _adding(words, max_upload_bytes) + _tagging(words) + replacing


def _top(title: str, name: str, words: Strings) -> str:
    return element(
        "header",
        word(title, words, "h2", id=f"{name}-title"),
        icon_button("close", "close", words, data_close=""),
        class_="pc-dialog-top",
    )


def _adding(words: Strings, max_upload_bytes: int) -> str:
    formats = words.formats.format(size=f"{max_upload_bytes / 2**20:.3g}")
    files = element(
        "label",
        icon("upload"),
        word("drop_files", words, class_="pc-drop-title"),
        element("span", text(formats), id="pc-formats", class_="pc-note"),
        element(
            "input",
            type="file",
            id="pc-files",
            multiple="",
            accept=_ENDINGS,
            aria_label=words.files,
            aria_describedby="pc-formats",
        ),
        class_="pc-drop",
        id="pc-drop",
    )
    address = element(
        "form",
        element("label", text(words.address), for_="pc-url"),
        element(
            "div",
            element(
                "input",
                type="url",
                id="pc-url",
                name="url",
                required="",
                maxlength="2000",
                placeholder=words.address_example,
                autocomplete="off",
            ),
            word("add", words, "button", type="submit", class_="pc-primary"),
            class_="pc-beside",
        ),
        id="pc-by-url",
        class_="pc-fields",
    )
    tags = element(
        "div",
        element("label", text(words.new_tags), for_="pc-new-tags"),
        element(
            "input",
            id="pc-new-tags",
            maxlength="1000",
            autocomplete="off",
            aria_describedby="pc-new-tags-text",
        ),
        element("p", text(words.tags_text), id="pc-new-tags-text", class_="pc-note"),
        class_="pc-fields",
    )
    return element(
        "dialog",
        _top("add_articles", "pc-adding", words),
        files,
        address,
        tags,
        element("ul", id="pc-added", class_="pc-added", aria_live="polite"),
        id="pc-adding",
        class_="pc-dialog",
        aria_labelledby="pc-adding-title",
    )


def _tagging(words: Strings) -> str:
    return element(
        "dialog",
        _top("edit_tags", "pc-tagging", words),
        element("p", id="pc-tagging-of", class_="pc-note", dir="auto"),
        element(
            "form",
            element("label", text(words.tags), for_="pc-tags"),
            element(
                "input",
                id="pc-tags",
                maxlength="2000",
                autocomplete="off",
                aria_describedby="pc-tags-text pc-tags-wrong",
            ),
            element("p", text(words.tags_text), id="pc-tags-text", class_="pc-note"),
            element("p", id="pc-tags-wrong", class_="pc-alert", role="alert", hidden=""),
            element(
                "div",
                word("cancel", words, "button", type="button", class_="pc-quiet", data_close=""),
                word("save", words, "button", type="submit", class_="pc-primary"),
                class_="pc-actions",
            ),
            class_="pc-fields",
        ),
        id="pc-tagging",
        class_="pc-dialog",
        aria_labelledby="pc-tagging-title",
    )
