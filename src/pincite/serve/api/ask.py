"""``POST /ask`` and ``POST /search``."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from pincite.errors import InputError
from pincite.records import Answer, Delta, Event, Hit, Restart, Stage
from pincite.responses import FoundPassage, SearchResponse
from pincite.serve.api.event_stream import EventStream, sent_event
from pincite.serve.api.filters import filters_of
from pincite.serve.api.idempotency import HEADER, KeptResponses
from pincite.serve.api.schemas import ANSWER_EXAMPLE, AskRequest, SearchRequest
from pincite.serve.api.waiting import while_connected
from pincite.serve.gate import Gate
from pincite.serve.problems import as_json, described, requires

if TYPE_CHECKING:
    from pincite.workspace import Workspace

NO_STORE = {"cache-control": "no-store"}
_ANSWER = TypeAdapter(Answer)
_STREAM_EXAMPLE = (
    'event: stage\ndata: {"name": "retrieving"}\n\n'
    'event: token\ndata: {"text": "法院判决该条款无效 [1]。"}\n\n'
    'event: answer\ndata: {"id": "…"}\n\n'
)


def answer_json(answer: Answer) -> bytes:
    """Encode an answer; every surface of the server sends these bytes."""
    return _ANSWER.dump_json(answer)


def answer_object(answer: Answer) -> dict[str, Any]:
    """Return an answer as the object that ``answer_json`` encodes."""
    made: dict[str, Any] = _ANSWER.dump_python(answer, mode="json")
    return made


class _Events:
    """The events of ``POST /ask``: stage, token, restart, and last answer or error."""

    def event(self, event: Event) -> bytes:
        match event:
            case Stage(name):
                return sent_event(as_json({"name": name}), "stage")
            case Delta(text):
                return sent_event(as_json({"text": text}), "token")
            case Restart(degraded):
                return sent_event(as_json({"degraded": degraded}), "restart")
            case Answer():
                return sent_event(answer_json(event), "answer")

    def failure(self, problem: dict[str, object]) -> bytes:
        return sent_event(as_json(problem), "error")


def _server_timing(answer: Answer) -> dict[str, str]:
    stages = (f"{name};dur={ms:.2f}" for name, ms in answer.timings_ms.items())
    return {"server-timing": ", ".join(stages)}


def found_passage(hit: Hit) -> FoundPassage:
    """Return a passage as every surface of the server shows it."""
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
        translated=hit.translated,
        lexical=hit.lexical,
        rerank=hit.rerank,
        also_in=sorted({other.document.id for other in hit.duplicates}),
    )


def ask_router(workspace: "Workspace", gate: Gate, kept: KeptResponses) -> APIRouter:
    """Return the routes that answer and search."""
    router = APIRouter(
        tags=["ask"],
        dependencies=[requires("application/json")],
        responses=described(400, 413, 415, 422, 500, 502, 503, 504),
    )

    @router.post(
        "/ask",
        summary="Answer a question",
        description="With the header `Idempotency-Key` the same request sent again gets the same "
        "response, marked `Idempotency-Replayed: true`; not with `stream`. The body has at most "
        "256 KiB.",
        response_model=Answer,
        responses={
            200: {
                "description": "The answer; `status` tells answered, partial or not_found. With "
                "`stream`, `stage` events tell what is being done, `token` events carry the text, "
                "a statement at a time, `restart` says that the text so far is void, and the last "
                "event, `answer`, carries the same object as without; if something fails on the "
                "way, the last event is `error` with the problem.",
                "content": {
                    "application/json": {"example": ANSWER_EXAMPLE},
                    "text/event-stream": {"example": _STREAM_EXAMPLE},
                },
            },
            **described(409),
        },
    )
    async def ask(request: Request, body: AskRequest) -> Response:
        question = body.record()
        if body.stream:
            if HEADER in request.headers:
                raise InputError(
                    "a stream is not kept for its Idempotency-Key; leave out the header or stream"
                )
            return EventStream(gate, lambda gone: workspace.stream(question, gone), _Events())

        async def respond() -> Response:
            async with while_connected(request.receive) as gone:
                answer = await gate.run(lambda: workspace.ask(question, gone))
            headers = {**NO_STORE, **_server_timing(answer)}
            return Response(answer_json(answer), 200, headers, "application/json")

        return await kept.once(request, body.model_dump_json().encode(), respond)

    @router.post("/search", summary="Find passages", response_model=SearchResponse)
    async def search(body: SearchRequest) -> SearchResponse:
        filters = filters_of(body.filters)
        hits = await gate.run(
            lambda: workspace.search(body.query, body.top_k, body.leg, filters, collapse=True)
        )
        return SearchResponse(hits=[found_passage(hit) for hit in hits])

    return router
