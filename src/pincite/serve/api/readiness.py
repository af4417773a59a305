"""``GET /health`` and ``GET /ready``, and the warm-up that the second waits for."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from fastapi import APIRouter

from pincite import __version__
from pincite.errors import NotReadyError, PinciteError
from pincite.responses import Health, Ready
from pincite.serve.gate import Gate
from pincite.serve.problems import described

if TYPE_CHECKING:
    from pincite.workspace import Workspace

logger = logging.getLogger(__name__)


class WarmUp:
    """Loads the model and the indexes in the background, again after a failure."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self._done: Future[None] | None = None

    def start(self) -> None:
        """Begin on a thread of its own."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="pincite-warm-up")
        self._done = thread.submit(self._workspace.warm_up)
        self._done.add_done_callback(_log_failure)
        thread.shutdown(wait=False)

    def wait(self) -> None:
        """Return once it has ended, so that the library is not closed under it."""
        if self._done is not None:
            wait([self._done])

    def check(self) -> None:
        """Return if questions can be answered.

        Raises:
            NotReadyError: If loading has not ended, or failed and is tried again.
        """
        if self._done is None or not self._done.done():
            raise NotReadyError("the model and the indexes are being loaded; try again in a second")
        error = self._done.exception()
        if error:
            self.start()
            why = str(error) if isinstance(error, PinciteError) else "see the server's log"
            raise NotReadyError(f"loading failed and is tried again: {why}")


def _log_failure(done: Future[None]) -> None:
    if done.exception():
        logger.error("warming up failed", exc_info=done.exception())


def readiness_router(workspace: "Workspace", gate: Gate, warm_up: WarmUp) -> APIRouter:
    """Return the routes that tell how the server is."""
    router = APIRouter(tags=["server"])

    @router.get("/health", summary="Is the process alive?")
    async def health() -> Health:
        return Health(version=__version__)

    @router.get("/ready", summary="Can a question be answered?", responses=described(500, 503))
    async def ready() -> Ready:
        warm_up.check()
        status = await gate.run(workspace.status)
        return Ready(
            index_generation=status.generation,
            documents=status.documents,
            passages=status.passages,
            model=f"{status.model.name}@{status.model.revision}",
        )

    return router
