"""Work for a client that may hang up before it is done."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from threading import Event
from typing import Any

from anyio import CancelScope
from starlette.types import Receive

from pincite.errors import CancelledError


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Run something beside the block; it is ended with it."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        with CancelScope(shield=True):
            await asyncio.wait([task])


@asynccontextmanager
async def while_connected(receive: Receive) -> AsyncIterator[Event]:
    """Yield an event that is set once the client has gone, or the block was left.

    A client that goes also takes the block's work out of the line where it waits for its turn;
    work that runs on a thread already has to look at the event.

    Args:
        receive: The request's; its body must have been read to the end.

    Raises:
        CancelledError: If the client went before the block's end.
    """
    gone = Event()
    with CancelScope() as scope:
        async with beside(_watch(receive, gone, scope)):
            try:
                yield gone
            finally:
                gone.set()
    if scope.cancelled_caught:
        raise CancelledError("the client closed the connection before the answer was there")


async def _watch(receive: Receive, gone: Event, scope: CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    gone.set()
    scope.cancel()
