"""A model behind an OpenAI-compatible server: what is asked, answers and faults."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pincite.errors import (
    InputError,
    LLMError,
    LLMIncompleteError,
    LLMOverloadedError,
    LLMProtocolError,
    LLMRefusedError,
)
from pincite.llm.openai import OpenAIModel
from tests.llm import behaviours as server_of
from tests.llm.asking import KEY, PROMPT, QUICK, answer, model_of
from tests.llm.behaviours import nowhere, says, status
from tests.llm.scripted import Behaviour, Exchange, scripted


def test_a_text_comes_in_pieces_as_it_is_written() -> None:
    with model_of(says("因为屋顶漏水[1]。\n")) as (model, server):
        pieces = [piece for piece in model.stream(PROMPT) if piece]
        assert "".join(pieces) == "因为屋顶漏水[1]。\n"
        assert len(pieces) > 1
        (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.messages == [
        {"role": "system", "content": "Answer."},
        {"role": "user", "content": "Why?"},
    ]
    asked = {name: request.body[name] for name in ("model", "stream", "max_tokens", "temperature")}
    assert asked == {"model": "scripted", "stream": True, "max_tokens": 64, "temperature": 0.0}
    assert request.headers["authorization"] == f"Bearer {KEY}"


def test_nothing_of_openais_own_environment_reaches_another_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("API_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", "from-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", nowhere())
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, nowhere())
    with model_of(says("yes"), key=None) as (model, server):
        assert answer(model) == "yes"
        headers = str(server.requests[0].headers)
    assert "from-the-environment" not in headers
    assert "authorization" not in headers


def test_thoughts_are_left_out() -> None:
    with model_of(server_of.thinks("Hmm, 3 < 4 <b>", "Because <b>it</b> leaks <th")) as (model, _):
        assert answer(model).strip() == "Because <b>it</b> leaks <th"


@pytest.mark.parametrize(
    ("behaviour", "error", "message"),
    [
        (server_of.cut("half an ans"), LLMIncompleteError, "broke its answer off"),
        (server_of.cut_chunked("half an ans"), LLMIncompleteError, "broke its answer off"),
        (server_of.raw(""), LLMIncompleteError, "broke its answer off"),
        (says("half an ans", finish="length"), LLMIncompleteError, "PINCITE_LLM_MAX_TOKENS"),
        (says("<think>it never ends"), LLMIncompleteError, "still thinking"),
        (says("first a thought</think>yes"), LLMProtocolError, "reasoning parser"),
        (says("no", finish="content_filter"), LLMRefusedError, "content filter"),
        (says("no", finish="tool_calls"), LLMProtocolError, "tool_calls"),
        (says(" \n"), LLMProtocolError, "wrote nothing"),
        (server_of.html(), LLMProtocolError, "text/html"),
        (server_of.raw("<h1>It works</h1>"), LLMProtocolError, "no choices"),
        (server_of.raw('{"choices": []}', "application/json"), LLMProtocolError, "application"),
        (server_of.empty_choices(), LLMProtocolError, "no choices"),
        (server_of.invalid_json(), LLMProtocolError, "invalid JSON"),
        (server_of.raw("data: [1, 2]\n\n"), LLMProtocolError, "wanted a JSON object"),
        (server_of.raw('data: {"choices": [7]}\n\n'), LLMProtocolError, "choice's delta"),
        (server_of.raw(b"data: \xff\xfe\n\n"), LLMProtocolError, "UTF-8"),
        (server_of.raw(f"data: {'[' * 100_000}\n\n"), LLMProtocolError, "invalid JSON"),
        (server_of.raw('data: {"error": {"message": "lost"}}'), LLMOverloadedError, "lost"),
        (server_of.endless(), LLMIncompleteError, "1,024 characters"),
        (server_of.huge(), LLMIncompleteError, "bytes"),
        (status(400, {"error": f"too long, {KEY}"}), LLMRefusedError, "too long, …"),
        (status(401), LLMRefusedError, "refuses the key"),
        (status(404), LLMRefusedError, "ollama pull scripted"),
        (status(307, Location="http://example.org/"), LLMRefusedError, "307"),
    ],
)  # fmt: skip
def test_what_is_no_complete_answer_is_a_typed_error(
    behaviour: Behaviour, error: type[LLMError], message: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with model_of(behaviour) as (model, server):
        with pytest.raises(error, match=message) as raised:
            answer(model)
        assert len(server.requests) == 1
    assert KEY not in str(raised.value)
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    "troubles",
    [
        [status(500)] * 3,
        [status(429, Retry_After="0"), status(503, Retry_After="-1"), status(502)],
        [status(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")],
        [server_of.dropped()],
    ],
)
def test_a_server_that_fails_at_the_start_is_asked_again(troubles: list[Behaviour]) -> None:
    with model_of(*troubles, says("well")) as (model, server):
        assert answer(model) == "well"
        assert len(server.requests) == len(troubles) + 1


@pytest.mark.parametrize(
    ("behaviour", "requests", "message"),
    [
        (status(500), 4, "status 500"),
        (status(429, Retry_After="30"), 1, "left alone for 30 s"),
        (status(429, Retry_After="1e9"), 1, "1000000000 s"),
        (status(429, Retry_After="tomorrow"), 4, "status 429"),
    ],
)
def test_and_not_for_ever(behaviour: Behaviour, requests: int, message: str) -> None:
    with model_of(behaviour) as (model, server):
        with pytest.raises(LLMOverloadedError, match=message):
            answer(model)
        assert len(server.requests) == requests


def test_nothing_is_asked_again_once_the_answer_has_begun() -> None:
    with model_of(server_of.cut("half"), says("whole")) as (model, server):
        pieces = model.stream(PROMPT)
        assert next(pieces) == "half"
        with pytest.raises(LLMIncompleteError):
            list(pieces)
        assert len(server.requests) == 1


def test_options_that_a_model_refuses_are_changed_once_and_for_all() -> None:
    together = threading.Barrier(2)

    def particular(exchange: Exchange) -> None:
        sent = exchange.request.body
        refused = [name for name in ("max_tokens", "temperature") if name in sent]
        if "max_tokens" in sent:
            together.wait(20)
        if refused:
            status(400, {"error": {"message": "unsupported", "param": refused[0]}})(exchange)
        else:
            says("yes")(exchange)

    with model_of(particular) as (model, server), ThreadPoolExecutor(2) as threads:
        assert list(threads.map(answer, [model] * 2)) == ["yes"] * 2
        before = len(server.requests)
        assert answer(model) == "yes"
        assert len(server.requests) == before + 1
        assert server.requests[-1].body["max_completion_tokens"] == 64


def test_further_fields_of_a_request_can_be_set() -> None:
    with scripted([says("yes")]) as server:
        model = OpenAIModel(server.base_url, "m", extra={"reasoning_effort": "none"})
        assert answer(model) == "yes"
        assert server.requests[0].body["reasoning_effort"] == "none"
        model.close()


def test_check_tells_whether_the_model_is_served() -> None:
    with scripted([says("yes")], models=["scripted", "qwen3:latest"]) as server:
        for name in ("scripted", "qwen3"):
            model = OpenAIModel(server.base_url, name, limits=QUICK)
            assert model.check() == f"{server.base_url} serves {name}"
            model.close()
        model = OpenAIModel(server.base_url, "gpt", limits=QUICK)
        with pytest.raises(LLMRefusedError, match="it has: qwen3:latest, scripted"):
            model.check()
        model.close()


@pytest.mark.parametrize(
    "url",
    [
        "localhost:11434",
        "ftp://host/v1",
        "http://",
        "http://h:port/",
        "http://a:secret@b/v1",
        "http://b/v1?key=secret",
    ],
)
def test_what_is_no_plain_url_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="PINCITE_LLM_BASE_URL") as said:
        OpenAIModel(url, "m")
    assert "secret" not in str(said.value)
