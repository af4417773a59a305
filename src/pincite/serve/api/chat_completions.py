"""``/v1/chat/completions`` and ``/v1/models``: Pincite as a model for OpenAI's clients."""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from pincite.records import Answer, Delta, Event, Question, Restart
from pincite.serve.api.ask import NO_STORE, answer_object
from pincite.serve.api.chat_requests import (
    CHUNK_EXAMPLE,
    COMPLETION_EXAMPLE,
    MODELS,
    ChatRequest,
)
from pincite.serve.api.event_stream import EventStream, sent_event
from pincite.serve.api.footnotes import Escaper, footnotes, restarted
from pincite.serve.api.openai_errors import described, openai_error
from pincite.serve.api.waiting import while_connected
from pincite.serve.gate import Gate
from pincite.serve.problems import as_json, request_id_of, requires
from pincite.text import detect_language

if TYPE_CHECKING:
    from pincite.workspace import Workspace

_DONE = b"data: [DONE]\n\n"
_FIRST_WIDE = "\u2e80"


def estimated_tokens(text: str) -> int:
    """Estimate a text's tokens: one for each Chinese character, one for four others."""
    wide = sum(character >= _FIRST_WIDE for character in text)
    return wide - (wide - len(text)) // 4


@dataclass(slots=True)
class _Completion:
    """One completion: what is the same in all its chunks, and the content so far."""

    request: ChatRequest
    question: Question
    id: str
    created: int = field(default_factory=lambda: int(time.time()))
    content: str = ""

    def usage(self) -> dict[str, int]:
        prompt = estimated_tokens(self.request.prompt())
        completion = estimated_tokens(self.content)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        }

    def object(self, kind: str, choices: list[dict[str, Any]], **further: Any) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.request.model,
            "choices": choices,
            **further,
        }

    def additions(self, answer: Answer) -> str:
        return footnotes(answer) if self.request.pincite.footnotes else ""

    def whole(self, answer: Answer) -> dict[str, Any]:
        escaper = Escaper()
        self.content = escaper.feed(answer.answer) + escaper.rest() + self.additions(answer)
        message = {
            "role": "assistant",
            "content": self.content,
            "refusal": None,
            "pincite": answer_object(answer),
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return self.object("chat.completion", [choice], usage=self.usage())


class _Chunks:
    """The same completion as chunks: the role, the content's pieces, and last the whole answer."""

    def __init__(self, completion: _Completion) -> None:
        self._completion = completion
        options = completion.request.stream_options
        self._with_usage = bool(options and options.include_usage)
        self._escaper = Escaper()
        self._begun = False

    def event(self, event: Event) -> bytes:
        first = b"" if self._begun else self._chunk({"role": "assistant", "content": ""})
        self._begun = True
        match event:
            case Delta(text):
                return first + self._content(self._escaper.feed(text))
            case Restart() if not self._completion.content and not self._escaper.rest():
                return first
            case Restart():
                question = self._completion.question
                language = question.language or detect_language(question.text)
                return first + self._content(self._escaper.rest() + restarted(language))
            case Answer():
                return first + self._end(event)
            case _:
                return first

    def failure(self, problem: dict[str, object]) -> bytes:
        return sent_event(as_json(openai_error(problem)))

    def _end(self, answer: Answer) -> bytes:
        last = self._content(self._escaper.rest() + self._completion.additions(answer))
        last += self._chunk({"pincite": answer_object(answer)}, "stop")
        if self._with_usage:
            usage = self._completion.usage()
            last += self._sent([], usage=usage)
        return last + _DONE

    def _content(self, text: str) -> bytes:
        self._completion.content += text
        return self._chunk({"content": text}) if text else b""

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._sent([choice], **({"usage": None} if self._with_usage else {}))

    def _sent(self, choices: list[dict[str, Any]], **further: Any) -> bytes:
        chunk = self._completion.object("chat.completion.chunk", choices, **further)
        return sent_event(as_json(chunk))


def _model(name: str, created: int) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": created, "owned_by": "pincite"}


def _require_model(name: str) -> None:
    if name not in MODELS:
        known = ", ".join(MODELS)
        raise HTTPException(404, f"there is no model {name[:100]!r}; there are {known}")


def chat_completions_router(workspace: "Workspace", gate: Gate) -> APIRouter:
    """Return the routes that OpenAI's clients use."""
    router = APIRouter(prefix="/v1", tags=["openai"])
    started = int(time.time())

    @router.get("/models", summary="List the models")
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [_model(name, started) for name in MODELS]}

    @router.get("/models/{name}", summary="Describe a model", responses=described(404))
    async def model(name: str) -> dict[str, Any]:
        _require_model(name)
        return _model(name, started)

    @router.post(
        "/chat/completions",
        summary="Answer the last message of a chat, as OpenAI's API does",
        description="The last message of the role `user` is the question, the `user` and "
        "`assistant` messages before it its history; others are passed over, as are fields not "
        "named here. `choices[0].message.pincite` (in a stream: the `delta` of the last choice) "
        "is the whole answer, the same as that of `/ask`. The body has at most 1 MiB.",
        dependencies=[requires("application/json")],
        responses={
            200: {
                "description": "The completion, or with `stream` its chunks.",
                "content": {
                    "application/json": {"example": COMPLETION_EXAMPLE},
                    "text/event-stream": {"example": CHUNK_EXAMPLE},
                },
            },
            **described(400, 404, 413, 415, 500, 502, 503, 504),
        },
    )
    async def chat_completions(request: Request, body: ChatRequest) -> Response:
        _require_model(body.model)
        question = body.question()
        completion = _Completion(body, question, f"chatcmpl-{request_id_of(request)}")
        if body.stream:
            chunks = _Chunks(completion)
            return EventStream(gate, lambda gone: workspace.stream(question, gone), chunks)
        async with while_connected(request.receive) as gone:
            answer = await gate.run(lambda: workspace.ask(question, gone))
        content = as_json(completion.whole(answer))
        return Response(content, 200, NO_STORE, "application/json")

    return router
