"""The chat's own part of the page: conversation, composer, filters, source panel."""

from pincite.serve.access.callers import LOCAL, Caller
from pincite.serve.ui.markup import element
from pincite.serve.ui.shell import icon, icon_button, render_shell, word
from pincite.serve.ui.strings import Strings


def render_chat(words: Strings, caller: Caller = LOCAL, *, opening: bool = False) -> str:
    """Render the whole page with an empty conversation; scripts fill in what the library holds.

    Args:
        words: The language.
        caller: Who sees it.
        opening: Whether scripts will put a conversation in, so that no welcome is shown before.
    """
    conversation = element(
        "div",
        element("div", id="pc-turns", class_="pc-turns"),
        element(
            "div",
            _welcome(words),
            _composer(words),
            element(
                "div",
                word("suggestions", words, "h2"),
                element("ul", id="pc-suggestions"),
                class_="pc-suggest",
                id="pc-suggest",
            ),
            class_="pc-start is-opening" if opening else "pc-start",
            id="pc-start",
        ),
        class_="pc-conversation",
        id="pc-conversation",
    )
    main = element("main", conversation, class_="pc-main", id="pc-main")
    page = main + render_panel(words) + _popover()
    return render_shell(words, page, extra=_beside(words), caller=caller)


def _beside(words: Strings) -> str:
    return "".join(
        [
            element(
                "button",
                icon("plus"),
                word("new_conversation", words),
                type="button",
                class_="pc-new",
                id="pc-new",
            ),
            element(
                "section",
                word("this_conversation", words, "h2"),
                element("ol", id="pc-outline"),
                element(
                    "div",
                    word("export", words, "h2"),
                    *(
                        word(
                            f"export_{kind}",
                            words,
                            "button",
                            type="button",
                            class_="pc-quiet",
                            data_export=kind,
                        )
                        for kind in ("markdown", "html")
                    ),
                    class_="pc-export",
                ),
                class_="pc-history",
                id="pc-history",
                hidden="",
            ),
            _conversations(words),
        ]
    )


def _conversations(words: Strings) -> str:
    return element(
        "section",
        word("conversations", words, "h2", id="pc-conversations-title"),
        element(
            "input",
            type="search",
            id="pc-conversation-search",
            maxlength="200",
            placeholder=words.search_conversations,
            aria_label=words.search_conversations,
            data_word_placeholder="search_conversations",
            data_word_label="search_conversations",
            autocomplete="off",
        ),
        element("ol", id="pc-conversation-list"),
        word(
            "no_conversations", words, "p", id="pc-conversation-none", class_="pc-note", hidden=""
        ),
        word(
            "more",
            words,
            "button",
            type="button",
            class_="pc-quiet",
            id="pc-conversation-more",
            hidden="",
        ),
        class_="pc-history pc-conversations",
        id="pc-conversations",
        hidden="",
        aria_labelledby="pc-conversations-title",
    )


def _welcome(words: Strings) -> str:
    return element(
        "div",
        word("welcome", words, "h1"),
        word("welcome_text", words, "p", id="pc-welcome-text"),
        class_="pc-welcome",
    )


def _composer(words: Strings) -> str:
    box = element(
        "textarea",
        id="pc-box",
        rows="1",
        placeholder=words.placeholder,
        aria_label=words.placeholder,
        data_word_placeholder="placeholder",
        data_word_label="placeholder",
        autocomplete="off",
        enterkeyhint="send",
        dir="auto",
    )
    tools = element(
        "div",
        element(
            "button",
            icon("filter"),
            word("filters", words),
            type="button",
            class_="pc-quiet",
            id="pc-filter-open",
            aria_expanded="false",
            aria_controls="pc-filters",
        ),
        element("ul", id="pc-chips", class_="pc-chips"),
        element(
            "button",
            icon("send"),
            word("send", words),
            type="submit",
            class_="pc-send",
            id="pc-send",
            disabled="",
        ),
        element(
            "button",
            icon("stop"),
            word("stop", words),
            type="button",
            class_="pc-send is-stop",
            id="pc-stop",
            hidden="",
        ),
        class_="pc-tools",
    )
    return element(
        "div",
        _filters(words),
        element("form", box, tools, class_="pc-composer", id="pc-composer"),
        element(
            "p",
            word("loading", words, id="pc-loading", hidden=""),
            word("keys", words, id="pc-keys"),
            class_="pc-keys",
        ),
        class_="pc-ask",
        id="pc-ask",
    )


def _filters(words: Strings) -> str:
    def field(name: str, *control: str) -> str:
        return element("label", word(name, words), *control)

    anything = word("any", words, "option", value="")
    return element(
        "form",
        word("filters_text", words, "p"),
        field(
            "source",
            element(
                "input",
                name="source",
                list="pc-sources-known",
                maxlength="500",
                placeholder=words.source_example,
                data_word_placeholder="source_example",
                autocomplete="off",
            ),
        ),
        element("datalist", id="pc-sources-known"),
        field("article_language", element("select", anything, name="language")),
        field("since", element("input", type="date", name="since")),
        field("until", element("input", type="date", name="until")),
        field("tag_name", element("select", anything, name="tag")),
        element(
            "div",
            word("clear", words, "button", type="button", class_="pc-quiet", id="pc-filter-clear"),
            word("apply", words, "button", type="submit", class_="pc-small"),
            class_="pc-filter-actions",
        ),
        class_="pc-filters",
        id="pc-filters",
        hidden="",
        aria_label=words.filters,
        data_word_label="filters",
    )


def render_panel(words: Strings, title: str = "panel") -> str:
    """Render the empty panel; ``title`` names the string that it is called by."""
    return element(
        "aside",
        element(
            "header",
            word(title, words, "h2", id="pc-panel-title"),
            icon_button("close", "close", words, id="pc-panel-close"),
        ),
        element("div", id="pc-panel-body", class_="pc-panel-body", tabindex="0"),
        class_="pc-panel",
        id="pc-panel",
        hidden="",
        aria_labelledby="pc-panel-title",
    )


def _popover() -> str:
    return element("div", id="pc-pop", class_="pc-pop", role="tooltip", hidden="")
