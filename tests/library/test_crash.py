"""What was acknowledged survives ``kill -9``, whole; what was not is there wholly or not at all."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pincite.errors import LibraryBusyError
from pincite.library.store import Library
from pincite.library.writer import document_id
from tests.fakes import HashEncoder
from tests.library.writing_child import text_of

ROOT = Path(__file__).parents[2]
ROUNDS = 15
STRIDE = 100_000


def start(home: Path, first: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.library.writing_child", str(home), str(first)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def killed_after(process: "subprocess.Popen[str]", changes: int, delay: float) -> list[str]:
    """Kill the process some time after it told a number of changes; return all it told."""
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(changes)]
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    told += process.communicate()[0].splitlines()
    return [line.strip() for line in told]


def test_nothing_acknowledged_is_lost_to_kill(library: Library) -> None:
    random.seed(11)
    expected: dict[int, str] = {}
    unknown: set[int] = set()
    for round_number in range(ROUNDS):
        process = start(library.home, round_number * STRIDE)
        told = killed_after(process, random.randrange(1, 12), random.random() * 0.02)
        last = round_number * STRIDE
        for line in told:
            what, _, name = line.partition(" ")
            last = int(name)
            if what == "put":
                expected[last] = text_of(last)
            else:
                del expected[last]
        # The change under way when it was killed may have been made or not.
        unknown |= {last, last + 1}
    with Library.open(library.home) as reopened:
        stored = {int(i.source[1:]): reopened.document(i.id).text for i in reopened.documents()}
        assert {n: t for n, t in stored.items() if n not in unknown} == {
            n: t for n, t in expected.items() if n not in unknown
        }
        assert len(expected) > ROUNDS
        for number, text in stored.items():
            assert text == text_of(number)
            passages = reopened.document_passages(document_id(f"/{number}"))
            assert "\n\n".join(p.text for p in passages) == text
            assert len(reopened.sentence_vectors([p.id for p in passages])) == len(passages)
        assert len(reopened.passage_ids()) == sum(len(t.split("\n\n")) for t in stored.values())


def test_a_second_process_is_refused_by_name_and_a_killed_one_is_no_obstacle(
    library: Library, encoder: HashEncoder
) -> None:
    child = (
        "import sys, time; from pathlib import Path; from pincite.library.store import Library\n"
        "with Library.open(Path(sys.argv[1])).writing():\n"
        "    print('holding', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", child, str(library.home)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "holding\n"
        with (
            pytest.raises(LibraryBusyError, match=rf"process {process.pid} since 20\d\d-"),
            library.writing(),
        ):
            pass
        assert library.documents() == []
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    with library.writing():
        pass
