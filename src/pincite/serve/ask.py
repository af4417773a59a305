"""``POST /ask`` and ``POST /search``."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from pincite.records import Answer, Hit, Question
from pincite.serve.filters import filters_of
from pincite.serve.gate import Gate
from pincite.serve.problems import as_json, described, requires
from pincite.serve.schemas import (
    ANSWER_EXAMPLE,
    AskRequest,
    FoundPassage,
    SearchRequest,
    SearchResponse,
)

if TYPE_CHECKING:
    from pincite.workspace import Workspace

_ANSWER = TypeAdapter(Answer)
_PIECE = re.compile(r"\s*\S{1,12}|\s+")
_STREAM_EXAMPLE = 'event: token\ndata: {"text": "法院判"}\n\nevent: answer\ndata: {"id": "…"}\n\n'


def answer_json(answer: Answer) -> bytes:
    """Encode an answer; every surface of the server sends these bytes."""
    return _ANSWER.dump_json(answer)


def _events(answer: Answer) -> Iterator[bytes]:
    for piece in _PIECE.findall(answer.answer):
        yield b"event: token\ndata: " + as_json({"text": piece}) + b"\n\n"
    yield b"event: answer\ndata: " + answer_json(answer) + b"\n\n"


def _server_timing(answer: Answer) -> dict[str, str]:
    stages = (f"{name};dur={ms:.2f}" for name, ms in answer.timings_ms.items())
    return {"server-timing": ", ".join(stages)}


def _found(hit: Hit) -> FoundPassage:
    return FoundPassage(
        passage_id=hit.passage.id,
        document=hit.document,
        start=hit.passage.start,
        end=hit.passage.end,
        heading=hit.passage.heading,
        text=hit.passage.text,
        fused=hit.fused,
        dense_rank=hit.dense_rank,
        lexical_rank=hit.lexical_rank,
        cosine=hit.cosine,
        coverage=hit.coverage,
        lexical=hit.lexical,
        rerank=hit.rerank,
        also_in=sorted({other.document.id for other in hit.duplicates}),
    )


def ask_router(workspace: "Workspace", gate: Gate) -> APIRouter:
    """Return the routes that answer and search."""
    router = APIRouter(
        tags=["ask"],
        dependencies=[requires("application/json")],
        responses=described(413, 415, 422, 500, 503),
    )

    @router.post(
        "/ask",
        summary="Answer a question",
        response_model=Answer,
        responses={
            200: {
                "description": "The answer; `status` tells answered, partial or not_found. With "
                "`stream`, `token` events carry the text's pieces and the last event, `answer`, "
                "carries the same object as without.",
                "content": {
                    "application/json": {"example": ANSWER_EXAMPLE},
                    "text/event-stream": {"example": _STREAM_EXAMPLE},
                },
            }
        },
    )
    async def ask(body: AskRequest) -> Response:
        question = Question(
            text=body.question,
            mode=body.mode,
            top_k=body.top_k,
            language=body.language,
            explain=body.explain,
            filters=filters_of(body.filters),
        )
        answer = await gate.run(lambda: workspace.ask(question))
        headers = _server_timing(answer)
        if body.stream:
            return StreamingResponse(_events(answer), 200, headers, "text/event-stream")
        return Response(answer_json(answer), 200, headers, "application/json")

    @router.post("/search", summary="Find passages", response_model=SearchResponse)
    async def search(body: SearchRequest) -> SearchResponse:
        filters = filters_of(body.filters)
        hits = await gate.run(
            lambda: workspace.search(body.query, body.top_k, body.leg, filters, collapse=True)
        )
        return SearchResponse(hits=[_found(hit) for hit in hits])

    return router
