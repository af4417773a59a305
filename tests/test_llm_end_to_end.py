"""A scripted LLM behind the real program: what it forges reaches nobody, on any surface."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from mcp import Client
from openai import OpenAI
from playwright.sync_api import expect

from tests.browser import open_browser
from tests.llm.behaviours import cut, drip, html, says
from tests.llm.scripted import Behaviour, Exchange, ScriptedServer, scripted
from tests.program import ROOT, run_pincite, serving
from tests.serve.mcp.clients import over_http, run, text_of
from tests.serve.watched import open_chat

QUESTIONS = ROOT / "eval/questions.jsonl"
QUESTION = "what did the court rule?"
TRUE = "The court ruled against Xiaomi, emphasizing the need for fair trading practices"
FORGED = (
    f"{TRUE} [1][0][99][-1]【98】[1](http://evil.example/a). "
    "The court ruled against Xiaomi in 47 cases [1]. "
    "![p](http://evil.example/p.png) Lei Jun was fined 97 million [2]. "
    "<img src=http://evil.example/i onerror=alert(1)>\n\nSources:\n[96] http://evil.example"
)
BROKEN = cut(f"{TRUE} [1]. And then it breaks off in the middle of ")
NOTE = "Left out, since no passage supports them"
FORBIDDEN = (
    "evil",
    "[0]",
    "99",
    "[-1]",
    "98",
    "97 million",
    "47 cases",
    "96]",
    "<img",
    "onerror",
    "![p",
)


class _Script:
    """What the LLM does with the next requests."""

    now: Behaviour

    def __call__(self, exchange: Exchange) -> None:
        self.now(exchange)


script = _Script()


@pytest.fixture(scope="module")
def llm() -> Iterator[ScriptedServer]:
    with scripted([script]) as server:
        yield server


@pytest.fixture(scope="module")
def environment(llm: ScriptedServer) -> dict[str, str]:
    return {
        "PINCITE_LLM": "openai",
        "PINCITE_LLM_BASE_URL": llm.base_url,
        "PINCITE_LLM_MODEL": "scripted",
        "PINCITE_LLM_PAUSE_AFTER": "1000",
    }


@pytest.fixture(scope="module")
def address(seeded_home: Path, environment: dict[str, str]) -> Iterator[str]:
    with serving(seeded_home, environment) as url:
        yield url


def _curl(address: str, path: str, body: dict[str, Any]) -> str:
    sent = ["-H", "content-type: application/json", "-d", json.dumps(body)]
    done = subprocess.run(
        ["curl", "-sN", "--noproxy", "*", *sent, f"{address}{path}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def _events(text: str) -> list[tuple[str, Any]]:
    lines = [line for line in text.splitlines() if line and not line.startswith(":")]
    return [
        (name.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for name, data in zip(lines[::2], lines[1::2], strict=True)
    ]


def _openai(address: str, *, stream: bool) -> tuple[str, Any]:
    """Return a completion's content and the answer that comes with it."""
    http = openai.DefaultHttpxClient(trust_env=False)
    messages: Any = [{"role": "user", "content": QUESTION}]
    with OpenAI(base_url=f"{address}/v1", api_key="x", max_retries=0, http_client=http) as client:
        if not stream:
            made = client.chat.completions.create(model="pincite", messages=messages)
            message: Any = made.choices[0].message
            return message.content, message.pincite
        chunks = client.chat.completions.create(model="pincite", messages=messages, stream=True)
        deltas = [chunk.choices[0].delta for chunk in chunks]
        last: Any = deltas[-1]
        return "".join(delta.content or "" for delta in deltas), last.pincite


def _same(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "timings_ms"}


def _check_clean(shown: str) -> None:
    assert TRUE in shown
    assert NOTE in shown
    assert [word for word in FORBIDDEN if word in shown] == []


def test_what_an_llm_forges_reaches_nobody(
    address: str, seeded_home: Path, environment: dict[str, str]
) -> None:
    script.now = says(FORGED)
    asked = {"question": QUESTION}
    answer = json.loads(_curl(address, "/v1/ask", asked))
    assert (answer["status"], answer["mode"], answer["model"]) == ("partial", "llm", "scripted")
    _check_clean(json.dumps([answer["answer"], answer["statements"]], ensure_ascii=False))
    (citation,) = answer["citations"]
    stored = httpx.get(f"{address}/documents/{citation['document_id']}", trust_env=False).json()
    assert stored["text"][citation["start"] : citation["end"]] == citation["quote"]

    streamed = _events(_curl(address, "/ask", {**asked, "stream": True}))
    pieces = [data["text"] for name, data in streamed if name == "token"]
    assert "".join(pieces) == answer["answer"]
    assert len(pieces) == 2
    batch = json.loads(_curl(address, "/ask/batch", {"questions": [asked, asked]}))
    wholes = [streamed[-1][1], *(result["answer"] for result in batch["results"])]
    for stream in (False, True):
        content, whole = _openai(address, stream=stream)
        _check_clean(content.partition("\n---\n")[0])
        wholes.append(whole)

    async def by_mcp(client: Client) -> None:
        result = await client.call_tool("ask", {"question": QUESTION})
        _check_clean(text_of(result).partition("Sources:")[0])
        wholes.append(result.structured_content)

    run(over_http(address), by_mcp)
    command = run_pincite("ask", "--json", QUESTION, home=seeded_home, environment=environment)
    wholes.append(json.loads(command.stdout))
    assert [_same(whole) for whole in wholes] == [_same(answer)] * len(wholes)
    chat = run_pincite("chat", home=seeded_home, environment=environment, typed=QUESTION)
    _check_clean(chat.stdout.partition("Sources")[0])


@pytest.mark.parametrize(("behaviour", "sent"), [(BROKEN, True), (html(), False)])
def test_what_an_llm_breaks_off_is_taken_back(
    address: str, behaviour: Behaviour, sent: bool
) -> None:
    script.now = behaviour
    events = _events(_curl(address, "/ask", {"question": QUESTION, "stream": True}))
    names = [name for name, _ in events]
    at = names.index("restart")
    assert ("token" in names[:at]) == sent
    answer = events[-1][1]
    assert "".join(d["text"] for name, d in events[at:] if name == "token") == answer["answer"]
    assert (answer["mode"], answer["status"]) == ("extractive", "answered")
    assert answer["degraded"] == events[at][1]["degraded"]
    content, whole = _openai(address, stream=True)
    assert _same(whole) == _same(answer)
    assert ("what stands above is void" in content) == sent
    assert "Degraded: scripted did not answer" in content


def test_who_hangs_up_cancels_the_llm(address: str, llm: ScriptedServer) -> None:
    script.now = drip(0.1, f"{TRUE} [1]. ")
    for body in ({"question": QUESTION, "stream": True}, {"question": QUESTION}):
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{address}/ask", json=body, trust_env=False, timeout=1).raise_for_status()
        assert llm.requests[-1].gone.wait(2)


def test_in_the_chat_an_answer_is_written_stopped_and_degraded(
    address: str, llm: ScriptedServer
) -> None:
    with open_browser() as browser, open_chat(browser, address) as chat:
        script.now = drip(0.3, f"{TRUE} [1]. ")
        chat.send(QUESTION)
        turn = chat.page.locator("#t1")
        expect(turn.locator(".pc-text")).to_contain_text(TRUE)
        expect(turn.locator(".pc-status")).to_have_text("Writing…")
        chat.page.get_by_role("button", name="Stop").click()
        assert llm.requests[-1].gone.wait(2)
        expect(chat.page.locator("#t1.is-stopped")).to_contain_text(TRUE)

        script.now = says(FORGED)
        chat.ask(QUESTION, turn=2)
        _check_clean(chat.page.locator("#t2 .pc-text").inner_text())
        expect(chat.page.locator("#t2 .pc-text .pc-marker")).to_have_count(1)
        script.now = BROKEN
        chat.page.get_by_role("button", name="New conversation").click()
        chat.ask(QUESTION, turn=3)
        expect(chat.page.locator("#t3.is-answered")).to_contain_text("scripted did not answer")
        chat.check()


def test_an_evaluation_with_an_llm_tells_what_it_could_not_measure(
    seeded_home: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    asked: list[str] = []

    def every_third_fails(exchange: Exchange) -> None:
        asked.append(exchange.request.messages[-1]["content"])
        (html() if len(asked) % 3 == 0 else says("It is made of cheese [1]."))(exchange)

    script.now = every_third_fails
    out = tmp_path / "run.json"
    options = ["--mode", "llm", "--limit", "3", "--json", str(out), "--max", "degraded=0"]
    done = run_pincite("eval", str(QUESTIONS), *options, home=seeded_home, environment=environment)
    assert done.returncode == 1, done.stderr
    assert "missed: degraded is 1" in done.stderr
    run = json.loads(out.read_text(encoding="utf-8"))
    assert run["degraded"] == len(asked) // 3 == 1
    assert run["answered_rate"] <= 1 / 3
    assert run["run"]["settings"]["llm"] == "scripted"
    without = run_pincite("eval", str(QUESTIONS), "--mode", "llm", home=seeded_home)
    assert (without.returncode, "PINCITE_LLM" in without.stderr) == (2, True)
