"""A language model that fails: the answer quotes instead, and says so; none passes for complete."""

import threading
from dataclasses import asdict, replace
from time import monotonic
from typing import Any

import pytest

from pincite.errors import CancelledError
from pincite.records import Answer, Delta, Message, Question, Restart, Stage
from pincite.workspace import Workspace
from tests.answer.llm_workspace import TICKET, answered_by, events_of
from tests.answer.test_writing import COSTS, ENGINES
from tests.llm import behaviours as server_of
from tests.llm.behaviours import nowhere, says, status
from tests.llm.scripted import Behaviour, Exchange

TRUE = f"{COSTS} [1]. {ENGINES} [1]. "


def _well(exchange: Exchange) -> None:
    says(TRUE)(exchange)


@pytest.mark.parametrize(
    ("script", "told", "requests", "settings"),
    [
        ([server_of.silent()], "did not begin", 1, {"llm_first_token_seconds": 0.5}),
        ([server_of.silent(TRUE)], "fell silent", 1, {"llm_token_seconds": 0.5}),
        ([server_of.drip_bytes(1)], "did not begin", 1, {"llm_first_token_seconds": 2.5}),
        ([server_of.drip(0.1, TRUE)], "did not end", 1, {"llm_total_seconds": 1}),
        ([server_of.html()], "text/html", 1, {}),
        ([server_of.invalid_json()], "invalid JSON", 1, {}),
        ([server_of.empty_choices()], "no choices", 1, {}),
        ([status(429, Retry_After="0")], "status 429", 4, {}),
        ([status(429, Retry_After="30")], "left alone for 30 s", 1, {}),
        ([status(429, Retry_After="1e9")], "1000000000 s", 1, {}),
        ([server_of.cut(TRUE)], "broke its answer off", 1, {}),
        ([server_of.cut_chunked(TRUE)], "broke its answer off", 1, {}),
        ([says(TRUE, finish="length")], "token", 1, {}),
        ([server_of.endless(TRUE)], "characters", 1, {}),
        ([server_of.huge()], "bytes", 1, {}),
        ([status(401)], "PINCITE_LLM_API_KEY", 1, {}),
        ([server_of.dropped()], "closed the connection", 1, {"llm_retries": 0}),
    ],
)  # fmt: skip
def test_a_fault_falls_back_to_quotes_that_say_so(
    articles: Workspace,
    script: list[Behaviour],
    told: str,
    requests: int,
    settings: dict[str, Any],
) -> None:
    with answered_by(articles, *script, **settings) as (workspace, server):
        events, answer = events_of(workspace, TICKET)
        assert len(server.requests) == requests
    (restart,) = (event for event in events if isinstance(event, Restart))
    assert told in restart.degraded
    assert answer.degraded == restart.degraded
    _is_quoted(articles, answer)


def _is_quoted(articles: Workspace, answer: Answer) -> None:
    """Check that but for the fault the answer is the one without a model."""
    quoted = articles.ask(TICKET)
    assert quoted.degraded is None
    assert asdict(replace(answer, degraded=None, timings_ms={})) == asdict(
        replace(quoted, timings_ms={})
    )


def test_a_server_that_is_not_running_falls_back_to_quotes(articles: Workspace) -> None:
    with answered_by(articles, _well, base_url=nowhere()) as (workspace, _):
        events, answer = events_of(workspace, TICKET)
    assert Restart(answer.degraded or "") in events
    assert "start it" in (answer.degraded or "")
    _is_quoted(articles, answer)


def test_a_server_that_recovers_is_waited_for(articles: Workspace) -> None:
    with answered_by(articles, *[status(500)] * 3, _well) as (workspace, server):
        events, answer = events_of(workspace, TICKET)
    assert len(server.requests) == 4
    assert (answer.mode, answer.degraded) == ("llm", None)
    assert not any(isinstance(event, Restart) for event in events)


def test_verified_pieces_that_were_sent_are_taken_back(articles: Workspace) -> None:
    with answered_by(articles, server_of.cut(TRUE * 2)) as (workspace, _):
        events, answer = events_of(workspace, TICKET)
    at = next(place for place, event in enumerate(events) if isinstance(event, Restart))
    assert any(isinstance(event, Delta) for event in events[:at])
    assert answer.mode == "extractive"
    assert answer.timings_ms["generate"] > 0
    assert answer.timings_ms["total"] >= answer.timings_ms["generate"]


def test_a_fault_in_rewriting_costs_one_call_and_falls_back_to_the_rule(
    articles: Workspace,
) -> None:
    history = (Message("user", "Will the harbour ferry run at night?"),)
    question = Question("and how much is a ticket?", history=history)
    with answered_by(articles, server_of.html(), _well) as (workspace, server):
        events, answer = events_of(workspace, question)
        assert len(server.requests) == 1
    assert isinstance(events[0], Restart)
    assert answer.resolved == articles.ask(question).resolved
    assert (answer.mode, answer.status) == ("extractive", "answered")
    assert "text/html" in (answer.degraded or "")


def test_several_failures_in_a_row_pause_the_model(articles: Workspace) -> None:
    pause: dict[str, Any] = {"llm_pause_after": 2, "llm_pause_seconds": 0.5}
    with answered_by(articles, *[server_of.html()] * 2, _well, **pause) as (workspace, server):
        degraded = [workspace.ask(TICKET).degraded or "" for _ in range(3)]
        assert ["is asked again in" in text for text in degraded] == [False, False, True]
        assert len(server.requests) == 2
        threading.Event().wait(0.6)
        assert workspace.ask(TICKET).degraded is None


@pytest.mark.parametrize("behaviour", [server_of.silent(), server_of.drip(0.05, TRUE)])
@pytest.mark.parametrize("history", [(), (Message("user", "Will the ferry run at night?"),)])
def test_cancelling_reaches_the_server(
    articles: Workspace, behaviour: Behaviour, history: tuple[Message, ...]
) -> None:
    cancel = threading.Event()
    with answered_by(articles, behaviour) as (workspace, server):
        asked = workspace.stream(replace(TICKET, history=history), cancel)
        timer = threading.Timer(0.5, cancel.set)
        timer.start()
        with pytest.raises(CancelledError):
            list(asked)
        assert cancel.is_set()
        begun = monotonic()
        assert server.requests[0].gone.wait(2)
        assert monotonic() - begun < 2


def test_who_leaves_the_stream_ends_the_call(articles: Workspace) -> None:
    with answered_by(articles, server_of.drip(0.05, TRUE)) as (workspace, server):
        events = workspace.stream(TICKET)
        while next(events) != Stage("generating"):
            pass
        next(events)
        events.close()  # type: ignore[attr-defined]
        assert server.requests[0].gone.wait(2)


def test_a_question_cancelled_before_it_begins_asks_nobody(articles: Workspace) -> None:
    cancel = threading.Event()
    cancel.set()
    with answered_by(articles, _well) as (workspace, server):
        with pytest.raises(CancelledError):
            workspace.ask(TICKET, cancel)
        assert server.requests == []
