"""What people thought of answers."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pincite.library.database import Database, transaction
from pincite.records import Answer, Status
from pincite.state.errors import FeedbackNotFoundError, StateFullError
from pincite.state.values import now, storable

Rating = Literal["up", "down"]

LONGEST_COMMENT = 2_000
MOST_FEEDBACK = 100_000
_GIVEN = (
    "answer_id, caller_id, caller_name, person, rating, comment, question, answer, status,"
    " language, index_generation, evidence"
)


@dataclass(frozen=True, slots=True)
class Opinion:
    """One rating of one answer.

    ``caller_id`` and ``caller_name`` are the key's or user's; ``person`` tells apart the people
    that one key serves. ``evidence`` are the sources and quotes that the answer cited.
    """

    answer_id: str
    caller_id: str
    caller_name: str
    rating: Rating
    question: str
    answer: str
    comment: str = ""
    person: str = ""
    status: Status | None = None
    language: str | None = None
    index_generation: int | None = None
    evidence: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StoredOpinion:
    """An opinion as it is kept; ``used_as`` names the evaluation question made of it."""

    id: int
    opinion: Opinion
    created: str
    used_as: str | None


def opinion_on(
    question: str,
    answer: Answer,
    rating: Rating,
    *,
    caller_id: str,
    caller_name: str,
    comment: str = "",
    person: str = "",
) -> Opinion:
    """Make the opinion on an answer that is at hand, with what it cited."""
    return Opinion(
        answer_id=answer.id,
        caller_id=caller_id,
        caller_name=caller_name,
        rating=rating,
        question=question,
        answer=answer.answer,
        comment=comment,
        person=person,
        status=answer.status,
        language=answer.language,
        index_generation=answer.index_generation,
        evidence=tuple((c.source, c.quote) for c in answer.citations),
    )


class Feedback:
    """The ratings of the state file."""

    def __init__(self, database: Database, *, most: int = MOST_FEEDBACK) -> None:
        self._database = database
        self._most = most

    def give(self, opinion: Opinion) -> StoredOpinion:
        """Keep an opinion; it replaces what the same person thought of the same answer.

        Raises:
            StateFullError: If no more are kept.
        """
        values = (
            opinion.answer_id,
            opinion.caller_id,
            opinion.caller_name,
            storable(opinion.person),
            opinion.rating,
            storable(opinion.comment),
            storable(opinion.question),
            opinion.answer,
            opinion.status,
            opinion.language,
            opinion.index_generation,
            json.dumps(opinion.evidence, ensure_ascii=False),
            created := now(),
        )
        with self._database.connection() as connection, transaction(connection):
            rows: list[Any] = connection.execute(
                f"INSERT INTO feedback ({_GIVEN}, created)"
                f" VALUES ({', '.join('?' * len(values))})"
                " ON CONFLICT (caller_id, person, answer_id) DO UPDATE SET"
                " rating = excluded.rating, comment = excluded.comment,"
                " created = excluded.created RETURNING id",
                values,
            ).fetchall()
            count: Any = next(connection.execute("SELECT count(*) FROM feedback"))[0]
            if count > self._most:
                raise StateFullError(
                    f"{self._most:,} ratings are kept and no more: export them with"
                    " `pincite feedback export` and delete old ones with `pincite feedback clear`"
                )
        return StoredOpinion(rows[0][0], opinion, created, None)

    def get(self, number: int) -> StoredOpinion:
        """Read one opinion.

        Raises:
            FeedbackNotFoundError: If there is none of this id.
        """
        query = f"SELECT id, created, used_as, {_GIVEN} FROM feedback WHERE id = ?"
        with self._database.connection() as connection:
            row: Any = connection.execute(query, (number,)).fetchone()
        if row is None:
            raise _unknown(number)
        return _stored(row)

    def count(self, *, rating: Rating | None = None, since: str = "", unused: bool = False) -> int:
        """Count the opinions that ``listed`` would list."""
        with self._database.connection() as connection:
            where, values = _where(rating, since, unused=unused)
            found: Any = next(connection.execute(f"SELECT count(*) FROM feedback {where}", values))
        return int(found[0])

    def listed(
        self,
        *,
        rating: Rating | None = None,
        since: str = "",
        unused: bool = False,
        limit: int = -1,
        offset: int = 0,
    ) -> list[StoredOpinion]:
        """List opinions, the newest first.

        Args:
            rating: Only these.
            since: Only those from this ISO 8601 date or time on, in UTC.
            unused: Only those of which no evaluation question was made.
            limit: Most wanted; -1: all.
            offset: So many are left out at the beginning.
        """
        where, values = _where(rating, since, unused=unused)
        query = (
            f"SELECT id, created, used_as, {_GIVEN} FROM feedback {where}"
            " ORDER BY created DESC, id DESC LIMIT ? OFFSET ?"
        )
        with self._database.connection() as connection:
            rows = connection.execute(query, (*values, limit, offset)).fetchall()
        return [_stored(row) for row in rows]

    def mark(self, numbers: Iterable[int], used_as: str) -> None:
        """Note that an evaluation question was made of opinions, and its id or file.

        Raises:
            FeedbackNotFoundError: If there is no opinion of one of the ids; none is marked then.
        """
        with self._database.connection() as connection, transaction(connection):
            for number in numbers:
                connection.execute(
                    "UPDATE feedback SET used_as = ? WHERE id = ?", (used_as, number)
                )
                if not connection.changes():
                    raise _unknown(number)

    def clear(self, *, before: str) -> int:
        """Delete the opinions older than this ISO 8601 date or time; their number."""
        with self._database.connection() as connection, transaction(connection):
            connection.execute("DELETE FROM feedback WHERE created < ?", (before,))
            return int(connection.changes())


def _unknown(number: int) -> FeedbackNotFoundError:
    return FeedbackNotFoundError(
        f"there is no feedback {number}: `pincite feedback list` shows the ids"
    )


def _where(rating: Rating | None, since: str, *, unused: bool) -> tuple[str, Sequence[str]]:
    where, values = "WHERE created >= ?", [since]
    if rating:
        where, values = f"{where} AND rating = ?", [*values, rating]
    return (f"{where} AND used_as IS NULL" if unused else where), values


def _stored(row: tuple[Any, ...]) -> StoredOpinion:
    number, created, used_as, *given, evidence = row
    names = _GIVEN.split(", ")[:-1]
    pieces = tuple((source, quote) for source, quote in json.loads(evidence))
    opinion = Opinion(**dict(zip(names, given, strict=True)), evidence=pieces)
    return StoredOpinion(number, opinion, created, used_as)
