"""How long a first answer takes: ``pincite ask`` in a new process, against a common yardstick.

Times both commands in turn, so that a drifting machine slows both; prints the median of each and of
the ratio pair by pair. The yardstick is importing sentence_transformers, with which a program of
the usual make begins (``pip install 'pincite[models]'``).

    python bench/cold_ask.py [--rounds 5] [PATH ...]
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUESTION = "what did the court rule?"


def seconds(command: list[str]) -> float:
    """Run a command to its end and return its wall time."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Ingest, then time both commands in turn."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", default=["seeds"], help="articles [seeds]")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, "-m", "pincite", "--home", str(Path(folder) / "home")]
        yardstick = [sys.executable, "-c", "import sentence_transformers"]
        print(f"ingest: {seconds([*program, 'ingest', *options.paths]):.2f} s")
        print(f"again, unchanged: {seconds([*program, 'ingest', *options.paths]):.2f} s")
        pairs = [
            (seconds([*program, "ask", QUESTION]), seconds(yardstick))
            for _ in range(options.rounds + 1)
        ][1:]
    ours, theirs = zip(*pairs, strict=True)
    print(f"cold ask: median {statistics.median(ours):.2f} s")
    print(f"import sentence_transformers: median {statistics.median(theirs):.2f} s")
    print(f"ratio: median {statistics.median(a / b for a, b in pairs):.2f}")


if __name__ == "__main__":
    main()
