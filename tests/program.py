"""The program run as a person or a service runs it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
REFERENCE_QUESTIONS = ("what did the court rule?", "法院是怎么判的？")
UNANSWERABLE = ("Who won the 2022 World Cup?", "北京今天天气怎么样？")


def run_pincite(
    *arguments: str, home: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m pincite --home HOME ARGUMENTS`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "pincite", "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=home.parent,
        env={**os.environ, **(environment or {})},
    )


def free_port() -> int:
    """Return a TCP port that is free on the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
