"""A causal model of transformers in this process, on tiny ones made on the spot."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from pincite.errors import (
    CancelledError,
    LLMIncompleteError,
    LLMOverloadedError,
    LLMRefusedError,
    LLMTimeoutError,
    LLMUnreachableError,
)
from pincite.llm.model import LanguageModel, Limits
from pincite.records import Message
from pincite.settings import Settings
from pincite.wiring import check_llm, make_llm
from tests.llm.tiny import ANSWER, NO_SYSTEM, POSITIONS, TEMPLATE, save_model

pytest.importorskip("torch")
PROMPT = (Message("system", "Answer."), Message("user", "为什么？"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("llm"))


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("endless"), "ab", ends=False)


def load(folder: Path, limits: Limits | None = None) -> LanguageModel:
    from pincite.llm.transformers import TransformersModel

    return TransformersModel(str(folder), device="cpu", threads=1, limits=limits)


def test_the_settings_name_it_and_it_answers_without_the_network(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: object) -> NoReturn:
        raise AssertionError(f"the network was used: {args}")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)
    settings = Settings(llm="transformers", llm_model=str(folder), device="cpu", threads=1)
    model = make_llm(settings)
    assert model is not None
    pieces = [piece for piece in model.stream(PROMPT) if piece]
    assert "".join(pieces) == ANSWER
    assert len(pieces) > 1
    assert model.name == str(folder)
    assert model.context_tokens == POSITIONS
    assert model.count_tokens("因为 a") == len("因为 a".encode())
    model.close()
    assert "is loaded" in check_llm(settings)


@pytest.mark.parametrize("template", [NO_SYSTEM, None])
def test_templates_without_a_system_role_and_no_template_at_all(
    tmp_path: Path, template: str | None
) -> None:
    # Without a template no token tells of the assistant's turn: the prompt ends with a colon.
    model = load(save_model(tmp_path / "model", template=template), Limits(max_tokens=20))
    if template:
        assert "".join(model.stream(PROMPT)) == ANSWER
    else:
        with pytest.raises(LLMIncompleteError):
            list(model.stream(PROMPT))


def test_an_answer_cut_at_the_limit_is_an_error(endless: Path) -> None:
    pieces = load(endless, Limits(max_tokens=6)).stream(PROMPT)
    assert next(piece for piece in pieces if piece).startswith("a")
    with pytest.raises(LLMIncompleteError, match="cut off at 6 tokens"):
        list(pieces)


def test_a_prompt_longer_than_the_context_is_refused(folder: Path) -> None:
    with pytest.raises(LLMRefusedError, match=f"takes {POSITIONS}"):
        list(load(folder).stream([Message("user", "a" * POSITIONS)]))


def test_cancelling_and_leaving_and_the_overall_time_end_the_generation(endless: Path) -> None:
    model = load(endless, Limits(max_tokens=400))
    cancel = threading.Event()
    pieces = model.stream(PROMPT, cancel)
    next(pieces)
    cancel.set()
    with pytest.raises(CancelledError):
        list(pieces)
    pieces = model.stream(PROMPT)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    hurried = load(endless, Limits(max_tokens=400, total_seconds=0.01))
    with pytest.raises(LLMTimeoutError, match="TOTAL_SECONDS"):
        list(hurried.stream(PROMPT))


def test_one_question_at_a_time_and_the_others_wait(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pincite.llm.transformers import TransformersModel

    model = TransformersModel(str(folder), device="cpu", threads=1)
    gate, generate = threading.Event(), model._model.generate

    def held(**arguments: object) -> object:
        gate.wait(30)
        return generate(**arguments)

    monkeypatch.setattr(model._model, "generate", held)
    monkeypatch.setattr(model, "_limits", Limits(total_seconds=0.2))
    # The one who asked first leaves; what was begun is still being computed.
    with pytest.raises(LLMTimeoutError):
        list(model.stream(PROMPT))
    with pytest.raises(LLMOverloadedError, match="busy"):
        list(model.stream(PROMPT))
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        list(model.stream(PROMPT, cancel))
    monkeypatch.setattr(model, "_limits", Limits())
    gate.set()
    assert "".join(model.stream(PROMPT)) == ANSWER


def test_the_chat_template_can_be_given_variables(tmp_path: Path) -> None:
    from pincite.llm.transformers import TransformersModel

    template = TEMPLATE.replace("{% if add", "{% if off and add")
    saved = str(save_model(tmp_path / "model", template=template))
    model = TransformersModel(saved, device="cpu", threads=1, extra={"off": True})
    assert "".join(model.stream(PROMPT)) == ANSWER


def test_thoughts_that_the_prompt_has_begun_are_left_out(tmp_path: Path) -> None:
    model = load(save_model(tmp_path / "model", "xy", start=">", template=f"{TEMPLATE}<think>"))
    with pytest.raises(LLMIncompleteError, match="still thinking"):
        list(model.stream(PROMPT))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path / "nowhere", "does not exist"),
        (lambda path: save_model(path / "model", pickled=True), "pickle"),
        (lambda path: (path / "empty").mkdir() or path / "empty", "PINCITE_LLM_MODEL"),
    ],
)
def test_what_cannot_be_loaded_is_told(
    tmp_path: Path, make: Callable[[Path], Path], message: str
) -> None:
    with pytest.raises(LLMUnreachableError, match=message):
        load(make(tmp_path))


def test_without_the_extra_the_message_names_it() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from pincite.errors import MissingExtraError\n"
        "from pincite.settings import Settings\n"
        "from pincite.wiring import check_llm, make_llm\n"
        "try:\n    make_llm(Settings(llm='transformers', llm_model='some/model'))\n"
        "except MissingExtraError as exc:\n    print(exc)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pincite[models]" in done.stdout, done.stderr
