"""The small library of articles, answered by a scripted LLM through the program's own wiring."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from pincite.records import Answer, Delta, Event, Question, Restart
from pincite.settings import Settings
from pincite.wiring import open_workspace
from pincite.workspace import Workspace
from tests.llm.scripted import Behaviour, ScriptedServer, scripted

MARKER = re.compile(r"\[([\d-]+)\]")
TICKET = Question("How much is a night ticket for the ferry?")


@contextmanager
def answered_by(
    articles: Workspace, *script: Behaviour, base_url: str | None = None, **settings: object
) -> Iterator[tuple[Workspace, ScriptedServer]]:
    """Open the articles once more, with a server that does what the script says as the LLM."""
    with scripted(script) as server:
        given = Settings(
            home=articles.library.home,
            llm="openai",
            llm_base_url=base_url or server.base_url,
            llm_model="scripted",
            **{"llm_max_tokens": 256, "llm_first_token_seconds": 5, **settings},  # type: ignore[arg-type]
        )
        with open_workspace(given, articles.encoder) as workspace:
            yield workspace, server


def events_of(workspace: Workspace, question: Question) -> tuple[list[Event], Answer]:
    """Answer a question; check what holds of every answer, and return its events and itself."""
    *events, answer = workspace.stream(question)
    assert isinstance(answer, Answer)
    assert not any(isinstance(event, Answer) for event in events)
    said = ""
    for event in events:
        if isinstance(event, Restart):
            said = ""
        elif isinstance(event, Delta):
            assert event.text
            said += event.text
    assert said == answer.answer
    check(workspace, answer)
    return events, answer


def check(workspace: Workspace, answer: Answer) -> None:
    """Check that quotes are literal, and markers and offsets lead where they say."""
    for number, citation in enumerate(answer.citations, 1):
        assert citation.marker == number
        text = workspace.document(citation.document_id).text
        assert text[citation.start : citation.end] == citation.quote
    cited: set[int] = set()
    for statement in answer.statements:
        assert statement.supported
        assert statement.citations
        assert answer.answer[statement.start : statement.end] == statement.text
        assert not MARKER.search(statement.text)
        cited.update(statement.citations)
    assert cited == {citation.marker for citation in answer.citations}
    assert {int(number) for number in MARKER.findall(answer.answer)} == cited
    assert bool(answer.citations) == (answer.status != "not_found")
    assert (answer.reason is None) == (answer.status != "not_found")
    assert 0 <= answer.confidence <= 1
