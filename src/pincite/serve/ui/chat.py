"""The chat's events, in Gradio: what happens when a question is sent or stopped.

What is seen is rendered by ``home.py`` and ``conversation.py``. Gradio's own components are out of
sight; the page's scripts press its buttons and take what they answer.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

import gradio as gr
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.routing import Mount

from pincite.errors import CancelledError, PinciteError
from pincite.records import LONGEST_QUESTION, Answer, Delta, Question, Restart, Stage
from pincite.serve.access.callers import caller_of
from pincite.serve.api.readiness import WarmUp
from pincite.serve.gate import Gate
from pincite.serve.streaming import Failed, stream
from pincite.serve.ui.choices import Options
from pincite.serve.ui.conversation import Turn, render_turn
from pincite.serve.ui.frame import Framed
from pincite.serve.ui.kept import Kept, with_answer
from pincite.serve.ui.markup import element, text
from pincite.serve.ui.routes import is_ready
from pincite.serve.ui.strings import strings_for
from pincite.serve.ui.suggest import Suggester
from pincite.state.errors import ConversationNotFoundError

if TYPE_CHECKING:
    from pincite.workspace import Workspace

logger = logging.getLogger(__name__)

BEAT_S = 1.0
_NOTHING = element("pre")
_RELATED = 3
_STAGES = {"retrieving": "searching", "reading": "reading", "generating": "writing"}


class Chat:
    """The page's event handlers: each returns what Gradio hands to the page.

    Args:
        workspace: What answers.
        gate: Whose threads the answers are made on.
        warm_up: Tells whether the model is loaded.
        suggester: What the library can answer instead.
        kept: The conversations of all callers.
    """

    def __init__(
        self,
        workspace: "Workspace",
        gate: Gate,
        warm_up: WarmUp,
        suggester: Suggester,
        kept: Kept,
    ) -> None:
        self._workspace = workspace
        self._gate = gate
        self._warm_up = warm_up
        self._suggester = suggester
        self._kept = kept
        self._running: dict[str, Event] = {}

    async def ask(self, question: str, options: str, request: gr.Request) -> AsyncIterator[str]:
        """Show the question at once, then what is being done, then the answer as it is made."""
        begun = _begun(question.strip(), Options.model_validate_json(options))
        if not begun.question:
            return
        assert request.request
        owner = caller_of(request.request).id
        cancel = Event()
        session = str(request.session_hash)
        self._running[session] = cancel
        try:
            async for beat, turn in self._progress(begun, owner, cancel):
                yield element("pre", text(render_turn(turn, beat)))
        finally:
            cancel.set()
            if self._running.get(session) is cancel:
                del self._running[session]

    async def stop(self, request: gr.Request) -> None:
        """Stop the answer that the session waits for."""
        if running := self._running.get(str(request.session_hash)):
            running.set()

    async def _progress(
        self, turn: Turn, owner: str, cancel: Event
    ) -> AsyncIterator[tuple[int, Turn]]:
        beat = 0
        if turn.done:
            yield beat, turn
            return
        if not is_ready(self._warm_up):
            turn = replace(turn, stage="waiting")
        yield beat, turn
        last = turn
        made = stream(self._gate, lambda: self._turns(turn, owner, cancel), cancel, BEAT_S)
        async with aclosing(made):
            async for update in made:
                beat += 1
                last = _failed(last, update.error) if isinstance(update, Failed) else update or last
                if cancel.is_set() and not last.done:
                    last = replace(last, stopped=True)
                yield beat, last
                if last.done:
                    return
        # An iterator that ends without an answer was told to.
        yield beat + 1, replace(last, stopped=True)

    def _turns(self, turn: Turn, owner: str, cancel: Event) -> Iterator[Turn]:
        """Answer, on a thread of the gate: the turn after each event."""
        before = self._kept.before(owner, turn.conversation)
        question = Question(turn.question, explain=True, filters=turn.filters, history=before)
        for event in self._workspace.stream(question, cancel):
            match event:
                case Stage(name):
                    turn = replace(turn, stage=_STAGES[name])
                case Delta(piece):
                    turn = replace(turn, said=turn.said + piece)
                case Restart():
                    turn = replace(turn, said="", stage="writing")
                case Answer():
                    turn = self._keep(self._with(turn, event), owner, question, event)
            yield turn
            if cancel.is_set():
                return

    def _with(self, turn: Turn, answer: Answer) -> Turn:
        related: tuple[str, ...] = ()
        if answer.status == "not_found":
            documents = [quotation.document_id for quotation in answer.closest]
            related = self._suggester.known(turn.tag, documents)[:_RELATED]
        return replace(with_answer(turn, answer, self._workspace), related=related)

    def _keep(self, turn: Turn, owner: str, question: Question, answer: Answer) -> Turn:
        try:
            kept = self._kept.add(owner, turn.conversation, question, answer)
        except PinciteError as error:
            logger.warning("a turn is not kept: %s", error)
            return replace(turn, unkept=strings_for(turn.tag).unkept.format(fault=error))
        return replace(turn, conversation=kept)


def _failed(turn: Turn, error: BaseException) -> Turn:
    if isinstance(error, CancelledError):
        return replace(turn, stopped=True)
    if isinstance(error, ConversationNotFoundError):
        return replace(turn, error=strings_for(turn.tag).conversation_gone)
    if isinstance(error, PinciteError):
        return replace(turn, error=str(error))
    logger.error("the chat could not answer", exc_info=error)
    return replace(turn, error=strings_for(turn.tag).internal)


def _begun(question: str, options: Options) -> Turn:
    words = strings_for(options.language)
    asked = question[:LONGEST_QUESTION]
    turn = Turn(options.place, asked, words.tag, conversation=options.conversation)
    try:
        turn = replace(turn, filters=options.chosen())
    except ValidationError as exc:
        fault = "; ".join(str(error["msg"])[:200] for error in exc.errors()[:3])
        return replace(turn, error=words.bad_filters.format(fault=fault))
    if len(question) > LONGEST_QUESTION:
        fault = words.too_long.format(length=len(question), limit=LONGEST_QUESTION)
        return replace(turn, error=fault)
    return turn


def _blocks(chat: Chat) -> gr.Blocks:
    blocks: gr.Blocks
    hidden: dict[str, Any] = {"visible": "hidden"}
    with gr.Blocks(title="Pincite", analytics_enabled=False, delete_cache=(3600, 3600)) as blocks:
        question, options = (gr.Textbox(**hidden) for _ in range(2))
        live = gr.HTML(_NOTHING, elem_id="pc-live", js_on_load=None, apply_default_css=False)
        ask = gr.Button(elem_id="pc-event-ask", **hidden)
        stop = gr.Button(elem_id="pc-event-stop", **hidden)
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        ask.click(
            chat.ask,
            [question, options],
            live,
            js="() => window.pincite.take()",
            **private,
        )
        stop.click(chat.stop, None, None, **private)
    # The gate bounds the work; here nothing waits in line unseen.
    blocks.queue(api_open=False, max_size=256, default_concurrency_limit=128)
    return blocks


async def _mount(app: FastAPI, chat: Chat, max_upload_bytes: int) -> None:
    gr.mount_gradio_app(
        app,
        _blocks(chat),
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size=max_upload_bytes,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        theme=gr.themes.Base(font=["system-ui"], font_mono=["monospace"]),
    )


def mount_chat(app: FastAPI, chat: Chat, max_upload_bytes: int) -> None:
    """Mount the chat at ``/``; whatever is added to the application later is behind it."""
    # Without a running event loop Gradio makes one for each of its locks and closes none. The
    # thread is for callers that run one already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _mount(app, chat, max_upload_bytes)).result()
    mount = app.routes[-1]
    assert isinstance(mount, Mount)
    mount.app = Framed(mount.app)
