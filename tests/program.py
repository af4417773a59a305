"""The program run as a person or a service runs it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
REFERENCE_QUESTIONS = ("what did the court rule?", "法院是怎么判的？")
UNANSWERABLE = ("Who won the 2022 World Cup?", "北京今天天气怎么样？")


def run_pincite(
    *arguments: str, home: Path, environment: dict[str, str] | None = None, typed: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m pincite --home HOME ARGUMENTS`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "pincite", "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        input=typed,
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


@contextmanager
def serving(home: Path, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run ``pincite serve`` on a library; yield its address when it is ready to answer."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "pincite", "--home", str(home), "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    try:
        _wait_until_ready(process, address)
        yield address
    finally:
        process.terminate()
        try:
            process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise


def _wait_until_ready(process: subprocess.Popen[str], address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the server ended early: {process.communicate()[0]}")
        try:
            if httpx.get(f"{address}/ready", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server was not ready within a minute")
