"""Pincite as a model, through OpenAI's own client."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from fastapi.testclient import TestClient
from openai import AsyncOpenAI, OpenAI

from pincite.errors import LLMIncompleteError, ModeUnavailableError
from pincite.records import Delta, Event, Message, Question, Restart
from pincite.serve.access.guard import Guard
from pincite.serve.api.chat_completions import estimated_tokens
from pincite.serve.api.chat_requests import COMPLETION_EXAMPLE
from tests.serve.conftest import client_of
from tests.serve.memory import MemoryWorkspace

RULING_QUESTION = "What did the court rule on Acme?"
RULING: Any = {"role": "user", "content": RULING_QUESTION}


@pytest.fixture
def openai_client(address: str, workspace: MemoryWorkspace) -> Iterator[OpenAI]:
    assert workspace.stored
    http = openai.DefaultHttpxClient(trust_env=False)
    with OpenAI(base_url=f"{address}/v1", api_key="x", max_retries=0, http_client=http) as client:
        yield client


def _extension(answered: Any) -> Any:
    return answered.model_extra["pincite"]


def test_the_models_are_listed(openai_client: OpenAI) -> None:
    names = [model.id for model in openai_client.models.list()]
    assert names == ["pincite", "pincite-extractive", "pincite-llm"]
    assert openai_client.models.retrieve("pincite").owned_by == "pincite"


def test_an_answer_comes_with_footnotes_and_whole(openai_client: OpenAI, address: str) -> None:
    completion = openai_client.chat.completions.create(
        model="pincite", messages=[RULING], temperature=0.2, user="ann", seed=7
    )
    plain = httpx.post(f"{address}/ask", json={"question": RULING_QUESTION}, trust_env=False).json()
    assert set(completion.to_dict()) == set(COMPLETION_EXAMPLE)
    [choice] = completion.choices
    assert _extension(choice.message) == plain
    assert choice.message.content is not None
    assert choice.message.content.startswith(plain["answer"] + "\n\n---\n\n**Sources**")
    assert (choice.message.role, choice.finish_reason) == ("assistant", "stop")
    assert completion.model == "pincite"
    assert completion.usage is not None
    assert completion.usage.total_tokens > completion.usage.prompt_tokens > 0


def test_a_stream_says_the_same(openai_client: OpenAI) -> None:
    whole = openai_client.chat.completions.create(model="pincite", messages=[RULING])
    chunks = list(
        openai_client.chat.completions.create(
            model="pincite",
            messages=[RULING],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    *pieces, last, usage = chunks
    assert pieces[0].choices[0].delta.role == "assistant"
    content = "".join(chunk.choices[0].delta.content or "" for chunk in pieces)
    assert content == whole.choices[0].message.content
    assert _extension(last.choices[0].delta) == _extension(whole.choices[0].message)
    assert [chunk.choices[0].finish_reason for chunk in pieces] == [None] * len(pieces)
    assert last.choices[0].finish_reason == "stop"
    assert (usage.choices, usage.usage) == ([], whole.usage)
    assert len({(chunk.id, chunk.model, chunk.created) for chunk in chunks}) == 1


def test_the_asynchronous_client_is_answered_too(address: str, workspace: MemoryWorkspace) -> None:
    assert workspace.stored

    async def ask() -> tuple[str | None, str]:
        http = openai.DefaultAsyncHttpxClient(trust_env=False)
        async with AsyncOpenAI(base_url=f"{address}/v1", api_key="x", http_client=http) as client:
            create = client.chat.completions.create
            whole = await create(model="pincite", messages=[RULING])
            stream = await create(model="pincite", messages=[RULING], stream=True)
            pieces = [chunk.choices[0].delta.content or "" async for chunk in stream]
        return whole.choices[0].message.content, "".join(pieces)

    whole, streamed = asyncio.run(ask())
    assert whole == streamed


def test_the_last_users_message_is_the_question(
    openai_client: OpenAI, workspace: MemoryWorkspace
) -> None:
    asked: list[Question] = []
    workspace.before_asking = asked.append
    earlier = openai_client.chat.completions.create(model="pincite", messages=[RULING])
    said = earlier.choices[0].message.content
    messages: Any = [
        {"role": "system", "content": "You are a pirate."},
        RULING,
        {"role": "assistant", "content": said},
        {"role": "tool", "tool_call_id": "x", "content": "42"},
        {"role": "user", "content": [{"type": "text", "text": "When?"}]},
        {"role": "assistant", "content": "Well,"},
    ]
    openai_client.chat.completions.create(
        model="pincite-extractive",
        messages=messages,
        extra_body={"pincite": {"top_k": 3, "language": "zh"}},
    )
    answer = workspace.answer(Question(RULING_QUESTION)).answer
    history = (Message("user", RULING_QUESTION), Message("assistant", answer))
    assert asked[1] == Question("When?", "extractive", 3, "zh", history=history)


def test_of_a_long_conversation_the_newest_messages_are_kept(
    openai_client: OpenAI, workspace: MemoryWorkspace
) -> None:
    asked: list[Question] = []
    workspace.before_asking = asked.append
    long: Any = [{"role": "user", "content": f"{n} " + "x" * 900} for n in range(200)]
    openai_client.chat.completions.create(model="pincite", messages=[*long, RULING])
    [question] = asked
    assert question.history[-1].content.startswith("199 ")
    assert 30_000 < sum(len(message.content) for message in question.history) <= 32_000


def test_footnotes_can_be_left_out(openai_client: OpenAI) -> None:
    completion = openai_client.chat.completions.create(
        model="pincite", messages=[RULING], extra_body={"pincite": {"footnotes": False}}
    )
    message = completion.choices[0].message
    assert message.content == _extension(message)["answer"]


def test_after_a_restart_the_stream_goes_on_below_a_notice(
    openai_client: OpenAI, workspace: MemoryWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stream(question: Question, cancel: object) -> Iterator[Event]:
        answer = workspace.answer(question)
        yield from (Delta("Half an"), Restart("llm_timeout"), Delta(answer.answer), answer)

    monkeypatch.setattr(workspace, "stream", stream)
    chunks = openai_client.chat.completions.create(model="pincite", messages=[RULING], stream=True)
    content = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert content.startswith("Half an\n\n*The LLM failed: what stands above is void, the answer")
    assert "\n\nThe court ruled against Acme" in content


def test_a_restart_before_anything_was_sent_needs_no_notice(
    openai_client: OpenAI, workspace: MemoryWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stream(question: Question, cancel: object) -> Iterator[Event]:
        answer = workspace.answer(question)
        yield from (Restart("llm_timeout"), Delta(answer.answer), answer)

    monkeypatch.setattr(workspace, "stream", stream)
    chunks = openai_client.chat.completions.create(model="pincite", messages=[RULING], stream=True)
    content = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert content.startswith("The court ruled against Acme")


@pytest.mark.parametrize("stream", [False, True])
def test_errors_are_those_of_openais_client(
    openai_client: OpenAI, workspace: MemoryWorkspace, stream: bool
) -> None:
    def fail(_: Question) -> None:
        raise ModeUnavailableError("no LLM is configured")

    workspace.before_asking = fail
    with pytest.raises(openai.BadRequestError) as caught:
        openai_client.chat.completions.create(model="pincite-llm", messages=[RULING], stream=stream)
    assert caught.value.code == "mode_unavailable"
    assert caught.value.request_id is not None
    with pytest.raises(openai.NotFoundError, match="pincite-extractive"):
        openai_client.chat.completions.create(model="gpt-5", messages=[RULING], stream=stream)


def test_an_error_in_a_stream_reaches_the_client(
    openai_client: OpenAI, workspace: MemoryWorkspace
) -> None:
    def fail(_: object) -> None:
        raise LLMIncompleteError("the answer was cut off")

    workspace.while_answering = fail
    chunks = openai_client.chat.completions.create(model="pincite", messages=[RULING], stream=True)
    with pytest.raises(openai.APIError, match="cut off") as caught:
        list(chunks)
    assert (caught.value.code, caught.value.type) == ("llm_incomplete", "server_error")


IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({"messages": []}, "messages", "at least 1"),
        ({}, "messages", "required"),
        ({"messages": [{"role": "system", "content": "x"}]}, None, "no message of the role 'user'"),
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, None, "text only"),
        ({"messages": [RULING], "pincite": {"topk": 3}}, "pincite.topk", "not permitted"),
        ({"messages": [{"role": "pirate", "content": "x"}]}, "messages.0.role", "Input should be"),
    ],
)
def test_a_wrong_request_is_told_in_openais_way(
    client: TestClient, body: dict[str, Any], param: str | None, words: str
) -> None:
    response = client.post("/v1/chat/completions", json={"model": "pincite", **body})
    assert (response.status_code, response.headers["content-type"]) == (400, "application/json")
    error = response.json()["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", "bad_input")
    assert error["param"] == param
    assert words in error["message"]


def test_refusals_of_the_guard_and_the_router_have_this_form_too(
    client: TestClient, keyed_app: Guard
) -> None:
    wrong_key = client_of(keyed_app).get("/v1/models", headers={"authorization": "Bearer no"})
    assert (wrong_key.status_code, wrong_key.json()["error"]["code"]) == (401, "unauthorized")
    large = json.dumps({"messages": ["x" * 1_100_000]})
    headers = {"content-type": "application/json"}
    too_large = client.post("/v1/chat/completions", content=large, headers=headers)
    assert (too_large.status_code, too_large.json()["error"]["code"]) == (413, "body_too_large")
    method = client.get("/v1/chat/completions")
    assert (method.status_code, method.json()["error"]["code"]) == (405, "method_not_allowed")


def test_tokens_are_estimated() -> None:
    assert [estimated_tokens(t) for t in ("", "a", "abcd", "abcde", "收成好", "收成 ab")] == [
        0,
        1,
        1,
        2,
        3,
        3,
    ]
