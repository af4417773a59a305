"""Iterators on the gate's threads."""

import threading
from collections.abc import Iterator

import anyio
import pytest

from pincite.errors import OverloadedError
from pincite.serve.gate import Gate
from pincite.serve.streaming import Failed, stream


async def _all(gate: Gate, items: Iterator[int], beat_s: float = 5) -> list[object]:
    return [item async for item in stream(gate, lambda: items, threading.Event(), beat_s)]


def test_items_come_in_order_and_off_the_event_loop() -> None:
    threads = set()

    def count() -> Iterator[int]:
        for number in range(100):
            threads.add(threading.get_ident())
            yield number

    assert anyio.run(_all, Gate(1, 1), count()) == list(range(100))
    assert threads.isdisjoint({threading.get_ident()})


def test_silence_is_told() -> None:
    release = threading.Event()

    def slow() -> Iterator[int]:
        yield 1
        release.wait(10)
        yield 2

    async def listen() -> list[object]:
        seen: list[object] = []
        async for item in stream(Gate(1, 1), slow, threading.Event(), 0.01):
            seen.append(item)
            if seen.count(None) == 3:
                release.set()
        return seen

    seen = anyio.run(listen)
    assert seen[0] == 1
    assert seen[-1] == 2
    assert seen.count(None) >= 3


def test_a_failure_is_the_last_item() -> None:
    def fail() -> Iterator[int]:
        yield 1
        raise RuntimeError("broke")

    first, last = anyio.run(_all, Gate(1, 1), fail())
    assert first == 1
    assert isinstance(last, Failed)
    assert str(last.error) == "broke"


@pytest.mark.parametrize("waiting", [0])
def test_a_crowd_is_refused(waiting: int) -> None:
    [last] = anyio.run(_all, Gate(1, waiting), iter([1]))
    assert isinstance(last, Failed)
    assert isinstance(last.error, OverloadedError)


def test_who_leaves_early_cancels() -> None:
    cancel, ended = threading.Event(), threading.Event()

    def endless() -> Iterator[int]:
        number = 0
        while not cancel.wait(0.001):
            yield number
            number += 1
        ended.set()

    async def leave() -> None:
        made = stream(Gate(1, 1), endless, cancel, 5)
        async for _ in made:
            break
        await made.aclose()

    anyio.run(leave)
    assert ended.wait(5)


def test_who_leaves_early_leaves_the_line() -> None:
    release = threading.Event()

    async def crowd() -> int:
        gate = Gate(1, 1)
        async with anyio.create_task_group() as group:
            group.start_soon(gate.run, lambda: release.wait(10))
            await anyio.wait_all_tasks_blocked()
            made = stream(gate, lambda: iter([1]), threading.Event(), 0.01)
            assert await anext(made) is None
            assert gate.waiting == 1
            await made.aclose()
            await anyio.wait_all_tasks_blocked()
            left = gate.waiting
            release.set()
        return left

    assert anyio.run(crowd) == 0
