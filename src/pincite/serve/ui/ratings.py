"""The page of the ratings, for those who may manage."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from pincite.serve.evaluation import Evaluation
from pincite.serve.gate import Gate
from pincite.serve.ui.markup import element, text
from pincite.serve.ui.pages import answer, empty, heading, pages_of, paging, refusal
from pincite.serve.ui.shell import FEEDBACK, icon, word
from pincite.serve.ui.strings import Strings, strings_for_request
from pincite.state.feedback import Feedback, Rating, StoredOpinion

PAGE = 25
Show = Literal["all", "down", "up", "open"]
_SHOWN: dict[Show, Rating | None] = {"all": None, "down": "down", "up": "up", "open": None}


def ratings_router(feedback: Feedback, gate: Gate, evaluation: Evaluation | None) -> APIRouter:
    """Return the list's route; without an evaluation no questions are made."""
    router = APIRouter(prefix="/feedback-list", include_in_schema=False)

    @router.get("")
    async def ratings(
        request: Request,
        show: Show = "all",
        page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
        made: Annotated[str, Query(max_length=50)] = "",
    ) -> Response:
        if refused := refusal(request, FEEDBACK):
            return refused
        words, unused, rating = strings_for_request(request), show == "open", _SHOWN[show]
        found = await gate.run(
            lambda: feedback.listed(
                rating=rating, unused=unused, limit=PAGE, offset=PAGE * (page - 1)
            )
        )
        total = await gate.run(lambda: feedback.count(rating=rating, unused=unused))
        told = ""
        if made and evaluation:
            said = words.question_added.format(id=made, path=evaluation.questions)
            told = element("p", text(said), class_="pc-told-well", role="status")
        cards = (_card(item, words, evaluation) for item in found)
        return answer(
            request,
            FEEDBACK,
            heading(FEEDBACK, "ratings_text", words),
            told,
            _choice(show, words),
            element("ol", *cards, class_="pc-ratings")
            if found
            else empty("no_ratings", words, word("no_ratings_text", words, "p")),
            paging("/feedback-list", {"show": show}, page, pages_of(total, PAGE), words),
        )

    return router


def _choice(show: Show, words: Strings) -> str:
    links = (
        element(
            "li",
            word(
                f"ratings_{name}",
                words,
                "a",
                href=f"/feedback-list?show={name}",
                aria_current="true" if name == show else None,
            ),
        )
        for name in _SHOWN
    )
    return element("ul", *links, class_="pc-choice")


def render_opinion(stored: StoredOpinion, words: Strings) -> str:
    """Render what somebody thought of an answer, with the question and the answer."""
    opinion = stored.opinion
    name = f"{opinion.caller_name} ({opinion.person})" if opinion.person else opinion.caller_name
    when = f"{stored.created[:10]} {stored.created[11:16]} UTC"
    rated = words.rated_up if opinion.rating == "up" else words.rated_down
    said = element("blockquote", text(opinion.comment), dir="auto") if opinion.comment else ""
    given = ""
    if opinion.answer:
        given = element(
            "details",
            word("answer", words, "summary"),
            element("p", text(opinion.answer), class_="pc-rated-answer", dir="auto"),
        )
    return element(
        "div",
        element(
            "p",
            element("b", icon(opinion.rating), text(rated), class_=f"is-{opinion.rating}"),
            element("span", text(words.rated_by.format(name=name, time=when)), dir="auto"),
            class_="pc-rated",
        ),
        element("h2", text(opinion.question), dir="auto"),
        said,
        given,
        class_="pc-opinion",
    )


def _card(stored: StoredOpinion, words: Strings, evaluation: Evaluation | None) -> str:
    if stored.used_as:
        used = words.used_as.format(id=stored.used_as)
        foot = element("p", text(used), class_="pc-used", dir="auto")
    elif evaluation:
        label = f"{words.make_question}: {stored.opinion.question}"
        foot = element(
            "a",
            text(words.make_question),
            href=f"/feedback-list/{stored.id}",
            class_="pc-small",
            aria_label=label,
        )
    else:
        foot = ""
    return element("li", render_opinion(stored, words), foot)
