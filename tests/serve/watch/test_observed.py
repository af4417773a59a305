"""The workspace that the surfaces get, and the language model it may have."""

import threading
from collections.abc import Iterator, Sequence

import pytest

from pincite.errors import CancelledError, LLMTimeoutError
from pincite.llm.model import LanguageModel
from pincite.records import Answer, Delta, Event, Message, Question
from pincite.serve.watch.observed import ObservedModel, observed
from pincite.serve.watch.telemetry import Telemetry
from pincite.workspace import Workspace
from tests.serve.telling import logged, reader

FERRY = "What does a night ticket for the ferry cost?"


def _value(telemetry: Telemetry, name: str, **labels: str) -> float:
    return float(reader(telemetry.metrics.exposition("")[0].decode())(name, **labels))


def test_it_is_the_workspace_in_all_else(articles: Workspace) -> None:
    telemetry = Telemetry()
    seen = observed(articles, telemetry)
    assert seen.documents() == articles.documents()
    assert seen.library is articles.library
    seen.warm_up()
    assert _value(telemetry, "pincite_question_stage_duration_seconds_count", stage="total") == 0
    with pytest.raises(AttributeError):
        seen.nothing_of_this_name  # type: ignore[attr-defined]  # noqa: B018


def test_asking_and_streaming_count_the_same_and_change_nothing(articles: Workspace) -> None:
    telemetry = Telemetry()
    seen = observed(articles, telemetry)
    events = list(seen.stream(Question(FERRY)))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert "".join(e.text for e in events if isinstance(e, Delta)) == answer.answer
    assert seen.ask(Question(FERRY)).id == answer.id
    labels = {"status": "answered", "mode": "extractive", "language": "en", "reason": "none"}
    assert _value(telemetry, "pincite_questions_total", **labels) == 2


def test_a_stream_left_early_is_a_question_cancelled(articles: Workspace) -> None:
    telemetry = Telemetry()
    with logged("pincite.serve.watch.observed") as lines:
        events = observed(articles, telemetry).stream(Question(FERRY))
        next(events)
        assert isinstance(events, Iterator)
        events.close()  # type: ignore[attr-defined]
    assert _value(telemetry, "pincite_question_errors_total", code="cancelled") == 1
    assert [(line["status"], line["code"]) for line in lines] == [("error", "cancelled")]


def test_an_answer_sent_counts_though_nobody_asks_for_more(articles: Workspace) -> None:
    telemetry = Telemetry()
    for event in observed(articles, telemetry).stream(Question(FERRY)):
        if isinstance(event, Answer):
            break
    labels = {"status": "answered", "mode": "extractive", "language": "en", "reason": "none"}
    assert _value(telemetry, "pincite_questions_total", **labels) == 1


class Scripted:
    """A language model that says what it is given to say, then fails if it is given an error."""

    name = "scripted"
    context_tokens = 4_096
    max_tokens = 100

    def __init__(self, pieces: Sequence[str], error: Exception | None = None) -> None:
        self.pieces = pieces
        self.error = error
        self.closed = False

    def count_tokens(self, text: str) -> int:
        return len(text)

    def stream(
        self, messages: Sequence[Message], cancel: threading.Event | None = None
    ) -> Iterator[str]:
        for piece in self.pieces:
            if cancel and cancel.is_set():
                raise CancelledError("given up")
            yield piece
        if self.error:
            raise self.error

    def close(self) -> None:
        self.closed = True


def test_calls_of_the_model_are_counted_with_the_code_of_what_went_wrong() -> None:
    telemetry = Telemetry()
    scripted = Scripted(["Four ", "fifty."])
    model: LanguageModel = ObservedModel(scripted, telemetry)
    assert (model.name, model.context_tokens, model.max_tokens) == ("scripted", 4_096, 100)
    assert model.count_tokens("abc") == 3
    assert list(model.stream([Message("user", "?")])) == ["Four ", "fifty."]
    scripted.error = LLMTimeoutError("silent")
    with pytest.raises(LLMTimeoutError):
        list(model.stream([]))
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        list(model.stream([], cancel))
    assert _value(telemetry, "pincite_llm_call_duration_seconds_count") == 3
    assert _value(telemetry, "pincite_llm_errors_total", code="llm_timeout") == 1
    assert _value(telemetry, "pincite_llm_errors_total", code="cancelled") == 1
    model.close()
    assert scripted.closed


def test_events_pass_as_they_are_made() -> None:
    """Nothing is held back until the answer is there."""
    made: list[str] = []

    class Slow:
        def stream(self, question: Question, cancel: threading.Event | None) -> Iterator[Event]:
            for text in "ab":
                made.append(text)
                yield Delta(text)
            raise CancelledError("enough")

    events = observed(Slow(), Telemetry()).stream(Question("?"))  # type: ignore[arg-type]
    assert next(events) == Delta("a")
    assert made == ["a"]
    assert next(events) == Delta("b")
    with pytest.raises(CancelledError):
        next(events)
