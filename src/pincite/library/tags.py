"""Tags: short names that documents carry, any number each, and a search may be limited to."""

from collections.abc import Iterable

from pincite.errors import InputError
from pincite.library.database import Connection
from pincite.text import clean_text

LONGEST_TAG = 50
MOST_TAGS = 50


def clean_tag(text: str) -> str:
    """Return a tag as it is stored: in lower case, on one line, without space around it.

    Raises:
        InputError: If nothing is left or it is too long.
    """
    tag = " ".join(clean_text(text).split()).lower()
    if not 0 < len(tag) <= LONGEST_TAG:
        raise InputError(
            f"the tag {tag[:LONGEST_TAG]!r} has {len(tag)} characters; wanted 1 to {LONGEST_TAG}"
        )
    return tag


def clean_tags(texts: Iterable[str]) -> list[str]:
    """Return distinct tags as they are stored, in the order given.

    Raises:
        InputError: If one cannot be a tag or there are too many.
    """
    tags = list(dict.fromkeys(clean_tag(text) for text in texts))
    if len(tags) > MOST_TAGS:
        raise InputError(f"{len(tags)} tags; wanted at most {MOST_TAGS}")
    return tags


def tags_of(connection: Connection, condition: str, *values: str) -> set[str]:
    """Return the tags of the documents that meet a condition."""
    found = connection.execute(
        "SELECT tag FROM document_tags"
        f" WHERE document_id IN (SELECT id FROM documents WHERE {condition})",
        values,
    )
    return {tag for (tag,) in found}


def change_tags(
    connection: Connection, document_id: str, *, add: Iterable[str], remove: Iterable[str] = ()
) -> None:
    """Store tags that a document does not have yet, and delete others."""
    connection.executemany(
        "DELETE FROM document_tags WHERE document_id = ? AND tag = ?",
        [(document_id, tag) for tag in remove],
    )
    connection.executemany(
        "INSERT INTO document_tags VALUES (?, ?)", [(document_id, tag) for tag in add]
    )
