"""What the page does with the conversations that are kept: list, open, rename, delete, save."""

from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from pincite.serve.access.callers import caller_of
from pincite.serve.gate import Gate
from pincite.serve.problems import requires
from pincite.serve.ui.conversation import render_turn
from pincite.serve.ui.export import Kind, export
from pincite.serve.ui.kept import Kept
from pincite.serve.ui.strings import strings_for_request
from pincite.state.conversations import ConversationInfo, Conversations

PAGE = 50
_TYPES = {"markdown": "text/markdown", "html": "text/html"}
_Offset = Annotated[int, Query(ge=0, le=1_000_000)]


class Titled(BaseModel):
    """A conversation's new title."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, StringConstraints(max_length=1000)]


class Listed(BaseModel):
    """One page of the caller's conversations; ``more`` tells whether another follows."""

    conversations: list[ConversationInfo]
    more: bool


class Opened(BaseModel):
    """A conversation with its turns, rendered."""

    id: str
    title: str
    turns: int
    markup: str


def history_router(conversations: Conversations, kept: Kept) -> APIRouter:
    """Return the routes; each answers for the caller's own conversations and no others."""
    router = APIRouter(prefix="/ui/conversations", include_in_schema=False)
    gate = Gate(running=2, waiting=64)

    @router.get("")
    async def listed(
        request: Request,
        q: Annotated[str, Query(max_length=200)] = "",
        offset: _Offset = 0,
    ) -> Listed:
        owner = caller_of(request).id
        found = await gate.run(
            partial(conversations.listed, owner, search=q, limit=PAGE + 1, offset=offset)
        )
        return Listed(conversations=found[:PAGE], more=len(found) > PAGE)

    @router.get("/{conversation_id}")
    async def opened(request: Request, conversation_id: str) -> Opened:
        owner, tag = caller_of(request).id, strings_for_request(request).tag

        def render() -> Opened:
            conversation = kept.get(owner, conversation_id)
            turns = kept.turns(conversation, tag)
            return Opened(
                id=conversation_id,
                title=conversation.info.title,
                turns=len(turns),
                markup="".join(render_turn(turn) for turn in turns),
            )

        return await gate.run(render)

    @router.get("/{conversation_id}/export")
    async def exported(request: Request, conversation_id: str, kind: Kind) -> Response:
        owner, words = caller_of(request).id, strings_for_request(request)

        def write() -> str:
            conversation = kept.get(owner, conversation_id)
            turns = kept.turns(conversation, words.tag)
            return export(turns, kind, words, date.today(), conversation.info.title)

        ending = "html" if kind == "html" else "md"
        name = f"pincite-{date.today().isoformat()}.{ending}"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(await gate.run(write), headers=headers, media_type=_TYPES[kind])

    @router.put("/{conversation_id}", dependencies=[requires("application/json")])
    async def rename(request: Request, conversation_id: str, body: Titled) -> ConversationInfo:
        owner = caller_of(request).id
        return await gate.run(partial(conversations.rename, owner, conversation_id, body.title))

    @router.delete("/{conversation_id}", status_code=204)
    async def delete(request: Request, conversation_id: str) -> None:
        owner = caller_of(request).id
        await gate.run(partial(conversations.delete, owner, conversation_id))

    return router
