"""Ratings: what is kept of them, which replaces which, and the questions drafted from them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pincite.errors import InputError
from pincite.evaluate.questions import load_questions
from pincite.library.database import Database
from pincite.state.drafts import question_draft
from pincite.state.errors import FeedbackNotFoundError, StateFullError
from pincite.state.feedback import Feedback, Opinion, Rating, opinion_on
from pincite.state.schema import SCHEMA, STATE
from pincite.state.store import State
from tests.state.made_up import QUOTE, answer


def _opinion(identifier: str = "a1", rating: Rating = "up", **changes: str) -> Opinion:
    made = opinion_on(
        "Does it run?", answer(identifier), rating, caller_id="key:1", caller_name="bot"
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_everything_about_the_answer_is_kept(state: State) -> None:
    given = _opinion(comment="Nice 👍", person="u1")
    stored = state.feedback.give(given)
    assert state.feedback.listed() == [stored]
    assert stored.opinion == given
    assert given.evidence == (("/docs/ferry.txt", QUOTE),)
    assert (given.status, given.language, given.index_generation) == ("answered", "en", 3)


def test_a_second_thought_replaces_the_first_of_the_same_person_only(state: State) -> None:
    first = state.feedback.give(_opinion(rating="up"))
    others = [{"person": "u2"}, {"caller_id": "key:2"}, {"answer_id": "a2"}]
    for other in others:
        state.feedback.give(replace(_opinion(), **other))  # type: ignore[arg-type]
    again = state.feedback.give(_opinion(rating="down", comment="No"))
    assert again.id == first.id
    assert state.feedback.count() == 1 + len(others)
    assert [s.opinion.comment for s in state.feedback.listed(rating="down")] == ["No"]


def test_ratings_are_chosen_and_paged(state: State) -> None:
    made = [state.feedback.give(_opinion(f"a{n}", "down" if n % 2 else "up")) for n in range(5)]
    newest_first = [stored.id for stored in reversed(made)]
    assert [s.id for s in state.feedback.listed()] == newest_first
    assert [s.id for s in state.feedback.listed(limit=2, offset=1)] == newest_first[1:3]
    assert state.feedback.count(rating="down") == 2
    assert state.feedback.count(since=made[0].created[:10]) == 5
    assert state.feedback.count(since="2999-01-01") == 0
    state.feedback.mark([made[0].id, made[1].id], "q007")
    assert state.feedback.listed()[-1].used_as == "q007"
    assert [s.id for s in state.feedback.listed(unused=True)] == newest_first[:3]
    with pytest.raises(FeedbackNotFoundError, match="99"):
        state.feedback.mark([made[2].id, 99], "q008")
    assert len(state.feedback.listed(unused=True)) == 3
    assert state.feedback.clear(before="2000-01-01") == 0
    assert state.feedback.clear(before="2999-01-01") == 5


def test_no_more_are_kept_than_may_be(state: State, tmp_path: Path) -> None:
    database = Database(tmp_path / "home" / STATE, SCHEMA)
    feedback = Feedback(database, most=2)
    for number in range(2):
        feedback.give(_opinion(f"a{number}"))
    with pytest.raises(StateFullError, match="export"):
        feedback.give(_opinion("a2"))
    assert feedback.give(_opinion("a1", "down")).opinion.rating == "down"
    assert feedback.count() == 2
    database.close()


def _file(path: Path, *drafts: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(draft) + "\n" for draft in drafts), encoding="utf-8")
    return path


def test_a_thumb_up_drafts_a_whole_question(state: State, tmp_path: Path) -> None:
    cited = question_draft(state.feedback.give(_opinion(comment="Yes")))
    refused = question_draft(state.feedback.give(replace(_opinion("a2"), status="not_found")))
    first, second = load_questions(_file(tmp_path / "q.jsonl", cited, refused))
    assert (first.text, first.answerable, first.evidence[0].quote) == ("Does it run?", True, QUOTE)
    assert not second.answerable
    assert "Yes" in str(cited["note"])


def test_a_thumb_down_leaves_the_decision_to_a_person(state: State, tmp_path: Path) -> None:
    draft = question_draft(state.feedback.give(_opinion(rating="down", comment="Old news")))
    with pytest.raises(InputError, match=r"line 1.*answerable"):
        load_questions(_file(tmp_path / "q.jsonl", draft))
    assert "Old news" in str(draft["note"])
    assert load_questions(_file(tmp_path / "q.jsonl", {**draft, "answerable": False}))


def test_one_is_read_by_its_id_and_those_unused_are_counted(state: State) -> None:
    first, second = (state.feedback.give(_opinion(name)) for name in ("a1", "a2"))
    assert state.feedback.get(second.id) == second
    with pytest.raises(FeedbackNotFoundError, match="feedback 99"):
        state.feedback.get(99)
    state.feedback.mark([first.id], "q001")
    assert (state.feedback.count(), state.feedback.count(unused=True)) == (2, 1)
