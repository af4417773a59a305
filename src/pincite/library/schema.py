"""What one library file holds: its tables, its marks and the settings that made it."""

from dataclasses import dataclass

from pincite.embed.encoder import EncoderSpec
from pincite.library.database import Schema

DATABASE = "library.sqlite3"
VERSION = 2

_DOCUMENT_TAGS = """
CREATE TABLE document_tags (
    document_id TEXT NOT NULL REFERENCES documents(id) ON UPDATE CASCADE ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (document_id, tag)
) STRICT, WITHOUT ROWID;
"""

# Passage rows never change once written: whatever has a passage's id has its content.
# The text is the last column, so that reading the others leaves its pages alone.
_TABLES = f"""
CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    identity TEXT NOT NULL,
    generation INTEGER NOT NULL,
    erase_pending INTEGER NOT NULL DEFAULT 0,
    encoder_name TEXT NOT NULL,
    encoder_revision TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    max_length INTEGER NOT NULL,
    splitter_version INTEGER NOT NULL,
    passage_tokens INTEGER NOT NULL
) STRICT;
CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    published TEXT,
    lang TEXT NOT NULL,
    media_type TEXT NOT NULL,
    encoding TEXT,
    sha256 TEXT NOT NULL UNIQUE,
    added TEXT NOT NULL,
    characters INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL REFERENCES documents(id) ON UPDATE CASCADE ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    heading TEXT NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (document_id, ordinal)
) STRICT;
CREATE TABLE sentences (
    passage_id INTEGER NOT NULL REFERENCES passages(id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    vector BLOB,
    UNIQUE (passage_id, ordinal)
) STRICT;
{_DOCUMENT_TAGS}"""

SCHEMA = Schema(
    name="a Pincite library",
    application_id=0x50_49_4E_43,  # "PINC"
    version=VERSION,
    tables=_TABLES,
    upgrades={1: _DOCUMENT_TAGS},
    remedy="delete it and ingest the documents again",
)


@dataclass(frozen=True, slots=True)
class LibrarySpec:
    """What made a library's passages and vectors; ``passage_tokens`` is a passage's most."""

    encoder: EncoderSpec
    splitter_version: int
    passage_tokens: int

    def __str__(self) -> str:
        return (
            f"{self.encoder.name} (revision {self.encoder.revision}, {self.encoder.dimension}"
            f" dimensions, {self.encoder.max_length} tokens), splitter version"
            f" {self.splitter_version}, passages of {self.passage_tokens} tokens"
        )
