"""Conversations: each belongs to one owner, and only to that owner's calls is it there."""

import secrets
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from pincite.errors import InputError
from pincite.library.database import Connection, Database, transaction
from pincite.records import Answer, Question
from pincite.state.errors import ConversationNotFoundError, StateFullError
from pincite.state.values import now, storable
from pincite.text import fold

LONGEST_TITLE = 200
MOST_TURNS = 200
MOST_CONVERSATIONS = 1_000
_INFO = "id, title, created, updated, (SELECT count(*) FROM turns WHERE conversation_id = id)"


@dataclass(frozen=True, slots=True)
class ConversationInfo:
    """A conversation without its turns; the times are ISO 8601, in UTC."""

    id: str
    title: str
    created: str
    updated: str
    turns: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, without the turns before it, and its answer."""

    question: Question
    answer: Answer
    created: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with its turns, oldest first."""

    info: ConversationInfo
    turns: tuple[Turn, ...]


class Conversations:
    """The conversations of the state file.

    Every call names the owner, a caller's id, and another's conversation is not found.
    """

    def __init__(
        self,
        database: Database,
        *,
        most: int = MOST_CONVERSATIONS,
        most_turns: int = MOST_TURNS,
    ) -> None:
        self._database = database
        self._most = most
        self._most_turns = most_turns

    def create(self, owner: str, title: str) -> ConversationInfo:
        """Begin a conversation.

        Raises:
            InputError: If the title is blank.
            StateFullError: If the owner has as many as are kept.
        """
        title = _title(title)
        made = ConversationInfo(secrets.token_urlsafe(16), title, at := now(), at, 0)
        with self._database.connection() as connection, transaction(connection):
            query = "SELECT count(*) FROM conversations WHERE owner = ?"
            count: Any = next(connection.execute(query, (owner,)))[0]
            if count >= self._most:
                raise StateFullError(
                    f"{self._most:,} conversations are kept and no more: delete old ones first"
                )
            row = (made.id, owner, title, fold(title), at, at)
            connection.execute("INSERT INTO conversations VALUES (?, ?, ?, ?, ?, ?)", row)
        return made

    def append(self, owner: str, conversation_id: str, question: Question, answer: Answer) -> Turn:
        """Add a turn at the end.

        Raises:
            ConversationNotFoundError: If the owner has no such conversation.
            StateFullError: If it has as many turns as are kept.
        """
        asked = replace(question, text=storable(question.text), history=())
        turn = Turn(asked, answer, now())
        with self._database.connection() as connection, transaction(connection):
            turns = _info(connection, owner, conversation_id).turns
            if turns >= self._most_turns:
                raise StateFullError(
                    f"a conversation keeps {self._most_turns} questions and no more: begin a new"
                    " one"
                )
            row = (
                conversation_id,
                turns,
                fold(asked.text),
                _questions().dump_json(asked).decode(),
                _answers().dump_json(answer).decode(),
                turn.created,
            )
            connection.execute("INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?)", row)
            self._touch(connection, conversation_id, turn.created)
        return turn

    def listed(
        self, owner: str, *, search: str = "", limit: int = 50, offset: int = 0
    ) -> list[ConversationInfo]:
        """List an owner's conversations, the one used last first.

        Args:
            owner: Whose.
            search: Only those with this in the title or a question, whatever its case, width and
                Chinese script.
            limit: Most wanted.
            offset: So many are left out at the beginning.
        """
        query = f"SELECT {_INFO} FROM conversations WHERE owner = ?"
        values: list[str | int] = [owner]
        if wanted := fold(storable(search.strip())):
            query += (
                " AND (instr(folded, ?) OR EXISTS"
                " (SELECT 1 FROM turns WHERE conversation_id = id AND instr(turns.folded, ?)))"
            )
            values += [wanted, wanted]
        query += " ORDER BY updated DESC, rowid DESC LIMIT ? OFFSET ?"
        with self._database.connection() as connection:
            rows: list[Any] = connection.execute(query, (*values, limit, offset)).fetchall()
        return [ConversationInfo(*row) for row in rows]

    def get(self, owner: str, conversation_id: str) -> Conversation:
        """Read a conversation.

        Raises:
            ConversationNotFoundError: If the owner has no such conversation.
        """
        query = (
            "SELECT question, answer, created FROM turns WHERE conversation_id = ? ORDER BY ordinal"
        )
        with self._database.snapshot() as connection:
            info = _info(connection, owner, conversation_id)
            rows = connection.execute(query, (conversation_id,)).fetchall()
        return Conversation(info, tuple(_turn(row) for row in rows))

    def rename(self, owner: str, conversation_id: str, title: str) -> ConversationInfo:
        """Give a conversation another title.

        Raises:
            InputError: If the title is blank.
            ConversationNotFoundError: If the owner has no such conversation.
        """
        title = _title(title)
        with self._database.connection() as connection, transaction(connection):
            info = _info(connection, owner, conversation_id)
            query = "UPDATE conversations SET title = ?, folded = ? WHERE id = ?"
            connection.execute(query, (title, fold(title), conversation_id))
        return replace(info, title=title)

    def delete(self, owner: str, conversation_id: str) -> None:
        """Delete a conversation with its turns.

        Raises:
            ConversationNotFoundError: If the owner has no such conversation.
        """
        with self._database.connection() as connection, transaction(connection):
            _info(connection, owner, conversation_id)
            connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))

    @staticmethod
    def _touch(connection: Connection, conversation_id: str, at: str) -> None:
        query = "UPDATE conversations SET updated = ? WHERE id = ?"
        connection.execute(query, (at, conversation_id))


def _title(title: str) -> str:
    title = " ".join(storable(title).split())
    if not title:
        raise InputError("the title is blank; write what the conversation is about")
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"


def _info(connection: Connection, owner: str, conversation_id: str) -> ConversationInfo:
    query = f"SELECT {_INFO} FROM conversations WHERE owner = ? AND id = ?"
    found: Any = connection.execute(query, (owner, conversation_id)).fetchone()
    if not found:
        raise ConversationNotFoundError("there is no such conversation; it may have been deleted")
    return ConversationInfo(*found)


# Made when first needed: the command line reads no conversations and need not wait for them.
@cache
def _questions() -> TypeAdapter[Question]:
    return TypeAdapter(Question)


@cache
def _answers() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)


def _turn(row: tuple[Any, ...]) -> Turn:
    question, answer, created = row
    return Turn(
        _questions().validate_json(question), _answers().validate_json(answer), str(created)
    )
