"""The client against servers that no one here wrote: ``transformers serve`` and llama.cpp."""

import threading

import pytest

from pincite.errors import CancelledError, LLMIncompleteError, LLMRefusedError
from pincite.llm.model import LanguageModel, Limits
from pincite.llm.openai import OpenAIModel
from pincite.records import Message
from pincite.settings import Settings
from pincite.wiring import check_llm, make_llm
from tests.llm.tiny import ANSWER

PROMPT = (Message("system", "Answer."), Message("user", "为什么？"))


@pytest.fixture(params=["transformers_server", "llama_server"])
def served(request: pytest.FixtureRequest) -> tuple[str, str]:
    found: tuple[str, str] = request.getfixturevalue(request.param)
    return found


def settings_for(served: tuple[str, str]) -> Settings:
    base_url, model = served
    return Settings(llm="openai", llm_base_url=base_url, llm_model=model)


def from_settings(served: tuple[str, str]) -> LanguageModel:
    made = make_llm(settings_for(served))
    assert made is not None
    return made


def test_it_answers_in_pieces(served: tuple[str, str]) -> None:
    model = from_settings(served)
    pieces = [piece for piece in model.stream(PROMPT) if piece]
    assert "".join(pieces) == ANSWER
    assert len(pieces) > 1
    model.close()
    assert served[1] in check_llm(settings_for(served))


def test_an_answer_cut_at_the_limit_is_an_error(served: tuple[str, str]) -> None:
    model = OpenAIModel(*served, limits=Limits(max_tokens=6))
    with pytest.raises(LLMIncompleteError, match="limit of 6"):
        list(model.stream(PROMPT))
    model.close()


def test_cancelling_leaves_the_server_well(served: tuple[str, str]) -> None:
    model = from_settings(served)
    cancel = threading.Event()
    pieces = model.stream(PROMPT, cancel)
    next(pieces)
    cancel.set()
    with pytest.raises(CancelledError):
        list(pieces)
    assert "".join(model.stream(PROMPT)) == ANSWER
    model.close()


def test_a_prompt_longer_than_the_context_is_refused(llama_server: tuple[str, str]) -> None:
    model = from_settings(llama_server)
    with pytest.raises(LLMRefusedError, match="context"):
        list(model.stream([Message("user", "a" * 600)]))
    model.close()
