"""Conversations belong to their owner, whatever others try."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pincite.errors import InputError
from pincite.explanation import Filters
from pincite.library.database import Database
from pincite.records import Message, Question
from pincite.state.conversations import LONGEST_TITLE, Conversations
from pincite.state.errors import ConversationNotFoundError, StateFullError
from pincite.state.schema import SCHEMA, STATE
from pincite.state.store import State
from tests.state.made_up import answer

ANN, BOB = "key:ann", "user:bob"
FERRY = Question("Does the ferry run at night?")


@pytest.fixture
def kept(state: State) -> Conversations:
    return state.conversations


def test_a_conversation_is_read_as_it_was_held(kept: Conversations) -> None:
    begun = kept.create(ANN, " Ferries \n at night ")
    assert re.fullmatch(r"[\w-]{22}", begun.id)
    asked = Question(
        "And the 市立博物馆?",
        top_k=3,
        filters=Filters(tags=("news",)),
        history=(Message("user", FERRY.text),),
    )
    first = kept.append(ANN, begun.id, FERRY, answer("a1"))
    second = kept.append(ANN, begun.id, asked, answer("a2", "不开放 [1]。"))
    conversation = kept.get(ANN, begun.id)
    assert conversation.info.title == "Ferries at night"
    assert conversation.info.turns == 2
    assert conversation.info.updated == second.created
    assert conversation.turns == (first, second)
    assert conversation.turns[1].answer == answer("a2", "不开放 [1]。")
    assert conversation.turns[1].question.filters.tags == ("news",)
    assert conversation.turns[1].question.history == ()


@pytest.mark.parametrize(
    "act",
    [
        lambda kept, owner, id_: kept.get(owner, id_),
        lambda kept, owner, id_: kept.append(owner, id_, FERRY, answer()),
        lambda kept, owner, id_: kept.rename(owner, id_, "Mine"),
        lambda kept, owner, id_: kept.delete(owner, id_),
    ],
    ids=["get", "append", "rename", "delete"],
)
def test_another_owner_finds_nothing_and_changes_nothing(
    kept: Conversations, act: Callable[[Conversations, str, str], object]
) -> None:
    begun = kept.create(ANN, "Ferries")
    kept.append(ANN, begun.id, FERRY, answer())
    before = kept.get(ANN, begun.id)
    messages = set()
    for owner, identifier in ((BOB, begun.id), (ANN, "x" * 22), ("", begun.id), ("%", begun.id)):
        with pytest.raises(ConversationNotFoundError) as refused:
            act(kept, owner, identifier)
        messages.add(str(refused.value))
    assert len(messages) == 1
    assert kept.get(ANN, begun.id) == before
    assert kept.listed(BOB) == []
    assert kept.listed(BOB, search="ferr") == []
    act(kept, ANN, begun.id)


def test_the_list_is_searched_in_titles_and_questions(kept: Conversations) -> None:
    ferry, museum, empty = (kept.create(ANN, title) for title in ("Boats", "博物館", "100%_"))
    kept.append(ANN, ferry.id, FERRY, answer())
    kept.append(ANN, museum.id, Question("ＦＥＲＲＹ tickets?"), answer())
    found = {
        words: [info.title for info in kept.listed(ANN, search=words)]
        for words in ("", "FERRY", "night", "博物馆", "100%", "%", "_", "boats night", "answer")
    }
    assert found[""] == ["博物館", "Boats", "100%_"]
    assert sorted(found["FERRY"]) == ["Boats", "博物館"]
    assert found["night"] == ["Boats"]
    assert found["博物馆"] == ["博物館"]
    assert found["100%"] == found["%"] == found["_"] == ["100%_"]
    assert found["boats night"] == found["answer"] == []
    assert [i.id for i in kept.listed(ANN, limit=1, offset=1)] == [ferry.id]
    kept.delete(ANN, empty.id)
    assert len(kept.listed(ANN)) == 2


def test_half_a_character_breaks_nothing(kept: Conversations) -> None:
    begun = kept.create(ANN, "half \ud83d")
    kept.append(ANN, begun.id, Question("half \ud83d?"), answer())
    assert kept.get(ANN, begun.id).turns[0].question.text == "half ??"
    assert len(kept.listed(ANN, search="half \ud83d")) == 1


def test_titles_are_renamed_cut_and_not_blank(kept: Conversations) -> None:
    begun = kept.create(ANN, "x" * 300)
    assert len(begun.title) == LONGEST_TITLE
    assert kept.rename(ANN, begun.id, "New").title == "New"
    assert [info.title for info in kept.listed(ANN, search="new")] == ["New"]
    for blank in ("", " \n"):
        with pytest.raises(InputError, match="blank"):
            kept.rename(ANN, begun.id, blank)
        with pytest.raises(InputError, match="blank"):
            kept.create(ANN, blank)


def test_no_more_is_kept_than_may_be_and_others_are_not_touched(
    state: State, tmp_path: Path
) -> None:
    assert state.conversations.listed(ANN) == []
    database = Database(tmp_path / "home" / STATE, SCHEMA)
    kept = Conversations(database, most=2, most_turns=2)
    begun = [kept.create(ANN, f"c{number}") for number in range(2)]
    with pytest.raises(StateFullError, match="delete"):
        kept.create(ANN, "c2")
    kept.create(BOB, "c0")
    for _ in range(2):
        kept.append(ANN, begun[0].id, FERRY, answer())
    with pytest.raises(StateFullError, match="new"):
        kept.append(ANN, begun[0].id, FERRY, answer())
    assert kept.get(ANN, begun[0].id).info.turns == 2
    kept.delete(ANN, begun[1].id)
    kept.create(ANN, "c2")
    database.close()
