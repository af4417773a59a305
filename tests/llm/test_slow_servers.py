"""Servers that are slow, silent or not there, and callers who do not want to wait."""

import socket
import threading
from contextlib import ExitStack
from dataclasses import replace

import pytest

from pincite.errors import CancelledError, LLMTimeoutError, LLMUnreachableError
from pincite.llm.openai import OpenAIModel
from tests.llm import behaviours as server_of
from tests.llm.asking import PROMPT, QUICK, answer, model_of
from tests.llm.behaviours import nowhere, says, status
from tests.llm.scripted import Behaviour


@pytest.mark.parametrize(
    ("behaviour", "changes", "message"),
    [
        (server_of.silent(), {"first_token_seconds": 0.2}, "FIRST_TOKEN_SECONDS"),
        (server_of.silent("half"), {"token_seconds": 0.2}, "fell silent"),
        (server_of.drip(0.05), {"total_seconds": 0.8}, "TOTAL_SECONDS"),
        (server_of.drip_bytes(0.05), {"total_seconds": 0.8}, "TOTAL_SECONDS"),
        (status(429, Retry_After="5"), {"total_seconds": 0.8}, "TOTAL_SECONDS"),
    ],
)
def test_a_slow_server_is_left(
    behaviour: Behaviour, changes: dict[str, float], message: str
) -> None:
    with model_of(behaviour, limits=replace(QUICK, **changes)) as (model, server):  # type: ignore[arg-type]
        with pytest.raises(LLMTimeoutError, match=message):
            answer(model)
        assert len(server.requests) == 1


def test_a_server_that_is_not_running_is_told_with_the_next_step() -> None:
    model = OpenAIModel(nowhere(), "m", limits=QUICK)
    with pytest.raises(LLMUnreachableError, match="start it"):
        answer(model)
    with pytest.raises(LLMUnreachableError, match="start it"):
        model.check()
    model.close()


def test_a_server_that_takes_no_connection_is_told_too() -> None:
    with socket.socket() as deaf, ExitStack() as waiting:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        # They fill the line of connections that wait to be taken: no further one is answered.
        for _ in range(2):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(deaf.getsockname())
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/v1"
        model = OpenAIModel(url, "m", limits=replace(QUICK, connect_seconds=0.2))
        with pytest.raises(LLMUnreachableError, match="start it"):
            answer(model)
        model.close()


@pytest.mark.parametrize("behaviour", [server_of.silent(), server_of.silent("half")])
def test_cancelling_closes_the_connection_of_a_silent_server(behaviour: Behaviour) -> None:
    with model_of(behaviour) as (model, server):
        cancel = threading.Event()
        threading.Timer(0.3, cancel.set).start()
        with pytest.raises(CancelledError):
            list(model.stream(PROMPT, cancel))
        assert server.requests[0].gone.wait(2)


def test_a_caller_that_leaves_closes_the_connection() -> None:
    with model_of(server_of.drip(0.01)) as (model, server):
        pieces = model.stream(PROMPT)
        next(pieces)
        pieces.close()
        assert server.requests[0].gone.wait(2)


def test_questions_run_side_by_side_and_closing_ends_them() -> None:
    with model_of(server_of.silent(), says("yes")) as (model, server):
        errors: list[type[BaseException]] = []

        def ask() -> None:
            try:
                list(model.stream(PROMPT))
            except CancelledError as exc:
                errors.append(type(exc))

        thread = threading.Thread(target=ask)
        thread.start()
        while not server.requests:
            thread.join(0.01)
        assert answer(model) == "yes"
        model.close()
        thread.join(5)
        assert errors == [CancelledError]
