"""Servers of language models that no one here wrote, on a tiny model."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.llm.tiny import save_gguf, save_model
from tests.program import free_port


@contextmanager
def _served(command: list[str], port: int, folder: Path) -> Iterator[str]:
    log = folder / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            cwd=folder,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hub")},
        )
    try:
        deadline = time.monotonic() + 60
        while not _healthy(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{command} does not serve: {log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def transformers_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The base URL and the model's name of a ``transformers serve``."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("serve")
    model, port = str(save_model(folder / "model")), free_port()
    program = [str(Path(sys.executable).with_name("transformers")), "serve", model]
    options = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with _served([*program, *options], port, folder) as base_url:
        yield base_url, model


@pytest.fixture(scope="session")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The base URL and the model's name of llama.cpp's server."""
    folder = tmp_path_factory.mktemp("llama")
    file, port = save_gguf(folder / "tiny.gguf"), free_port()
    program = str(Path(__file__).with_name("llama_server.py"))
    with _served([sys.executable, program, str(file), str(port)], port, folder) as base_url:
        yield base_url, "tiny"
