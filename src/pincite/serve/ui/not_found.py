"""What was searched, and what may help where nothing was found."""

from collections.abc import Sequence

from pincite.answer.messages import messages_for
from pincite.records import Answer
from pincite.serve.ui.markup import element, text
from pincite.serve.ui.strings import Strings


def render_searched(answer: Answer, words: Strings) -> str:
    """Say how much was searched, and whether under filters."""
    if not answer.search or not answer.search.documents:
        return ""
    sentence = words.searched_with if answer.search.filters else words.searched
    said = sentence.format(
        articles=words.count(answer.search.documents, "article"),
        passages=words.count(answer.search.passages, "passage"),
    )
    if answer.search.undated:
        said += f" {messages_for(answer.language).undated}: {answer.search.undated:,}."
    return element("p", text(said), class_="pc-note pc-searched")


def render_rephrase(
    question: str, answer: Answer, related: Sequence[str], words: Strings, *, filtered: bool
) -> str:
    """Render ways to rephrase a question, and questions that the library can answer."""
    if answer.reason == "no_documents":
        return ""
    tips = [element("li", text(tip)) for tip in (words.tip_words, words.tip_one, words.tip_name)]
    asks = [
        element("button", text(other), type="button", class_="pc-small", data_ask=other)
        for other in related
    ]
    if filtered:
        asks.insert(
            0,
            element(
                "button",
                text(words.without_filters),
                type="button",
                class_="pc-small",
                data_ask=question,
                data_unfiltered="",
            ),
        )
    return element(
        "div",
        element("h3", text(words.rephrase)),
        element("ul", *tips),
        element("h3", text(words.answerable)) if related else "",
        element("div", *asks, class_="pc-asks") if asks else "",
        class_="pc-rephrase",
    )
