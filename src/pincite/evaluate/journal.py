"""What a long run has done so far, one JSON object a line, so that it can be continued."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from pincite.errors import InputError
from pincite.evaluate.lines import Fields

_FORMAT = 1


@dataclass
class Journal:
    """Remembers the result of each step. Without a file it remembers nothing.

    Results pass through JSON whether they were remembered or not, so that a run that was
    continued gives what an uninterrupted one gives.
    """

    done: dict[str, object] = field(default_factory=dict)
    stream: TextIO | None = None
    prefix: str = ""

    def within(self, name: str) -> "Journal":
        """Return the part of the journal that belongs to one model or data set."""
        return Journal(self.done, self.stream, f"{self.prefix}{name}\t")

    def once(self, step: str, make: Callable[[], object]) -> object:
        """Return what a step gave; ``make`` is called if it has not been done yet."""
        name = self.prefix + step
        if name in self.done:
            return self.done[name]
        result: object = json.loads(json.dumps(make()))
        if self.stream:
            self._write({"step": name, "result": result})
            self.done[name] = result
        return result

    def has(self, step: str) -> bool:
        """Tell whether a step has been done."""
        return self.prefix + step in self.done

    def require(self, step: str, value: object, what: str) -> None:
        """Remember a value, or refuse to go on if another is remembered.

        Raises:
            InputError: If the journal is of a run with another value.
        """
        if self.once(step, lambda: value) != json.loads(json.dumps(value)):
            raise InputError(
                f"the run that was interrupted had other {what}; run without --resume to start anew"
            )

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file; it stays until the caller deletes it."""
        if self.stream:
            self.stream.close()

    def _write(self, row: Mapping[str, object]) -> None:
        assert self.stream
        self.stream.write(json.dumps(row, ensure_ascii=False) + "\n")
        self.stream.flush()


def open_journal(path: Path, key: Mapping[str, object], *, resume: bool) -> Journal:
    """Open the journal of a run, continuing the one that is there if ``resume``.

    Args:
        path: Where it is; the caller deletes it when the run is complete.
        key: What must be equal for results to be used again, as JSON.
        resume: Whether to use what is there; else it is overwritten.

    Raises:
        InputError: If the journal is of another run, or cannot be read or written.
    """
    header: Fields = {"journal": _FORMAT, "key": json.loads(json.dumps(key))}
    try:
        done, size = _read(path, header) if resume and path.exists() else ({}, 0)
        stream = path.open("a" if size else "w", encoding="utf-8")
        if size:
            stream.truncate(size)
    except OSError as exc:
        raise InputError(f"{path} cannot be used: {exc}; name another output file") from exc
    journal = Journal(done, stream)
    if not size:
        journal._write(header)
    return journal


def _read(path: Path, header: Fields) -> tuple[dict[str, object], int]:
    """Return the steps done and the bytes they take; a last line cut short is not counted."""
    done: dict[str, object] = {}
    size = 0
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), 1):
        if not line.endswith(b"\n"):
            break
        try:
            row = json.loads(line)
            if number == 1:
                _require_same(path, row, header)
            else:
                done[row["step"]] = row["result"]
        except (ValueError, KeyError, TypeError) as exc:
            raise InputError(
                f"{path}, line {number}: not a line of a journal; delete the file and run without"
                " --resume"
            ) from exc
        size += len(line)
    return done, size


def _require_same(path: Path, found: Fields, wanted: Fields) -> None:
    if found.get("journal") != _FORMAT:
        raise InputError(f"{path} is no journal that this version reads; run without --resume")
    old, new = found["key"], wanted["key"]
    assert isinstance(new, dict)
    if not isinstance(old, dict):
        raise TypeError(old)
    names = old.keys() | new.keys()
    if different := sorted(name for name in names if old.get(name) != new.get(name)):
        raise InputError(
            f"{path} was left by another run (not the same: {', '.join(different)}); run without"
            " --resume to start anew, or as that run was"
        )
