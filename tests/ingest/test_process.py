import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from pincite.errors import ParseError, ParseTimeoutError
from pincite.ingest.child import Limits
from pincite.ingest.load import Loader
from tests.ingest.conftest import MakePdf

GOOD = b"Good\n\ntext"


def parsed_title(loader: Loader) -> str:
    return loader.parse(loader.wrap("good.txt", GOOD, None)).title


def children() -> set[int]:
    """The process ids of this process's parser children."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return {int(line.split()[0]) for line in listed.splitlines() if "pincite.ingest.child" in line}


@pytest.fixture
def fresh() -> Iterator[Loader]:
    with Loader() as loader:
        yield loader


def test_one_child_parses_all_and_ends_with_the_loader() -> None:
    before = children()
    with Loader() as loader:
        assert children() == before, "nothing is started before the first document"
        parsed_title(loader)
        first = children() - before
        parsed_title(loader)
        assert children() - before == first
        assert len(first) == 1
    assert children() == before
    loader.close()


def test_a_hanging_parser_is_killed_by_its_processor_time(slow_pdf: bytes) -> None:
    with Loader(limits=Limits(cpu_seconds=1)) as loader:
        with pytest.raises(ParseTimeoutError, match=r"slow\.pdf.*more than 1 s of processor"):
            loader.parse(loader.wrap("slow.pdf", slow_pdf, None))
        assert parsed_title(loader) == "Good"


def test_a_hanging_parser_is_killed_by_the_wall_clock(slow_pdf: bytes) -> None:
    with Loader(limits=Limits(wall_seconds=2.0)) as loader:
        parsed_title(loader)
        with pytest.raises(ParseTimeoutError, match=r"slow\.pdf: not parsed within 2 s"):
            loader.parse(loader.wrap("slow.pdf", slow_pdf, None))
        assert parsed_title(loader) == "Good"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_too_much_memory_is_a_typed_error() -> None:
    with Loader(limits=Limits(memory_bytes=2**22)) as loader:
        with pytest.raises(ParseTimeoutError, match=r"big\.txt.*too much memory"):
            loader.parse(loader.wrap("big.txt", "小米".encode() * 2_000_000, None))
        assert parsed_title(loader) == "Good"


def test_all_formats_fit_into_the_memory_limit(loader: Loader, make_pdf: MakePdf) -> None:
    html = b"<html><body>" + b"<p>Some words of a page.</p>" * 20_000
    assert len(loader.parse(loader.wrap("a.html", html, None)).text) > 400_000
    pdf = make_pdf(*[("en", "Some words of a page. " * 20)] * 400)
    assert len(loader.parse(loader.wrap("a.pdf", pdf, None)).text) > 100_000


def test_a_crashed_parser_is_a_typed_error_and_replaced(fresh: Loader, slow_pdf: bytes) -> None:
    before = children()
    parsed_title(fresh)
    (pid,) = children() - before
    crash = threading.Timer(0.3, os.kill, (pid, signal.SIGSEGV))
    crash.start()
    with pytest.raises(ParseError, match=r"slow\.pdf: the parser crashed on it \(SIGSEGV"):
        fresh.parse(fresh.wrap("slow.pdf", slow_pdf, None))
    crash.join()
    assert parsed_title(fresh) == "Good"


def test_a_child_that_died_between_documents_is_replaced(fresh: Loader) -> None:
    before = children()
    parsed_title(fresh)
    (pid,) = children() - before
    os.kill(pid, signal.SIGTERM)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert parsed_title(fresh) == "Good"
    assert len(children() - before) == 1


def test_an_unforeseen_error_names_itself(fresh: Loader) -> None:
    nested = b"---\na: " + b"[" * 9_000 + b"\n---\nbody"
    with pytest.raises(ParseError, match=r"deep\.md.*RecursionError"):
        fresh.parse(fresh.wrap("deep.md", nested, None))
    assert parsed_title(fresh) == "Good"


def test_the_child_ends_when_its_parent_goes_away() -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "pincite.ingest.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.communicate(b"")[0] == b""
    assert child.returncode == 0
