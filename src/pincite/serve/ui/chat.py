"""The chat page, in Gradio: what is on it, and what happens when a question is sent."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from typing import TYPE_CHECKING, Any

import gradio as gr
from fastapi import FastAPI

from pincite.errors import PinciteError
from pincite.records import LONGEST_QUESTION, DocumentInfo, Question
from pincite.serve.gate import Gate
from pincite.serve.ui.conversation import (
    Turn,
    render_conversation,
    render_sources,
    render_welcome,
)
from pincite.serve.ui.markup import element, text
from pincite.serve.ui.panel import excerpts
from pincite.serve.ui.strings import Strings, strings_for_browser

if TYPE_CHECKING:
    from pincite.workspace import Workspace

logger = logging.getLogger(__name__)

SUGGESTIONS = 3
_TURNS_KEPT = 50
_FONT = ["system-ui", "-apple-system", "Segoe UI", "PingFang SC", "Noto Sans CJK SC"]
_FONT += ["Microsoft YaHei", "sans-serif"]
_HEAD = (
    '<link rel="stylesheet" href="/ui/chat.css"><link rel="stylesheet" href="/ui/turns.css">'
    '<script src="/ui/chat.js" defer></script>'
    '<meta name="color-scheme" content="light dark">'
)


def asset(name: str) -> bytes:
    """Read one of the page's own files."""
    return resources.files(__package__).joinpath("assets", name).read_bytes()


class Chat:
    """The page's event handlers: each returns what the components are to show."""

    def __init__(self, workspace: "Workspace", gate: Gate) -> None:
        self._workspace = workspace
        self._gate = gate

    async def open(self, request: gr.Request) -> list[Any]:
        """Fill the page in the browser's language."""
        words = _words(request)
        documents = await self._gate.run(self._workspace.documents)
        chips = suggestions(documents, words)
        return [
            _header(len(documents), words),
            render_welcome(len(documents), words),
            render_sources([], words),
            gr.Textbox(placeholder=words.placeholder, label=words.placeholder, interactive=True),
            gr.Button(words.send, interactive=True),
            *(gr.Button(chip, visible=True) for chip in chips),
            *[gr.Button(visible=False)] * (SUGGESTIONS - len(chips)),
        ]

    async def ask(
        self, question: str, turns: list[Turn], request: gr.Request
    ) -> AsyncIterator[list[Any]]:
        """Show the question at once, and its answer when it is there."""
        words = _words(request)
        asked = question.strip()
        if not asked:
            return
        turn = Turn(place=turns[-1].place + 1 if turns else 1, question=asked, tag=words.tag)
        earlier = turns[-_TURNS_KEPT + 1 :]
        # Emptied once: what is typed while the answer is made must stay.
        for state, box in ((turn, ""), (None, gr.skip())):
            shown = [*earlier, state or await self._answered(turn, words)]
            yield [
                shown,
                box,
                render_conversation(shown),
                render_sources(shown, words),
                *[gr.Button(visible=False)] * SUGGESTIONS,
            ]

    async def _answered(self, turn: Turn, words: Strings) -> Turn:
        if len(turn.question) > LONGEST_QUESTION:
            error = words.too_long.format(length=len(turn.question), limit=LONGEST_QUESTION)
            return Turn(turn.place, turn.question[:LONGEST_QUESTION], turn.tag, error=error)
        # Gathered, so that no error leaves the page waiting: each is shown in its turn.
        [answered] = await asyncio.gather(
            self._gate.run(lambda: self._answer(turn)), return_exceptions=True
        )
        if isinstance(answered, Turn):
            return answered
        if isinstance(answered, PinciteError):
            return Turn(turn.place, turn.question, turn.tag, error=str(answered))
        logger.error("the chat could not answer", exc_info=answered)
        return Turn(turn.place, turn.question, turn.tag, error=words.internal)

    def _answer(self, turn: Turn) -> Turn:
        answer = self._workspace.ask(Question(turn.question))
        found = excerpts(answer, self._workspace.document)
        return Turn(turn.place, turn.question, turn.tag, answer, tuple(found))


def suggestions(documents: Sequence[DocumentInfo], words: Strings) -> list[str]:
    """Return questions about the newest documents, at most ``SUGGESTIONS``."""
    newest = sorted(documents, key=lambda info: (info.added, info.title), reverse=True)
    titles = dict.fromkeys(info.title for info in newest if info.title)
    return [words.suggestion.format(title=title[:120]) for title in list(titles)[:SUGGESTIONS]]


def _words(request: gr.Request) -> Strings:
    return strings_for_browser(request.headers.get("accept-language"))


def _header(documents: int, words: Strings) -> str:
    return element(
        "header",
        asset("mark.svg").decode(),
        element("h1", "Pincite"),
        element("p", text(words.tagline), class_="pc-tagline"),
        element("p", text(words.count(documents, "article")), class_="pc-count"),
        class_="pc-header",
        data_language=words.tag,
    )


def _blocks(chat: Chat) -> gr.Blocks:
    blocks: gr.Blocks
    with gr.Blocks(
        title="Pincite", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
    ) as blocks:
        turns = gr.State([])
        header = gr.HTML(elem_id="pc-header", js_on_load=None, apply_default_css=False)
        with gr.Row(elem_id="pc-main"):
            with gr.Column(elem_id="pc-left"):
                conversation = gr.HTML(
                    elem_id="pc-conversation", js_on_load=None, apply_default_css=False
                )
                with gr.Column(elem_id="pc-suggestions"):
                    chips = [gr.Button(visible=False) for _ in range(SUGGESTIONS)]
                with gr.Row(elem_id="pc-composer"):
                    box = gr.Textbox(
                        lines=1,
                        max_lines=6,
                        max_length=LONGEST_QUESTION,
                        show_label=False,
                        container=False,
                        # Until the page is filled: a quick answer must not be overwritten by it.
                        interactive=False,
                        elem_id="pc-box",
                    )
                    send = gr.Button(variant="primary", interactive=False, elem_id="pc-send")
            panel = gr.HTML(elem_id="pc-panel", js_on_load=None, apply_default_css=False)
        options: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        blocks.load(chat.open, None, [header, conversation, panel, box, send, *chips], **options)
        outputs = [turns, box, conversation, panel, *chips]
        for trigger, source in ((box.submit, box), (send.click, box)):
            trigger(chat.ask, [source, turns], outputs, **options)
        for chip in chips:
            chip.click(chat.ask, [chip, turns], outputs, **options)
    blocks.queue(api_open=False, max_size=64, default_concurrency_limit=8)
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
        theme=gr.themes.Base(font=_FONT, font_mono=["ui-monospace", "monospace"]),
        head=_HEAD,
    )


def mount_chat(app: FastAPI, workspace: "Workspace", gate: Gate, max_upload_bytes: int) -> None:
    """Mount the chat at ``/``; whatever is added to the application later is behind it."""
    # Without a running event loop Gradio makes one for each of its locks and closes none. The
    # thread is for callers that run one already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _mount(app, Chat(workspace, gate), max_upload_bytes)).result()
