import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
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
        env={**os.environ, "PINCITE_HOME": str(home), "PINCITE_LOG_LEVEL": "debug"},
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


def _until(status: int, address: str, key: str = "") -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = httpx.get(f"{address}/documents", headers={"x-api-key": key}, trust_env=False)
        if found.status_code == status:
            return
        time.sleep(0.05)
    raise AssertionError(f"{found.status_code} and never {status}")


def _run(*arguments: str, home: Path) -> str:
    done = CliRunner().invoke(main, ["--home", str(home), *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_running_server_sees_keys_come_and_go_and_keeps_what_is_rated(tmp_path: Path) -> None:
    with _running("--port", "0", home=tmp_path) as (process, address):
        _until(200, address)
        bot = _run("keys", "add", "bot", home=tmp_path).strip()
        _until(401, address)
        _until(200, address, bot)
        headers = {"authorization": f"Bearer {bot}"}
        with httpx.Client(base_url=address, headers=headers, trust_env=False) as client:
            question = {"question": "What did the court rule on Acme?"}
            answer = client.post("/ask", json=question)
            assert answer.headers["ratelimit-policy"] == '"default";q=300;w=60'
            rating = {"answer_id": answer.json()["id"], "rating": "down", "comment": "过时了"}
            assert client.post("/feedback", json=rating).status_code == 201
            assert client.get("/feedback").status_code == 403
        exported = json.loads(_run("feedback", "export", "--rating", "down", home=tmp_path))
        assert (exported["comment"], exported["answer"]) == ("过时了", answer.json()["answer"])
        _run("keys", "revoke", "bot", home=tmp_path)
        _until(401, address, bot)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "library closed\n")
    assert bot not in err
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
    key, _ = _key_of(tmp_path)
    _run("keys", "revoke", key, home=tmp_path)
    code, told = _serve("--host", host, home=tmp_path)
    assert (code, "keys add" in told) == (2, True)


def _key_of(home: Path) -> tuple[str, str]:
    made = json.loads(_run("keys", "add", "bot", "--json", home=home))
    return made["id"], made["key"]


def test_a_key_of_the_library_is_enough_for_other_machines(tmp_path: Path) -> None:
    _key_of(tmp_path)
    with _running("--host", "0.0.0.0", "--port", "0", home=tmp_path) as (_, address):
        local = address.replace("0.0.0.0", "127.0.0.1")
        assert httpx.get(f"{local}/documents", trust_env=False).status_code == 401


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PINCITE_CORS_ORIGINS", "*"),
        ("PINCITE_RATE_LIMIT", "-1"),
        ("PINCITE_USERS", "/nowhere/users"),
    ],
)
def test_a_wrong_setting_is_named_before_anything_is_served(
    tmp_path: Path, name: str, value: str
) -> None:
    environment = {"PINCITE_HOME": str(tmp_path), name: value}
    result = CliRunner().invoke(main, ["serve", "--port", "0"], env=environment)
    assert result.exit_code == 2
    assert name in result.stderr or value in result.stderr


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
