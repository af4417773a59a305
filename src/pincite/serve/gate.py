"""A bound on the work done at once, so that a crowd waits in line and not in memory."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from pincite.errors import OverloadedError

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

    async def run(self, work: Callable[[], T]) -> T:
        """Do a piece of work when its turn comes.

        Raises:
            OverloadedError: If too many are waiting already.
        """
        waiting = self._limiter.statistics().tasks_waiting
        if waiting >= self._waiting:
            raise OverloadedError(f"{waiting} requests are waiting already; try again in a second")
        return await to_thread.run_sync(work, limiter=self._limiter)
