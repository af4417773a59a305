"""Blocking iterators consumed on the gate's threads, as asynchronous ones."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from anyio import CancelScope

from pincite.serve.gate import Gate

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failed:
    """What ended an iterator before its time."""

    error: BaseException


async def stream(
    gate: Gate, make: Callable[[], Iterator[T]], cancel: Event, beat_s: float
) -> AsyncGenerator[T | Failed | None, None]:
    """Yield what an iterator yields, None whenever it was silent for a while, and last its failure.

    The failure is an item, so that whatever it is can be shown where the items are.

    Args:
        gate: Whose thread the iterator runs on, from its making to its end.
        make: Makes the iterator.
        cancel: Set when the consumer ends early, and so to be looked at by the iterator.
        beat_s: Seconds of silence before a None.
    """
    loop = asyncio.get_running_loop()
    made: asyncio.Queue[T | asyncio.Task[None]] = asyncio.Queue()
    waiting = CancelScope()

    def work() -> None:
        for item in make():
            loop.call_soon_threadsafe(made.put_nowait, item)

    async def turn() -> None:
        with waiting:
            await gate.run(work)

    task = asyncio.create_task(turn())
    # Put behind all items: the loop runs what it is given in order.
    task.add_done_callback(made.put_nowait)
    try:
        while True:
            try:
                item = await asyncio.wait_for(made.get(), beat_s)
            except TimeoutError:
                yield None
                continue
            if not isinstance(item, asyncio.Task):
                yield item
                continue
            if error := item.exception():
                yield Failed(error)
            return
    finally:
        cancel.set()
        # Leaves the gate's line; work that runs already has to look at the event.
        waiting.cancel()
        task.add_done_callback(_seen)


def _seen(task: asyncio.Task[None]) -> None:
    # What fails once nobody listens any longer is not reported as never looked at.
    if not task.cancelled():
        task.exception()
