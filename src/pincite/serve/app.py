"""The server as one ASGI application: the API, the chat, and the guard round both."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from pincite import __version__
from pincite.serve import problems
from pincite.serve.access.config import ServerConfig
from pincite.serve.access.guard import Guard
from pincite.serve.access.keys import Access
from pincite.serve.access.login import login_router
from pincite.serve.access.streams import OwnStreams
from pincite.serve.api.ask import ask_router
from pincite.serve.api.batch import batch_router
from pincite.serve.api.chat_completions import chat_completions_router
from pincite.serve.api.documents import document_router
from pincite.serve.api.feedback import feedback_router
from pincite.serve.api.idempotency import KeptResponses
from pincite.serve.api.readiness import WarmUp, readiness_router
from pincite.serve.api.recent import RecentAnswers
from pincite.serve.api.versions import include_versioned, unversioned
from pincite.serve.evaluation import Evaluation
from pincite.serve.gate import Gate
from pincite.serve.mcp.server import PATH as MCP_PATH
from pincite.serve.mcp.server import McpEndpoint, mcp_server
from pincite.serve.ui.articles import articles_router
from pincite.serve.ui.chat import Chat, mount_chat
from pincite.serve.ui.drafting import drafting_router
from pincite.serve.ui.history import history_router
from pincite.serve.ui.kept import Kept
from pincite.serve.ui.measured import evaluation_router
from pincite.serve.ui.ratings import ratings_router
from pincite.serve.ui.routes import ui_router
from pincite.serve.ui.suggest import Suggester
from pincite.serve.watch.metrics import metrics_router
from pincite.serve.watch.observed import observed
from pincite.serve.watch.requests import RequestWatch
from pincite.serve.watch.telemetry import Telemetry

if TYPE_CHECKING:
    from pincite.state.store import State
    from pincite.workspace import Workspace

RUNNING, WAITING = 8, 64
_DESCRIPTION = """Answers questions about your articles and pins every sentence to its passage.

Offsets count Unicode code points in the stored text: `text[start:end]` is the quote itself.
Errors are RFC 9457 problem details whose `code` is stable. Every response carries `X-Request-ID`,
yours if you sent one. Where there are keys, send yours as `Authorization: Bearer KEY` or
`X-API-Key: KEY` on every request but `/health`; a key of the role `ask` may not change the library.
With a rate limit, `RateLimit` and `RateLimit-Policy` tell what is left of it, and a 429 when to
come back. Every path is there without `/v1` too, save those of OpenAI's clients. Bodies have at
most 64 KiB unless an endpoint says otherwise."""
# For OpenAPI alone: the guard has let the request through by then.
_KEY_SCHEMES = [
    Depends(HTTPBearer(auto_error=False)),
    Depends(APIKeyHeader(name="X-API-Key", auto_error=False)),
]
# All that the page needs of Gradio, which serves much else: a fetch proxy, uploads, every handler
# as an API, monitoring.
_CHAT_PATHS = re.compile(
    r"/|/(assets|static)/.+|/theme\.css|/manifest\.json"
    r"|/gradio_api/(queue/(join|data)|heartbeat/\w+|app_id|cancel)"
)


def create_app(
    workspace: "Workspace",
    state: "State",
    config: ServerConfig,
    telemetry: Telemetry | None = None,
    evaluation: Evaluation | None = None,
) -> Guard:
    """Put the server together.

    Args:
        workspace: What answers; the caller closes it after the server has stopped.
        state: What the server remembers; closed by the caller, too.
        config: Keys, limits, and the origins whose pages may call.
        telemetry: Where requests and questions are told; by default only metrics are kept.
        evaluation: Where evaluation questions go, and its reports come from.
    """
    telemetry = telemetry or Telemetry()
    access = Access(state, config)
    warm_up = WarmUp(workspace)
    gate = Gate(RUNNING, WAITING)
    telemetry.metrics.watch(gate, workspace.status)
    recent = RecentAnswers()
    # Its trial questions are nobody's.
    suggester = Suggester(workspace, gate)
    workspace = observed(workspace, telemetry, recent)
    kept_turns = Kept(state.conversations, workspace)
    mcp = McpEndpoint(mcp_server(workspace, gate))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        warm_up.start()
        async with mcp.running():
            yield

    app = FastAPI(
        title="Pincite",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses=problems.described(*_refusals(access, config)),
        dependencies=None if access.open else _KEY_SCHEMES,
    )
    problems.install(app)
    kept = KeptResponses()
    api = (
        ask_router(workspace, gate, kept),
        batch_router(workspace, gate, kept),
        document_router(workspace, gate, kept),
        readiness_router(workspace, gate, warm_up),
        feedback_router(state, recent),
    )
    include_versioned(app, api)
    others = (
        chat_completions_router(workspace, gate),
        metrics_router(telemetry.metrics),
        login_router(access),
        # Before the page's files, whose path would take some of theirs.
        history_router(state.conversations, kept_turns),
        ui_router(workspace, gate, warm_up, suggester),
        articles_router(workspace, gate, config.max_upload_bytes),
        ratings_router(state.feedback, gate, evaluation),
        drafting_router(state.feedback, workspace, gate, evaluation),
        evaluation_router(gate, evaluation),
    )
    for router in others:
        app.include_router(router)
    app.router.routes.append(Route(MCP_PATH, mcp, include_in_schema=False))
    chat = Chat(workspace, gate, warm_up, suggester, kept_turns)
    mount_chat(app, chat, config.max_upload_bytes)
    mount = app.routes[-1]
    assert isinstance(mount, Mount)
    mount.app = _Chat(
        OwnStreams(mount.app), [route for router in (*api, *others) for route in router.routes]
    )
    return Guard(app, access, config, watch=lambda handle: RequestWatch(handle, app, telemetry))


def _refusals(access: Access, config: ServerConfig) -> list[int]:
    return [*([] if access.open else [401]), *([429] if config.rate_limit else [])]


class _Chat:
    """Lets only the page's own paths through to Gradio; a mount at ``/`` catches all the rest."""

    def __init__(self, app: ASGIApp, api_routes: list[BaseRoute]) -> None:
        self._app = app
        self._api_routes = api_routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _CHAT_PATHS.fullmatch(scope["path"]) or b"deep_link" in scope["query_string"]:
            raise self._refusal(scope)
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> HTTPException:
        # The mount hides that a route of the API has the path and not the method.
        methods: set[str] = set()
        for path in {scope["path"], unversioned(scope["path"])}:
            asked = {**scope, "root_path": "", "path": path}
            for route in self._api_routes:
                if route.matches(asked)[0] is Match.PARTIAL:
                    methods |= getattr(route, "methods", None) or set()
        if methods:
            allow = ", ".join(sorted(methods))
            return HTTPException(405, f"use {allow} here", headers={"allow": allow})
        return HTTPException(404, f"there is nothing at {scope['path'][:200]}")
