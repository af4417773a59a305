"""Searching goes on, and finds nothing wrong, while documents come and go."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from pincite.library.store import Library
from pincite.search.cache import IndexCache
from tests.fakes import HashEncoder
from tests.search.test_cache import expected, put, remove, results

ROOT = Path(__file__).parents[2]
SECONDS = 2.0


def test_searching_while_ingesting_gives_no_wrong_hit(
    library: Library, cache: IndexCache, encoder: HashEncoder, tmp_path: Path
) -> None:
    put(library, encoder, *range(20))
    faults: list[str] = []
    searches = [0] * 3
    end = time.monotonic() + SECONDS

    def search(which: int) -> None:
        query = encoder.encode_queries(["Number 3 likes 法院判决."])
        while time.monotonic() < end:
            indexes = cache.current(library)
            ids = [hit.passage_id for hit in indexes.dense.search(query, 8)[0]]
            lexical = [hit.passage_id for hit in indexes.lexical.search(["判决"], 8)]
            for passage_id, passage in library.passages([*ids, *lexical]).items():
                if passage_id in lexical and "法院判决" not in passage.text:
                    faults.append(f"{passage_id}: {passage.text}")
            cosines = indexes.dense.similarities(query[0], ids)
            if cosines != sorted(cosines, reverse=True):
                faults.append(f"{ids}: {cosines}")
            searches[which] += 1

    threads = [threading.Thread(target=search, args=(i,)) for i in range(len(searches))]
    for thread in threads:
        thread.start()
    number = 20
    while time.monotonic() < end:
        put(library, encoder, number)
        if number % 4 == 0:
            remove(library, number - 20)
        number += 1
    for thread in threads:
        thread.join()
    assert not faults
    assert min(searches) > 0
    assert results(cache.current(library), encoder) == expected(library, encoder, tmp_path)


_OPENING = """
import sys
from pathlib import Path
from pincite.library.store import Library
from pincite.search.cache import IndexCache
library = Library.open(Path(sys.argv[1]))
cache = IndexCache(library.home / "index")
"""


def started(home: Path, code: str) -> tuple[subprocess.Popen[str], IO[str], IO[str]]:
    """Start a process that has opened the library and its cache; return its input and output."""
    process = subprocess.Popen(
        [sys.executable, "-c", _OPENING + code, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    return process, process.stdin, process.stdout


def test_two_processes_do_not_harm_each_others_cache(
    library: Library, cache: IndexCache, encoder: HashEncoder, tmp_path: Path
) -> None:
    put(library, encoder, *range(10))
    answer = "for line in sys.stdin: print(cache.current(library).generation, flush=True)"
    process, written, read = started(library.home, f"{answer}\nlibrary.close()")
    try:
        for number in range(10, 22):
            put(library, encoder, number)
            written.write("\n")
            written.flush()
            # Both at once: either may find the folder held by the other.
            assert results(cache.current(library), encoder) == expected(library, encoder, tmp_path)
            assert int(read.readline()) == library.generation
    finally:
        process.communicate()
    assert process.returncode == 0
    wanted = expected(library, encoder, tmp_path)
    assert results(IndexCache(library.home / "index").current(library), encoder) == wanted


def test_a_process_killed_while_it_writes_the_cache_leaves_it_usable(
    library: Library, encoder: HashEncoder, tmp_path: Path
) -> None:
    code = "cache.current(library); print('ready', flush=True)\n"
    code += "for line in sys.stdin: cache.current(library)"
    for round_number in range(5):
        put(library, encoder, *range(10 * round_number, 10 * round_number + 10))
        process, written, read = started(library.home, code)
        assert read.readline() == "ready\n"
        put(library, encoder, 100 + round_number)
        written.write("\n")
        written.flush()
        time.sleep(0.004 * (1 + round_number))
        process.kill()
        process.communicate()
        wanted = expected(library, encoder, tmp_path)
        assert results(IndexCache(library.home / "index").current(library), encoder) == wanted
