"""Counts, traces and logs every question, whichever surface asks it, and every call of the LLM."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from pincite.llm.model import LanguageModel
from pincite.records import Answer, Event, Message, Question
from pincite.serve.api.recent import RecentAnswers
from pincite.serve.watch.telemetry import (
    CURRENT,
    Attributes,
    Span,
    Telemetry,
    code_of,
    request_fields,
)

if TYPE_CHECKING:
    from pincite.workspace import Workspace

logger = logging.getLogger(__name__)


def observed(
    workspace: "Workspace", telemetry: Telemetry, recent: RecentAnswers | None = None
) -> "Workspace":
    """Return the workspace for the surfaces: what they ask it is told, all else is its own.

    Answers to a request's caller are remembered, so that they can be rated.
    """
    return cast("Workspace", _Observed(workspace, telemetry, recent))


def watcher(telemetry: Telemetry) -> Callable[[LanguageModel], LanguageModel]:
    """Return what wraps a language model, so that its calls are told."""
    return lambda llm: ObservedModel(llm, telemetry)


class _Observed:
    def __init__(
        self, workspace: "Workspace", telemetry: Telemetry, recent: RecentAnswers | None
    ) -> None:
        self._workspace = workspace
        self._telemetry = telemetry
        self._recent = recent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._workspace, name)

    def ask(self, question: Question, cancel: threading.Event | None = None) -> Answer:
        with self._asking(question) as asking, asking.span.current():
            asking.answer = self._workspace.ask(question, cancel)
        return asking.answer

    def stream(self, question: Question, cancel: threading.Event | None = None) -> Iterator[Event]:
        with self._asking(question) as asking:
            events = self._workspace.stream(question, cancel)
            while asking.answer is None:
                # Each piece may be asked for on another thread, so the span is never left current.
                with asking.span.current():
                    event = next(events)
                if isinstance(event, Answer):
                    asking.answer = event
                else:
                    yield event
        yield asking.answer

    @contextmanager
    def _asking(self, question: Question) -> Iterator["_Asking"]:
        attributes = {
            "pincite.question.mode": question.mode,
            "pincite.question.top_k": question.top_k,
            "pincite.question.filtered": bool(question.filters),
            "pincite.question.history": len(question.history),
        }
        with self._telemetry.tracer.span("ask", "internal", attributes) as span:
            asking = _Asking(question, span)
            try:
                yield asking
            except BaseException as error:
                self._failed(asking, code_of(error))
                raise
            else:
                self._answered(asking)

    def _answered(self, asking: "_Asking") -> None:
        answer = asking.answer
        assert answer is not None
        self._telemetry.metrics.answered(answer)
        caller = (CURRENT.get() or {}).get("caller")
        if self._recent and caller:
            self._recent.keep(caller, asking.question.text, answer)
        fields = {
            "status": answer.status,
            "reason": answer.reason,
            "mode": answer.mode,
            "language": answer.language,
            "confidence": answer.confidence,
            "citations": len(answer.citations),
            "degraded": answer.degraded,
            "generation": answer.index_generation,
        }
        told = {f"pincite.answer.{k}": v for k, v in fields.items() if v is not None}
        asking.span.tell(told)
        asking.span.stages(answer.timings_ms)
        self._log(asking, {**fields, "timings_ms": answer.timings_ms})

    def _failed(self, asking: "_Asking", code: str) -> None:
        self._telemetry.metrics.failed(code)
        asking.span.fail(code)
        self._log(asking, {"status": "error", "code": code})

    def _log(self, asking: "_Asking", fields: dict[str, Any]) -> None:
        text = {"question": asking.question.text} if self._telemetry.log_questions else {}
        logger.info("question", extra={"fields": {**fields, **text, **request_fields()}})


class _Asking:
    """One question under way."""

    def __init__(self, question: Question, span: Span) -> None:
        self.question = question
        self.span = span
        self.answer: Answer | None = None


class ObservedModel:
    """A language model whose calls are counted and traced; neither prompt nor text is told.

    Source:
        OpenTelemetry, Semantic Conventions for Generative AI, "chat" spans.
    """

    def __init__(self, model: LanguageModel, telemetry: Telemetry) -> None:
        self.name = model.name
        self.context_tokens = model.context_tokens
        self.max_tokens = model.max_tokens
        self._model = model
        self._telemetry = telemetry

    def count_tokens(self, text: str) -> int:
        """Count a text's tokens, never too few."""
        return self._model.count_tokens(text)

    def stream(
        self, messages: Sequence[Message], cancel: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the continuation's text piece by piece, as the model does."""
        attributes: Attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": self.name,
            "gen_ai.request.max_tokens": self.max_tokens,
            "gen_ai.request.stream": True,
        }
        started = perf_counter()
        code: str | None = None
        with self._telemetry.tracer.span(f"chat {self.name}", "client", attributes) as span:
            try:
                for number, piece in enumerate(self._model.stream(messages, cancel)):
                    if number == 0:
                        first = perf_counter() - started
                        span.tell({"gen_ai.response.time_to_first_chunk": first})
                    yield piece
            except BaseException as error:
                code = code_of(error)
                span.fail(code)
                raise
            finally:
                self._telemetry.metrics.llm_called(perf_counter() - started, code)

    def close(self) -> None:
        """Give back what the model holds."""
        self._model.close()
