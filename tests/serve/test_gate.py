"""The line before the threads."""

import asyncio
from threading import Event

import pytest

from pincite.errors import CancelledError
from pincite.serve.gate import Gate


def test_work_given_up_is_told_so_and_keeps_its_place_until_it_ends() -> None:
    begun, told, end = Event(), Event(), Event()

    def work(cancel: Event) -> None:
        begun.set()
        if cancel.wait(20):
            told.set()
        end.wait(20)

    async def run() -> None:
        gate = Gate(running=1, waiting=1)
        first = asyncio.create_task(gate.run_cancellable(work))
        await asyncio.to_thread(begun.wait, 20)
        second = asyncio.create_task(gate.run_cancellable(lambda cancel: cancel.is_set()))
        while not gate.waiting:
            await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await asyncio.to_thread(told.wait, 20)
        assert (gate.running, gate.waiting, second.done()) == (1, 1, False)
        end.set()
        assert await second is False

    asyncio.run(run())


def test_work_given_up_in_line_is_never_begun() -> None:
    end, ran = Event(), Event()

    async def run() -> None:
        gate = Gate(running=1, waiting=2)
        first = asyncio.create_task(gate.run(lambda: end.wait(20)))
        while not gate.running:
            await asyncio.sleep(0)
        given_up = asyncio.create_task(gate.run_cancellable(lambda cancel: ran.set()))
        while not gate.waiting:
            await asyncio.sleep(0)
        given_up.cancel()
        end.set()
        assert await first
        await gate.run(lambda: None)
        assert gate.running == gate.waiting == 0

    asyncio.run(run())
    assert not ran.is_set()


def test_the_works_own_error_comes_through() -> None:
    def work(_: Event) -> None:
        raise CancelledError("of its own")

    with pytest.raises(CancelledError, match="of its own"):
        asyncio.run(Gate(1, 1).run_cancellable(work))
