"""The page of the evaluation: the last report's figures and the report in its sandbox."""

import re
from pathlib import Path

from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from pincite.cli.evaluation import evaluation_of
from pincite.evaluate.reports import keep_report
from pincite.serve.access.guard import Guard
from pincite.serve.app import create_app
from pincite.settings import Settings
from pincite.state.store import State
from tests.serve.calls import configured
from tests.serve.conftest import client_of, listening
from tests.serve.memory import MemoryWorkspace
from tests.serve.watched import open_chat

FIGURES: dict[str, object] = {
    "questions": 12,
    "recall@5": 0.851,
    "citation_precision": 0.5,
    "abstention_recall": None,
    "latency_ms_p50": 42.0,
}
REPORT: dict[str, object] = {
    **FIGURES,
    "slices": {"lang": {"zh": {**FIGURES, "recall@5": 0.25}}},
    "run": {"files": {"own.jsonl": "0"}, "finished": "2025-06-01T10:20:30+00:00"},
}
PAGE = (
    "<!doctype html><h1>The report</h1><script>parent.pwned=1;pwned=1</script>"
    "<img src=x onerror=parent.pwned=1><img src=http://evil.example/a.png>"
    "<form action=http://evil.example><button>send</button></form>"
)


def _app(home: Path, state: State, workspace: MemoryWorkspace) -> Guard:
    evaluation = evaluation_of(Settings(home=home), workspace.as_workspace)
    return create_app(workspace.as_workspace, state, configured(), evaluation=evaluation)


def _row(client: TestClient, name: str) -> list[str]:
    page = client.get("/evaluation").text
    [row] = re.findall(rf'<tr><th scope="row">{name}</th>(.*?)</tr>', page)
    return re.findall(r"<td>([^<]*)</td>", row)


def test_the_last_report_is_summed_up(
    tmp_path: Path, state: State, workspace: MemoryWorkspace
) -> None:
    client = client_of(_app(tmp_path, state, workspace))
    empty = client.get("/evaluation")
    assert f"pincite eval {tmp_path}/questions.jsonl" in empty.text
    assert client.get("/evaluation/report").status_code == 404
    keep_report(tmp_path, {**REPORT, "recall@5": 0.1}, "<h1>Old</h1>")
    keep_report(tmp_path, REPORT, PAGE)
    assert _row(client, "All") == ["12", "85%", "50%", "–", "42 ms"]
    assert _row(client, "简体中文")[1] == "25%"
    assert "2025-06-01 10:20 UTC: own.jsonl" in client.get("/evaluation").text
    saved = client.get("/evaluation/report")
    assert saved.text == PAGE
    assert saved.headers["content-disposition"].startswith("attachment;")


def test_a_damaged_report_is_said_to_be(
    tmp_path: Path, state: State, workspace: MemoryWorkspace
) -> None:
    client = client_of(_app(tmp_path, state, workspace))
    path = keep_report(tmp_path, {"run": 3}, PAGE).with_suffix(".json")
    assert "The report cannot be read" in client.get("/evaluation").text
    path.write_text("{")
    assert "The report cannot be read" in client.get("/evaluation").text


def test_the_report_does_nothing_in_the_page(
    browser: Browser, tmp_path: Path, state: State, workspace: MemoryWorkspace
) -> None:
    keep_report(tmp_path, REPORT, PAGE)
    app = _app(tmp_path, state, workspace)
    with listening(app) as address, open_chat(browser, address, path="/evaluation") as chat:
        frame = chat.page.frame_locator(".pc-report")
        expect(frame.locator("h1")).to_have_text("The report")
        assert chat.page.locator(".pc-report").get_attribute("sandbox") == ""
        frame.get_by_role("button").click()
        chat.page.wait_for_timeout(300)
        assert chat.page.evaluate("window.pwned") is None
        assert len(chat.errors) >= 2
        assert all("Content Security Policy" in e or "sandbox" in e for e in chat.errors), (
            chat.errors
        )
