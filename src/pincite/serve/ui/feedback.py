"""The thumbs under an answer, and the comment that may go with them.

The page sends them to ``POST /feedback``; nothing of the page needs that route to be there.
"""

from pincite.records import Answer
from pincite.serve.ui.markup import element
from pincite.serve.ui.shell import icon, word
from pincite.serve.ui.strings import Strings


def render_feedback(question: str, answer: Answer, words: Strings) -> str:
    """Render the controls for one answer."""

    def thumb(rating: str, label: str) -> str:
        said = str(getattr(words, label))
        return element(
            "button",
            icon(rating),
            type="button",
            class_="pc-icon-button",
            data_rating=rating,
            aria_pressed="false",
            aria_label=said,
            title=said,
        )

    return element(
        "div",
        thumb("up", "helpful"),
        thumb("down", "unhelpful"),
        element(
            "form",
            element(
                "textarea",
                rows="2",
                maxlength="2000",
                name="comment",
                placeholder=words.comment,
                aria_label=words.comment,
            ),
            word("send_comment", words, "button", type="submit", class_="pc-small"),
            class_="pc-comment",
            hidden="",
        ),
        element("span", class_="pc-feedback-said", role="status"),
        class_="pc-feedback",
        role="group",
        aria_label=words.feedback,
        data_answer=answer.id,
        data_question=question,
        data_text=answer.answer,
        data_status=answer.status,
        data_language=answer.language,
    )
