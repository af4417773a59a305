"""What the state file holds."""

from pincite.library.database import Schema

STATE = "state.sqlite3"

# Rights are only ever stored as digests: who reads the file can neither use a key nor a session.
_KEYS = """
CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('ask', 'manage')),
    digest BLOB NOT NULL UNIQUE,
    created TEXT NOT NULL,
    last_used TEXT,
    revoked TEXT
) STRICT;
CREATE UNIQUE INDEX live_key_names ON keys (name) WHERE revoked IS NULL;
CREATE TABLE sessions (
    digest BLOB PRIMARY KEY,
    holder TEXT NOT NULL,
    proof BLOB NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""

_FEEDBACK = """
CREATE TABLE feedback (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    answer_id TEXT NOT NULL,
    caller_id TEXT NOT NULL,
    caller_name TEXT NOT NULL,
    person TEXT NOT NULL,
    rating TEXT NOT NULL CHECK (rating IN ('up', 'down')),
    comment TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    status TEXT,
    language TEXT,
    index_generation INTEGER,
    evidence TEXT NOT NULL,
    created TEXT NOT NULL,
    used_as TEXT,
    UNIQUE (caller_id, person, answer_id)
) STRICT;
CREATE INDEX feedback_by_time ON feedback (created);
"""

# Folded texts are what a search compares; the others are what is shown.
_CONVERSATIONS = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    title TEXT NOT NULL,
    folded TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL
) STRICT;
CREATE INDEX conversations_by_owner ON conversations (owner, updated);
CREATE TABLE turns (
    conversation_id TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    folded TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    created TEXT NOT NULL,
    PRIMARY KEY (conversation_id, ordinal)
) STRICT;
"""

SCHEMA = Schema(
    name="a Pincite state file",
    application_id=0x50_49_4E_53,  # "PINS"
    version=1,
    tables=_KEYS + _FEEDBACK + _CONVERSATIONS,
    upgrades={},
    remedy="move it away; keys, feedback and conversations then begin anew",
)
