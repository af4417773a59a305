"""``pincite feedback`` as a person reads it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pincite.cli import main
from pincite.state.feedback import Rating, opinion_on
from pincite.state.store import State
from tests.state.made_up import answer


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A state with one thumb up and one down."""
    given: tuple[tuple[str, Rating, str], ...] = (
        ("a1", "up", "Right"),
        ("a2", "down", "[bold]Old[/] news"),
    )
    with State.open(tmp_path) as state:
        for identifier, rating, comment in given:
            state.feedback.give(
                opinion_on(
                    f"Question {identifier}?",
                    answer(identifier),
                    rating,
                    caller_id="key:1",
                    caller_name="bot",
                    comment=comment,
                    person="u7",
                )
            )
    return tmp_path


def _feedback(home: Path, *arguments: str) -> Result:
    command = ["--home", str(home), "feedback", *arguments]
    result = CliRunner().invoke(main, command, env={"COLUMNS": "120"})
    assert result.exit_code == 0, result.output
    return result


def _lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_ratings_are_listed_newest_first(home: Path) -> None:
    _, newest, oldest = _feedback(home, "list").stdout.splitlines()
    assert "[bold]Old[/] news" in newest
    assert "bot (u7)" in oldest
    assert "Question a1?" not in _feedback(home, "list", "--rating", "down").stdout
    assert "no such feedback" in _feedback(home, "list", "--since", "2999-01-01").stderr


def test_everything_is_exported(home: Path) -> None:
    down, up = _lines(_feedback(home, "export"))
    assert (up["rating"], up["question"], up["person"]) == ("up", "Question a1?", "u7")
    assert up["evidence"] == [["/docs/ferry.txt", "The ferry runs at night."]]
    assert down["comment"] == "[bold]Old[/] news"
    assert len(_lines(_feedback(home, "export", "--rating", "up"))) == 1


def test_what_became_a_question_is_not_drafted_again(home: Path) -> None:
    drafts = _lines(
        _feedback(home, "export", "--as", "questions", "--rating", "up", "--mark", "q.jsonl")
    )
    assert [draft["id"] for draft in drafts] == ["feedback-1"]
    again = _lines(_feedback(home, "export", "--as", "questions"))
    assert [draft["id"] for draft in again] == ["feedback-2"]
    assert _lines(_feedback(home, "export"))[1]["used_as"] == "q.jsonl"


def test_old_ratings_are_deleted(home: Path) -> None:
    assert "deleted 0" in _feedback(home, "clear", "--before", "2000-01-01").stderr
    assert "deleted 2" in _feedback(home, "clear", "--before", "2999-01-01").stderr
