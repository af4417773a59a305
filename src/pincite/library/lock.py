"""The lock that lets one writer in at a time, among threads and processes alike."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from pincite.errors import LibraryBusyError, LibraryError

_POLL_S = 0.02


@contextmanager
def locked(path: Path, *, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the lock of the file ``path``, which is made if need be and never deleted.

    The operating system lets go of it when the holder ends, however it ends.

    Args:
        path: The lock file; while the lock is held it names the holder's process and since when.
        wait_s: Seconds to wait for another holder before giving up.

    Raises:
        LibraryBusyError: If it is still held by another; names that process.
        LibraryError: If the file cannot be written.
    """
    try:
        file = path.open("a+", encoding="ascii")
    except OSError as exc:
        raise LibraryError(
            f"{path} cannot be written ({exc.strerror}): the library can only be read;"
            " to change it, give this user the right to write to its folder"
        ) from exc
    with file:
        _acquire(file, path, wait_s)
        try:
            file.truncate(0)
            file.write(f"{os.getpid()} {datetime.now(UTC).isoformat(timespec='seconds')}")
            file.flush()
            yield
        finally:
            file.truncate(0)


def _acquire(file: TextIO, path: Path, wait_s: float) -> None:
    # flock, not lockf: it also keeps out the other threads of this process.
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            if time.monotonic() < deadline:
                time.sleep(_POLL_S)
                continue
            raise LibraryBusyError(
                f"{path.parent} is being written to by {_holder(path)};"
                " try again when it is done, or end it"
            ) from exc
        return


def _holder(path: Path) -> str:
    process, _, since = path.read_text(encoding="ascii").partition(" ")
    if not since:
        return "another process"
    itself = " (this one)" if process == str(os.getpid()) else ""
    return f"process {process}{itself} since {since}"
