"""The state: one SQLite file beside the library, which long ingests never lock."""

import os
from pathlib import Path

from pincite.closing import Closing
from pincite.errors import LibraryError
from pincite.library.database import Database
from pincite.library.lock import locked
from pincite.state.conversations import Conversations
from pincite.state.feedback import Feedback
from pincite.state.keys import Keys
from pincite.state.schema import SCHEMA, STATE
from pincite.state.sessions import Sessions

_CREATE_WAIT_S = 10.0


class State(Closing):
    """Keys, sessions, feedback and conversations. Safe to use from several threads.

    Processes may share the file; what one commits the others see at their next read.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.keys = Keys(database)
        self.sessions = Sessions(database)
        self.feedback = Feedback(database)
        self.conversations = Conversations(database)

    @classmethod
    def open(cls, home: Path) -> "State":
        """Open the state in the folder ``home``; make it if it is missing, upgrade an old one.

        Only this user may read the file.

        Raises:
            LibraryCorruptError: If the file is damaged or of an unknown version.
            LibraryError: If it cannot be written.
        """
        path = home / STATE
        if not path.is_file():
            _create(path)
        database = Database(path, SCHEMA)
        try:
            if not database.check():
                database.upgrade()
        except LibraryError:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        """Close the database file."""
        self._database.close()


def _create(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as exc:
        raise LibraryError(f"{path.parent} cannot be made: {exc.strerror}") from exc
    with locked(path.with_suffix(".lock"), wait_s=_CREATE_WAIT_S):
        if path.is_file():
            return
        # Made under another name: a file that is there is a whole one. SQLite gives its journals
        # the rights of the file.
        unfinished = path.with_name(f"{path.name}.new")
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        Database(unfinished, SCHEMA).create()
        unfinished.replace(path)
