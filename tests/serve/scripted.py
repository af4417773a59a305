"""A stream of events that a test writes, in the place of a workspace's own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event
from typing import Any

from pincite import records
from pincite.errors import CancelledError
from pincite.explanation import Explanation, Filters, Searched, Thresholds
from pincite.records import Answer, Delta, Question, Stage
from tests.serve.memory import MemoryWorkspace

Step = records.Event | Callable[[], object]


def plays(*steps: Step) -> Callable[[Question, Event | None], Iterator[records.Event]]:
    """Return a ``stream`` that yields events and calls what is no event, until it is cancelled."""

    def stream(question: Question, cancel: Event | None = None) -> Iterator[records.Event]:
        assert cancel
        for step in steps:
            if cancel.is_set():
                raise CancelledError("nobody waits any longer")
            if callable(step):
                step()
            else:
                yield step
        if cancel.is_set():
            raise CancelledError("nobody waits any longer")

    return stream


def pieces(answer: Answer) -> list[records.Event]:
    """Return the events of an answer that an LLM wrote, statement by statement."""
    events: list[records.Event] = [Stage("retrieving"), Stage("reading"), Stage("generating")]
    at = 0
    for statement in answer.statements:
        end = answer.answer.index("]", statement.end) + 1
        events.append(Delta(answer.answer[at:end]))
        at = end
    return events


def explained(workspace: MemoryWorkspace, question: str, **changes: Any) -> Answer:
    """Return the answer to a question with what was searched and why, changed as told."""
    answer = workspace.answer(Question(question, explain=True))
    searched = Searched(
        filters=changes.pop("filters", Filters()),
        documents=len(workspace.stored),
        passages=sum(map(len, workspace.kept.values())),
        undated=0,
        reranker=None,
        thresholds=Thresholds(0.4, 0.2, 0.1, 0.92),
        calibration="packaged",
        contexts=(),
    )
    rows: list[Explanation] = answer.explain or []
    rows = [replace(row, support=0.5, used=place == 0) for place, row in enumerate(rows)]
    return replace(answer, explain=rows, search=searched, **changes)
