"""A model behind a scripted server, with limits that keep tests short."""

from collections.abc import Iterator
from contextlib import contextmanager

from pincite.llm.model import Limits
from pincite.llm.openai import OpenAIModel
from pincite.records import Message
from tests.llm.scripted import Behaviour, ScriptedServer, scripted

PROMPT = (Message("system", "Answer."), Message("user", "Why?"))
KEY = "sk-very-secret-key"
QUICK = Limits(
    max_tokens=64,
    connect_seconds=1,
    first_token_seconds=5,
    token_seconds=5,
    total_seconds=20,
    first_wait=0.01,
)


@contextmanager
def model_of(
    *script: Behaviour, limits: Limits = QUICK, key: str | None = KEY
) -> Iterator[tuple[OpenAIModel, ScriptedServer]]:
    with scripted(script) as server:
        model = OpenAIModel(server.base_url, "scripted", api_key=key, limits=limits)
        try:
            yield model, server
        finally:
            model.close()


def answer(model: OpenAIModel) -> str:
    return "".join(model.stream(PROMPT))
