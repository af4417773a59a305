"""What the page fetches besides its events: files, words, the library's choices, articles."""

from hashlib import sha256
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from pincite.errors import NotReadyError
from pincite.serve.api.readiness import WarmUp
from pincite.serve.gate import Gate
from pincite.serve.ui import choices
from pincite.serve.ui.article import render_article
from pincite.serve.ui.shell import asset
from pincite.serve.ui.strings import LANGUAGES, strings_for, strings_for_request, words_json
from pincite.serve.ui.suggest import Suggester

if TYPE_CHECKING:
    from pincite.workspace import Workspace

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
ASSETS = (
    "tokens.css",
    "icons.css",
    "shell.css",
    "chat.css",
    "history.css",
    "pages.css",
    "turns.css",
    "panel.css",
    "shell.js",
    "chat.js",
    "composer.js",
    "dialogs.js",
    "history.js",
    "articles.js",
    "uploads.js",
    "page.js",
    "events.js",
    "filters.js",
    "sources.js",
    "turns.js",
    "words.js",
    "mark.svg",
)
_Offset = Annotated[int, Query(ge=0, le=10**9)]


def ui_router(
    workspace: "Workspace", gate: Gate, warm_up: WarmUp, suggester: Suggester
) -> APIRouter:
    """Return the routes of the page; the guard decides who may use them."""
    router = APIRouter(include_in_schema=False)

    @router.get("/ui/start")
    async def start(request: Request) -> choices.Start:
        words = strings_for_request(request)
        documents = await gate.run(workspace.documents)
        passages = sum(info.passages for info in documents)
        return choices.Start(
            ready=is_ready(warm_up),
            documents=len(documents),
            passages=passages,
            library=f"{words.count(len(documents), 'article')} · "
            f"{words.count(passages, 'passage')}",
            sources=choices.sources(documents),
            languages=choices.languages(documents),
            tags=choices.tags(documents),
        )

    @router.get("/ui/suggestions")
    async def suggestions(request: Request) -> list[str]:
        return await suggester.suggestions(strings_for_request(request).tag)

    @router.get("/ui/words/{tag}")
    async def all_words(tag: str) -> Response:
        if tag not in LANGUAGES:
            raise HTTPException(404, f"the interface does not speak {tag[:40]!r}")
        return Response(words_json(strings_for(tag)), media_type="application/json")

    @router.get("/ui/article/{document_id}")
    async def article(
        request: Request, document_id: str, start: _Offset = 0, end: _Offset = 0
    ) -> Response:
        words = strings_for_request(request)

        def render() -> str:
            document, passages = workspace.document(document_id), workspace.passages(document_id)
            return render_article(document, passages, start, end, words)

        return HTMLResponse(await gate.run(render))

    @router.get("/ui/{name}")
    async def ui_asset(request: Request, name: str) -> Response:
        return _file(request, name)

    @router.get("/favicon.ico")
    async def favicon(request: Request) -> Response:
        return _file(request, "mark.svg")

    return router


def is_ready(warm_up: WarmUp) -> bool:
    """Tell whether the model and the indexes are loaded."""
    try:
        warm_up.check()
    except NotReadyError:
        return False
    return True


def _file(request: Request, name: str) -> Response:
    """Send one of the page's own files, or say that the browser has it already."""
    if name not in ASSETS:
        raise HTTPException(404, f"the page has no file {name[:100]!r}")
    body = asset(name)
    headers = {"etag": f'"{sha256(body).hexdigest()[:32]}"', "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=_TYPES[name.rpartition(".")[2]])
