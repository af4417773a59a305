"""A bound on the work done at once, so that a crowd waits in line and not in memory."""

import asyncio
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from pincite.errors import CancelledError, OverloadedError

T = TypeVar("T")


class Gate:
    """Runs blocking work on threads, off the event loop.

    Args:
        running: Pieces of work done at once.
        waiting: Pieces of work that may wait for their turn.
    """

    def __init__(self, running: int, waiting: int) -> None:
        self._limiter = CapacityLimiter(running)
        self._waiting = waiting

    @property
    def running(self) -> int:
        """Pieces of work being done."""
        return self._limiter.statistics().borrowed_tokens

    @property
    def waiting(self) -> int:
        """Pieces of work waiting for their turn."""
        return self._limiter.statistics().tasks_waiting

    async def run(self, work: Callable[[], T]) -> T:
        """Do a piece of work when its turn comes.

        Raises:
            OverloadedError: If too many are waiting already.
        """
        waiting = self.waiting
        if waiting >= self._waiting:
            raise OverloadedError(f"{waiting} requests are waiting already; try again in a second")
        return await to_thread.run_sync(work, limiter=self._limiter)

    async def run_cancellable(self, work: Callable[[Event], T]) -> T:
        """Do a piece of work, which is told by an event when nobody waits for it any longer.

        It keeps its place until it ends, so that requests given up cannot pile up threads.

        Raises:
            OverloadedError: If too many are waiting already.
        """
        cancel = Event()

        def begin() -> T:
            if cancel.is_set():
                raise CancelledError("the request was given up before its turn came")
            return work(cancel)

        task = asyncio.ensure_future(self.run(begin))
        try:
            return await asyncio.shield(task)
        finally:
            cancel.set()
