"""The chat's events, in Gradio: what happens when a question is sent, stopped or saved.

What is seen is rendered by ``home.py`` and ``conversation.py``. Gradio's own components are out of
sight; the page's scripts press its buttons and take what they answer.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from threading import Event
from typing import TYPE_CHECKING, Any

import gradio as gr
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.routing import Mount

from pincite.errors import CancelledError, PinciteError
from pincite.records import LONGEST_QUESTION, Answer, Delta, Question, Restart, Stage
from pincite.serve.gate import Gate
from pincite.serve.readiness import WarmUp
from pincite.serve.ui.choices import Options
from pincite.serve.ui.conversation import Turn, history, render_turn
from pincite.serve.ui.export import KINDS, export
from pincite.serve.ui.frame import Framed
from pincite.serve.ui.markup import element, text
from pincite.serve.ui.panel import excerpts
from pincite.serve.ui.routes import is_ready
from pincite.serve.ui.streaming import Failed, stream
from pincite.serve.ui.strings import strings_for
from pincite.serve.ui.suggest import Suggester
from pincite.serve.ui.why import passage_notes

if TYPE_CHECKING:
    from pincite.workspace import Workspace

logger = logging.getLogger(__name__)

BEAT_S = 1.0
_NOTHING = element("pre")
_TURNS_KEPT = 50
_RELATED = 3
_STAGES = {"retrieving": "searching", "reading": "reading", "generating": "writing"}


class Chat:
    """The page's event handlers: each returns what Gradio hands to the page.

    Args:
        workspace: What answers.
        gate: Whose threads the answers are made on.
        warm_up: Tells whether the model is loaded.
        suggester: What the library can answer instead.
    """

    def __init__(
        self, workspace: "Workspace", gate: Gate, warm_up: WarmUp, suggester: Suggester
    ) -> None:
        self._workspace = workspace
        self._gate = gate
        self._warm_up = warm_up
        self._suggester = suggester
        self._running: dict[str, Event] = {}

    async def ask(
        self, question: str, options: str, turns: list[Turn], request: gr.Request
    ) -> AsyncIterator[list[Any]]:
        """Show the question at once, then what is being done, then the answer as it is made."""
        sent = Options.model_validate_json(options)
        begun = _begun(question.strip(), sent)
        if not begun.question:
            return
        turns = [] if sent.fresh else turns
        cancel = Event()
        session = str(request.session_hash)
        self._running[session] = cancel
        try:
            async for beat, turn in self._progress(begun, history(turns), cancel):
                shown: Any = [*turns[-_TURNS_KEPT + 1 :], turn] if turn.done else gr.skip()
                yield [shown, element("pre", text(render_turn(turn, beat)))]
        finally:
            cancel.set()
            if self._running.get(session) is cancel:
                del self._running[session]

    async def stop(self, request: gr.Request) -> None:
        """Stop the answer that the session waits for."""
        if running := self._running.get(str(request.session_hash)):
            running.set()

    async def save(self, kind: str, options: str, turns: list[Turn]) -> str:
        """Write the conversation as a file, which the page offers to save."""
        wanted = next((known for known in KINDS if known == kind), KINDS[0])
        words = strings_for(Options.model_validate_json(options).language)
        return export(turns, wanted, words, date.today())

    async def _progress(
        self, turn: Turn, before: Any, cancel: Event
    ) -> AsyncIterator[tuple[int, Turn]]:
        beat = 0
        if turn.done:
            yield beat, turn
            return
        if not is_ready(self._warm_up):
            turn = replace(turn, stage="waiting")
        yield beat, turn
        last = turn
        made = stream(self._gate, lambda: self._turns(turn, before, cancel), cancel, BEAT_S)
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

    def _turns(self, turn: Turn, before: Any, cancel: Event) -> Iterator[Turn]:
        """Answer, on a thread of the gate: the turn after each event."""
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
                    turn = self._with(turn, event)
            yield turn
            if cancel.is_set():
                return

    def _with(self, turn: Turn, answer: Answer) -> Turn:
        related: tuple[str, ...] = ()
        if answer.status == "not_found":
            documents = [quotation.document_id for quotation in answer.closest]
            related = self._suggester.known(turn.tag, documents)[:_RELATED]
        return replace(
            turn,
            answer=answer,
            excerpts=tuple(excerpts(answer, self._workspace.document)),
            notes=passage_notes(answer, self._workspace.passages),
            related=related,
        )


def _failed(turn: Turn, error: BaseException) -> Turn:
    if isinstance(error, CancelledError):
        return replace(turn, stopped=True)
    if isinstance(error, PinciteError):
        return replace(turn, error=str(error))
    logger.error("the chat could not answer", exc_info=error)
    return replace(turn, error=strings_for(turn.tag).internal)


def _begun(question: str, options: Options) -> Turn:
    words = strings_for(options.language)
    turn = Turn(options.place, question[:LONGEST_QUESTION], words.tag)
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
        turns = gr.State([])
        question, options, kind, file = (gr.Textbox(**hidden) for _ in range(4))
        live = gr.HTML(_NOTHING, elem_id="pc-live", js_on_load=None, apply_default_css=False)
        ask = gr.Button(elem_id="pc-event-ask", **hidden)
        stop = gr.Button(elem_id="pc-event-stop", **hidden)
        save = gr.Button(elem_id="pc-event-save", **hidden)
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        ask.click(
            chat.ask,
            [question, options, turns],
            [turns, live],
            js="(q, o, turns) => [...window.pincite.take('ask'), turns]",
            **private,
        )
        stop.click(chat.stop, None, None, **private)
        save.click(
            chat.save,
            [kind, options, turns],
            file,
            js="(k, o, turns) => [...window.pincite.take('save'), turns]",
            **private,
        ).success(None, file, None, js="(text) => window.pincite.saved(text)", **private)
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
