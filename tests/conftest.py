"""What many tests share: a library of the seed articles, and the real program run on it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

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


@pytest.fixture(scope="session")
def seeded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with the two seed articles, made by the command line."""
    home = tmp_path_factory.mktemp("seeded") / "home"
    home.parent.mkdir(exist_ok=True)
    done = run_pincite("ingest", str(SEEDS), home=home)
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture(scope="session")
def server(seeded_home: Path) -> Iterator[str]:
    """The address of a real ``pincite serve`` on the seed library, ready to answer."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "pincite", "--home", str(seeded_home), "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
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
