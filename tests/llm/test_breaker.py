"""The circuit breaker: closed, open, half open."""

from collections.abc import Iterator, Sequence
from threading import Event

import pytest

from pincite.errors import (
    LLMError,
    LLMIncompleteError,
    LLMPausedError,
    LLMRefusedError,
    LLMTimeoutError,
)
from pincite.llm.breaker import Breaker
from pincite.llm.model import LanguageModel
from pincite.records import Message

PROMPT = [Message("user", "Why?")]


class Scripted:
    """A model that fails or answers as its list says."""

    name, context_tokens, max_tokens = "m", 100, 10

    def __init__(self, *script: LLMError | str) -> None:
        self.script = list(script)
        self.asked = 0

    def count_tokens(self, text: str) -> int:
        return len(text)

    def stream(self, messages: Sequence[Message], cancel: Event | None = None) -> Iterator[str]:
        self.asked += 1
        outcome = self.script.pop(0)
        if isinstance(outcome, LLMError):
            raise outcome
        yield from outcome

    def close(self) -> None:
        pass


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def asked(model: LanguageModel) -> str | type[LLMError]:
    try:
        return "".join(model.stream(PROMPT))
    except LLMError as exc:
        return type(exc)


def late() -> LLMError:
    return LLMTimeoutError("too late")


def test_it_opens_after_failures_in_a_row_and_closes_when_the_model_is_well_again() -> None:
    clock, inner = Clock(), Scripted(late(), "ok", late(), late(), late(), "ok", late(), "ok")
    model = Breaker(inner, failures=2, pause_seconds=30, clock=clock)
    assert [asked(model) for _ in range(4)] == [LLMTimeoutError, "ok", *[LLMTimeoutError] * 2]
    with pytest.raises(
        LLMPausedError, match=r"2 times .* in 30 s; the last time: too late"
    ) as said:
        list(model.stream(PROMPT))
    assert said.value.seconds == 30
    assert inner.asked == 4
    clock.now = 30
    assert asked(model) is LLMTimeoutError
    clock.now = 59
    assert asked(model) is LLMPausedError
    clock.now = 60
    assert [asked(model) for _ in range(3)] == ["ok", LLMTimeoutError, "ok"]


def test_while_one_question_tries_the_others_are_refused() -> None:
    clock, inner = Clock(), Scripted(late(), "first", "second")
    model = Breaker(inner, failures=1, pause_seconds=30, clock=clock)
    asked(model)
    clock.now = 31
    trial = model.stream(PROMPT)
    assert next(trial) == "f"
    assert asked(model) is LLMPausedError
    trial.close()  # type: ignore[attr-defined]
    # The one who tried left: nothing was learnt, and another may try.
    assert asked(model) == "second"


def test_what_concerns_one_prompt_only_pauses_nothing() -> None:
    refused, cut = LLMRefusedError("too long"), LLMIncompleteError("cut")
    model = Breaker(Scripted(refused, cut, refused, "ok"), failures=2)
    found = [asked(model) for _ in range(4)]
    assert found == [LLMRefusedError, LLMIncompleteError, LLMRefusedError, "ok"]


def test_all_else_is_the_models_own() -> None:
    model: LanguageModel = Breaker(Scripted())
    assert (model.name, model.context_tokens, model.max_tokens) == ("m", 100, 10)
    assert model.count_tokens("four") == 4
    model.close()
