"""``/feedback``: what people thought of answers."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pincite.records import Status
from pincite.serve.access.callers import Caller, caller_of, requires_manage
from pincite.serve.api.recent import RecentAnswers
from pincite.serve.api.schemas import Language, Text
from pincite.serve.gate import Gate
from pincite.serve.problems import described, requires
from pincite.state.errors import AnswerUnknownError
from pincite.state.feedback import (
    LONGEST_COMMENT,
    Opinion,
    Rating,
    StoredOpinion,
    opinion_on,
)
from pincite.state.store import State

LONGEST_ANSWER = 20_000
_Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
_Since = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d(T[\d:.+Z-]{0,30})?$")]


class FeedbackRequest(BaseModel):
    """What somebody thought of an answer.

    The server remembers its last 1,000 answers, so that ``answer_id`` is enough soon after; later
    send the question, and what else there is, too.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"answer_id": "5d41402abc4b2a76b9719d91", "rating": "up"},
                {
                    "answer_id": "5d41402abc4b2a76b9719d91",
                    "rating": "down",
                    "comment": "That was the first instance; the appeal ruled otherwise.",
                    "question": "What did the court rule?",
                },
            ]
        },
    )

    answer_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        description="The answer's `id`."
    )
    rating: Rating = Field(description="Thumb up or down.")
    comment: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=LONGEST_COMMENT)
    ] = Field(default="", description="Why, in words.")
    person: _Short = Field(
        default="", description="Tells apart the people that one key serves; a pseudonym will do."
    )
    question: Text | None = Field(default=None, description="What was asked.")
    answer: Annotated[str, StringConstraints(max_length=LONGEST_ANSWER)] = Field(
        default="", description="The answer's text."
    )
    status: Status | None = Field(default=None, description="The answer's status.")
    language: Language | None = Field(default=None, description="The answer's language.")
    index_generation: int | None = Field(
        default=None, ge=0, lt=2**53, description="The answer's index generation."
    )


class FeedbackReceipt(BaseModel):
    """What was kept. A second rating of an answer by the same person replaces the first."""

    id: int
    answer_id: str
    rating: Rating
    created: str


class FeedbackItem(BaseModel):
    """One rating; ``used_as`` names the evaluation question that was made of it."""

    id: int
    answer_id: str
    rating: Rating
    comment: str
    question: str
    answer: str
    status: Status | None
    language: str | None
    index_generation: int | None
    caller: str
    person: str
    created: str
    used_as: str | None


class FeedbackList(BaseModel):
    """One page of the ratings; ``total`` counts all that match."""

    total: int
    limit: int
    offset: int
    feedback: list[FeedbackItem]


def feedback_router(state: State, recent: RecentAnswers) -> APIRouter:
    """Return the routes that take ratings and list them."""
    router = APIRouter(prefix="/feedback", tags=["feedback"], responses=described(422, 500, 503))
    gate = Gate(running=2, waiting=64)

    @router.post(
        "",
        summary="Rate an answer",
        status_code=201,
        response_model=FeedbackReceipt,
        dependencies=[requires("application/json")],
        responses=described(404, 409, 413, 415),
    )
    async def give(body: FeedbackRequest, request: Request) -> FeedbackReceipt:
        opinion = _opinion(body, caller_of(request), recent)
        stored = await gate.run(lambda: state.feedback.give(opinion))
        return FeedbackReceipt(
            id=stored.id, answer_id=body.answer_id, rating=body.rating, created=stored.created
        )

    @router.get(
        "",
        summary="List the ratings, newest first",
        response_model=FeedbackList,
        dependencies=[requires_manage()],
        responses=described(403),
    )
    async def listed(
        rating: Annotated[Rating | None, Query(description="Only these.")] = None,
        since: Annotated[_Since | None, Query(description="Only those from this day on.")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> FeedbackList:
        start = since or ""
        found = await gate.run(
            lambda: state.feedback.listed(rating=rating, since=start, limit=limit, offset=offset)
        )
        total = await gate.run(lambda: state.feedback.count(rating=rating, since=start))
        return FeedbackList(
            total=total, limit=limit, offset=offset, feedback=[_item(item) for item in found]
        )

    return router


def _opinion(body: FeedbackRequest, caller: Caller, recent: RecentAnswers) -> Opinion:
    """Put together what is kept: the answer as it was given, where the server remembers it."""
    known = recent.find(caller, body.answer_id)
    if known is None and body.question is None:
        raise AnswerUnknownError(
            f"the server gave you no answer {body.answer_id!r} that it remembers: send its"
            " `question` too, and `answer`, `status`, `language` and `index_generation`"
        )
    if known is None:
        return Opinion(**body.model_dump(), caller_id=caller.id, caller_name=caller.name)
    return opinion_on(
        known.question,
        known.answer,
        body.rating,
        caller_id=caller.id,
        caller_name=caller.name,
        comment=body.comment,
        person=body.person,
    )


def _item(stored: StoredOpinion) -> FeedbackItem:
    opinion = stored.opinion
    return FeedbackItem(
        id=stored.id,
        answer_id=opinion.answer_id,
        rating=opinion.rating,
        comment=opinion.comment,
        question=opinion.question,
        answer=opinion.answer,
        status=opinion.status,
        language=opinion.language,
        index_generation=opinion.index_generation,
        caller=opinion.caller_name,
        person=opinion.person,
        created=stored.created,
        used_as=stored.used_as,
    )
