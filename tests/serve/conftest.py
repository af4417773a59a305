"""A server on a library in memory, called in this process or listening on the loopback."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from pincite.serve.access.guard import Guard
from pincite.serve.app import create_app
from pincite.state.store import State
from tests.browser import open_browser
from tests.serve.calls import configured
from tests.serve.memory import MemoryWorkspace, fill
from tests.serve.watched import Watched, open_chat

KEY = "k" * 43


@pytest.fixture(scope="session")
def _memory() -> MemoryWorkspace:
    return MemoryWorkspace()


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    """A state without a key, so that the servers on it are open, or have those of their own."""
    with State.open(tmp_path_factory.mktemp("state")) as made:
        yield made


@pytest.fixture(scope="session")
def app(_memory: MemoryWorkspace, state: State) -> Guard:
    return create_app(_memory.as_workspace, state, configured())


@pytest.fixture(scope="session")
def keyed_app(_memory: MemoryWorkspace, state: State) -> Guard:
    return create_app(_memory.as_workspace, state, configured(api_key=KEY))


@pytest.fixture
def workspace(_memory: MemoryWorkspace) -> MemoryWorkspace:
    """The library behind the server: two articles, whatever the test before did to it."""
    fill(_memory)
    return _memory


@pytest.fixture(scope="session")
def _client(app: Guard) -> Iterator[TestClient]:
    with client_of(app) as client:
        yield client


@pytest.fixture
def client(_client: TestClient, workspace: MemoryWorkspace) -> TestClient:
    assert workspace.stored
    return _client


def client_of(app: Guard) -> TestClient:
    return TestClient(app, "http://127.0.0.1", raise_server_exceptions=False)


@contextmanager
def listening(app: Guard) -> Iterator[str]:
    """Serve an app on a free port of the loopback; the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.02)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def address(_memory: MemoryWorkspace, state: State) -> Iterator[str]:
    app = create_app(_memory.as_workspace, state, configured())
    with listening(app) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def chat(browser: Browser, address: str, workspace: MemoryWorkspace) -> Iterator[Watched]:
    assert workspace.stored
    with open_chat(browser, address) as watched:
        expect(watched.page.locator("#pc-library")).not_to_be_empty()
        yield watched
