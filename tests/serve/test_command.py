import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from pincite.cli import main
from tests.serve.conftest import KEY

ROOT = Path(__file__).parents[2]


@contextmanager
def _running(*arguments: str, home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command on a library in memory; the process and the address it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.serve.run_server", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PINCITE_HOME": str(home)},
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        address = re.search(r"http://\S+", line)
        assert address, f"no address in {line!r}: {process.communicate()}"
        yield process, address[0]
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_a_signal_drains_and_closes_the_library(tmp_path: Path) -> None:
    with _running("--port", "0", home=tmp_path) as (process, address):
        answer = httpx.post(
            f"{address}/ask", json={"question": "What did the court rule on Acme?"}, trust_env=False
        )
        assert answer.json()["status"] == "answered"
        assert "server" not in answer.headers
        # An open page holds a stream that never ends by itself.
        with httpx.stream("GET", f"{address}/gradio_api/heartbeat/x", trust_env=False) as page:
            assert page.status_code == 200
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "library closed\n")
    assert "Traceback" not in err


def _serve(*arguments: str, home: Path, key: str | None = None) -> tuple[int, str]:
    environment = {"PINCITE_HOME": str(home), "PINCITE_API_KEY": key}
    result = CliRunner().invoke(main, ["serve", *arguments], env=environment)
    return result.exit_code, result.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_other_machines_need_a_key(tmp_path: Path, host: str) -> None:
    code, told = _serve("--host", host, home=tmp_path)
    assert code == 2
    assert "PINCITE_API_KEY" in told
    code, told = _serve("--host", host, home=tmp_path, key="short")
    assert code == 2
    assert "16" in told


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, told = _serve("--port", str(port), home=tmp_path)
    assert code == 3
    assert told.startswith("cannot_listen")
    assert str(port) in told
    assert "--port" in told


def test_a_host_that_is_none_is_named(tmp_path: Path) -> None:
    code, told = _serve("--host", "no such host", home=tmp_path, key=KEY)
    assert code == 3
    assert "no such host" in told


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_senseless_port_is_refused(tmp_path: Path, port: str) -> None:
    assert _serve("--port", port, home=tmp_path)[0] == 2


def test_the_command_line_starts_without_the_servers_libraries() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from pincite.cli import main;"
        "r = CliRunner().invoke(main, ['serve', '--help']); assert r.exit_code == 0, r.output;"
        "heavy = {'gradio', 'fastapi', 'uvicorn', 'faiss', 'torch', 'onnxruntime'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
