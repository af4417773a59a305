import json
import re
import threading
import time
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient

from pincite import __version__
from pincite.errors import ModelFilesError, OverloadedError
from pincite.serve.api.schemas import ANSWER_EXAMPLE
from pincite.serve.app import create_app
from pincite.serve.gate import Gate
from pincite.state.store import State
from tests.serve.calls import configured
from tests.serve.conftest import KEY, client_of
from tests.serve.memory import MemoryWorkspace, fill


def _until_ready(client: TestClient, tries: int = 500) -> Any:
    for _ in range(tries):
        response = client.get("/ready")
        if response.status_code == 200:
            return response.json()
        time.sleep(0.01)
    raise AssertionError(f"not ready: {response.text}")


def test_health_tells_the_version(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok", "version": __version__}


def test_the_server_is_ready_once_the_library_is_warm(state: State) -> None:
    memory = MemoryWorkspace()
    fill(memory)
    released = threading.Event()
    memory.before_warming = released.wait
    app = create_app(memory.as_workspace, state, configured())
    with client_of(app) as client:
        early = client.get("/ready")
        assert (early.status_code, early.json()["code"]) == (503, "not_ready")
        assert early.headers["retry-after"] == "1"
        assert client.get("/health").status_code == 200
        assert client.get("/documents").json()["total"] == 2
        released.set()
        ready = _until_ready(client)
    assert ready == {
        "status": "ready",
        "index_generation": 2,
        "documents": 2,
        "passages": sum(map(len, memory.kept.values())),
        "model": "memory@1",
    }
    assert memory.warmed == 1


def test_a_failed_warm_up_is_told_and_tried_again(state: State) -> None:
    memory = MemoryWorkspace()
    faults: list[Exception] = [ModelFilesError("model.onnx is missing"), OSError("secret path")]

    def fail() -> None:
        if faults:
            raise faults.pop(0)

    memory.before_warming = fail
    app = create_app(memory.as_workspace, state, configured())
    told = set()
    with client_of(app) as client:
        while (response := client.get("/ready")).status_code == 503:
            told.add(response.json()["detail"])
            time.sleep(0.01)
    assert any("model.onnx is missing" in detail for detail in told)
    assert not any("secret path" in detail for detail in told)
    assert memory.warmed == 1


def test_paths_and_methods_that_are_not_there_are_problems(client: TestClient) -> None:
    missing = client.get("/nothing/here")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    for method, path, allowed in (
        ("GET", "/ask", "POST"),
        ("PUT", "/documents", "GET, POST"),
        ("POST", "/documents/x", "DELETE, GET"),
        ("DELETE", "/health", "GET"),
        ("GET", "/v1/ask", "POST"),
        ("POST", "/v1/documents/x", "DELETE, GET"),
    ):
        wrong = client.request(method, path)
        assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
        assert wrong.headers["allow"] == allowed
        assert wrong.headers["content-type"] == "application/problem+json"


def test_openapi_describes_every_endpoint_with_examples(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    assert described["info"]["version"] == __version__
    endpoints = {
        (method, path): operation
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    }
    assert set(endpoints) == {
        ("post", "/v1/ask"),
        ("post", "/v1/ask/batch"),
        ("post", "/v1/search"),
        ("get", "/v1/documents"),
        ("post", "/v1/documents"),
        ("get", "/v1/documents/{document_id}"),
        ("delete", "/v1/documents/{document_id}"),
        ("put", "/v1/documents/{document_id}/tags"),
        ("post", "/v1/documents/url"),
        ("post", "/v1/feedback"),
        ("get", "/v1/feedback"),
        ("get", "/metrics"),
        ("get", "/v1/health"),
        ("get", "/v1/ready"),
        ("get", "/v1/models"),
        ("get", "/v1/models/{name}"),
        ("post", "/v1/chat/completions"),
    }
    assert all(operation["summary"] for operation in endpoints.values())
    ask = endpoints["post", "/v1/ask"]
    assert {"200", "409", "413", "415", "422", "502", "503", "504"} <= set(ask["responses"])
    assert set(ask["responses"]["200"]["content"]) == {"application/json", "text/event-stream"}
    for name, path in (
        ("AskRequest", "/v1/ask"),
        ("BatchRequest", "/v1/ask/batch"),
        ("SearchRequest", "/v1/search"),
        ("ChatRequest", "/v1/chat/completions"),
    ):
        for example in described["components"]["schemas"][name]["examples"]:
            assert client.post(path, json=example).status_code == 200
    for operation in endpoints.values():
        kind = "json" if "openai" in operation["tags"] else "problem+json"
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert set(response["content"]) == {f"application/{kind}"}, operation
    schemas = described["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    references = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(described)))
    assert references <= {f"#/components/schemas/{name}" for name in schemas}


def test_the_example_answer_has_the_shape_of_an_answer(client: TestClient) -> None:
    example: Any = ANSWER_EXAMPLE
    answer = client.post("/ask", json={"question": "What did the court rule on Acme?"}).json()
    assert list(example) == list(answer)
    assert list(example["citations"][0]) == list(answer["citations"][0])
    assert list(example["statements"][0]) == list(answer["statements"][0])
    start, end = example["statements"][0]["start"], example["statements"][0]["end"]
    assert example["answer"][start:end] == example["statements"][0]["text"]
    quoted = example["citations"][0]
    assert quoted["end"] - quoted["start"] == len(quoted["quote"])


def test_openapi_tells_of_the_key_only_where_there_is_one(
    client: TestClient, keyed_app: Any
) -> None:
    open_server = json.dumps(client.get("/openapi.json").json())
    keyed = json.dumps(client_of(keyed_app).get("/openapi.json", headers={"x-api-key": KEY}).json())
    for told in ('"401"', '"HTTPBearer"', '"X-API-Key"'):
        assert told not in open_server
        assert told in keyed


def test_the_gate_runs_some_lets_some_wait_and_refuses_the_rest() -> None:
    release = threading.Event()
    done: list[int] = []
    refused: list[int] = []

    async def enter(gate: Gate, number: int) -> None:
        def work() -> None:
            release.wait()
            done.append(number)

        try:
            await gate.run(work)
        except OverloadedError:
            refused.append(number)

    async def crowd() -> None:
        gate = Gate(running=2, waiting=3)
        async with anyio.create_task_group() as group:
            for number in range(9):
                group.start_soon(enter, gate, number)
                await anyio.wait_all_tasks_blocked()
            release.set()

    anyio.run(crowd)
    assert sorted(done) == [0, 1, 2, 3, 4]
    assert refused == [5, 6, 7, 8]


@pytest.mark.parametrize("name", ["chat.css", "turns.css", "chat.js", "mark.svg"])
def test_the_pages_own_files_name_no_other_host(client: TestClient, name: str) -> None:
    response = client.get(f"/ui/{name}")
    assert response.status_code == 200
    assert "http" not in response.text.replace("http://www.w3.org/2000/svg", "")
    assert client.get("/ui/../app.py").status_code == 404
