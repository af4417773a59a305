"""Making an evaluation question of a rating, for those who may manage."""

from functools import partial
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from pincite.errors import InputError
from pincite.serve.access.callers import requires_manage
from pincite.serve.evaluation import Evaluation
from pincite.serve.gate import Gate
from pincite.serve.ui.draft import Given, draft_of, first_draft, nearby, render_draft
from pincite.serve.ui.markup import element
from pincite.serve.ui.pages import alert, answer, empty, refusal
from pincite.serve.ui.ratings import render_opinion
from pincite.serve.ui.shell import FEEDBACK, icon, word
from pincite.serve.ui.strings import Strings, strings_for_request
from pincite.state.errors import FeedbackNotFoundError
from pincite.state.feedback import Feedback, StoredOpinion

if TYPE_CHECKING:
    from pincite.workspace import Workspace


def drafting_router(
    feedback: Feedback, workspace: "Workspace", gate: Gate, evaluation: Evaluation | None
) -> APIRouter:
    """Return the form's routes; without an evaluation it says that there is no question file."""
    router = APIRouter(prefix="/feedback-list", include_in_schema=False)

    @router.get("/{number}")
    async def draft(request: Request, number: int) -> Response:
        if refused := refusal(request, FEEDBACK):
            return refused
        try:
            stored = await gate.run(partial(feedback.get, number))
        except FeedbackNotFoundError:
            return _gone(request)
        return await form(request, stored, first_draft(stored))

    @router.post("/{number}", dependencies=[requires_manage()])
    async def make(request: Request, number: int, given: Annotated[Given, Form()]) -> Response:
        try:
            stored = await gate.run(partial(feedback.get, number))
        except FeedbackNotFoundError:
            return _gone(request)
        words = strings_for_request(request)
        if evaluation is None:
            return await form(request, stored, given, words.no_question_file)
        if given.answerable == "yes" and not given.evidence:
            return await form(request, stored, given, words.choose_evidence)
        try:
            made = await gate.run(partial(evaluation.add, draft_of(given, stored)))
        except InputError as error:
            return await form(request, stored, given, str(error))
        await gate.run(partial(feedback.mark, [number], made))
        return RedirectResponse(f"/feedback-list?{urlencode({'made': made})}", 303)

    async def form(
        request: Request, stored: StoredOpinion, given: Given, error: str = ""
    ) -> Response:
        words = strings_for_request(request)
        near = await gate.run(partial(nearby, workspace, stored))
        path = str(evaluation.questions) if evaluation else None
        return answer(
            request,
            FEEDBACK,
            element(
                "header",
                _back(words),
                word("make_question", words, "h1"),
                word("draft_text", words, "p", class_="pc-note"),
                class_="pc-sheet-head is-narrow",
            ),
            alert(error) if error else "",
            render_opinion(stored, words),
            render_draft(stored, given, near, path, words),
            status=422 if error else 200,
        )

    return router


def _gone(request: Request) -> Response:
    words = strings_for_request(request)
    return answer(request, FEEDBACK, empty("rating_gone", words, _back(words)), status=404)


def _back(words: Strings) -> str:
    label = word("page_feedback", words)
    return element("a", icon("back"), label, href="/feedback-list", class_="pc-quiet")
