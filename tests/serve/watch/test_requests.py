"""What is logged of requests and questions, and what never is."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from pincite.records import Question
from pincite.serve.watch.requests import RequestWatch
from pincite.serve.watch.telemetry import Telemetry
from pincite.state.store import State
from tests.serve.conftest import KEY, client_of
from tests.serve.memory import MemoryWorkspace
from tests.serve.telling import QUESTION, logged, telling_app

ROOT = Path(__file__).parents[3]


def test_a_line_a_request(workspace: MemoryWorkspace, state: State) -> None:
    client = client_of(telling_app(workspace, state, key=KEY))
    with logged("pincite.serve.watch.requests") as lines:
        headers = {"x-request-id": "abc", "x-api-key": KEY}
        client.get("/documents/nope", headers=headers)
        client.post("/ask", json={"question": QUESTION})
        client.get("/health")
    first, refused, health = lines
    assert first.pop("ms") >= 0
    assert first == {
        "level": "INFO",
        "method": "GET",
        "route": "/documents/{document_id}",
        "status": 404,
        "request_id": "abc",
        "caller": "PINCITE_API_KEY",
    }
    assert (refused["status"], refused["route"]) == (401, "none")
    assert re.fullmatch("[0-9a-f]{16}", refused["request_id"])
    assert (health["level"], health["route"]) == ("DEBUG", "/health")


def test_the_caller_is_named_and_one_who_went_away_is_seen() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # As the guard does, once the request has passed on its way in.
        scope["state"].update(request_id="abc", caller=SimpleNamespace(name="bot"))
        if scope["path"] == "/gone":
            raise asyncio.CancelledError
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def nothing(*_: object) -> None: ...

    telemetry = Telemetry()
    watch = RequestWatch(app, app, telemetry)
    with logged("pincite.serve.watch.requests") as lines:
        for path in ("/there", "/gone"):
            scope: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "headers": []}
            with suppress(asyncio.CancelledError):
                asyncio.run(watch(scope, nothing, nothing))  # type: ignore[arg-type]
    assert [(line["status"], line["caller"], line["request_id"]) for line in lines] == [
        (204, "bot", "abc"),
        (499, "bot", "abc"),
    ]


def test_a_line_a_question_with_its_requests_id(workspace: MemoryWorkspace, state: State) -> None:
    client = client_of(telling_app(workspace, state))
    with logged("pincite.serve.watch.observed") as lines:
        sent = {"x-request-id": "abc"}
        answer = client.post("/ask", json={"question": QUESTION}, headers=sent).json()
    (line,) = lines
    assert line == {
        "level": "INFO",
        **{name: answer[name] for name in ("status", "reason", "mode", "language", "confidence")},
        "citations": len(answer["citations"]),
        "degraded": None,
        "generation": answer["index_generation"],
        "timings_ms": answer["timings_ms"],
        "request_id": "abc",
        "caller": "local",
    }


@pytest.mark.parametrize("wanted", [False, True])
def test_the_questions_text_only_if_wanted(
    workspace: MemoryWorkspace, state: State, wanted: bool
) -> None:
    client = client_of(telling_app(workspace, state, Telemetry(log_questions=wanted)))

    def broken(question: Question) -> None:
        if question.text == "Broken?":
            raise ZeroDivisionError

    workspace.before_asking = broken
    with logged("pincite") as lines:
        client.post("/ask", json={"question": QUESTION})
        client.post("/ask", json={"question": "Broken?"})
    texts = [line["question"] for line in lines if "question" in line]
    assert texts == ([QUESTION, "Broken?"] if wanted else [])
    assert {"status": "error", "code": "internal_error"}.items() <= lines[2].items()


def test_the_process_logs_json_and_no_key(tmp_path: Path) -> None:
    wrong = "w" * 43
    environment = {
        "PINCITE_HOME": str(tmp_path),
        "PINCITE_API_KEY": KEY,
        "PINCITE_LOG_FORMAT": "json",
        "PINCITE_LOG_LEVEL": "debug",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.serve.run_server", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    try:
        assert process.stdout
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address
        with httpx.Client(base_url=address[0], trust_env=False) as client:
            for key in (KEY, wrong):
                bearer = {"authorization": f"Bearer {key}"}
                client.post("/ask", json={"question": QUESTION}, headers=bearer)
                client.get("/documents", headers={"x-api-key": key})
                client.post("/login", data={"key": key})
            session = client.cookies["pincite_session"]
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    lines = [json.loads(line) for line in err.splitlines()]
    requests = [line for line in lines if line["message"] == "request"]
    assert [(r["route"], r["status"]) for r in requests[:3]] == [
        ("/ask", 200),
        ("/documents", 200),
        ("/login", 303),
    ]
    assert {line["logger"] for line in lines} >= {"uvicorn.error", "pincite.serve.watch.observed"}
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    assert not any(secret in err for secret in (KEY, wrong, session, QUESTION))
