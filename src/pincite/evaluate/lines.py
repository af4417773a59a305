"""Reading the files of an evaluation line by line, so that every fault names its line."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from pincite.errors import InputError

Fields = dict[str, object]


def fault(path: Path, line: int, message: str) -> InputError:
    """Make the error for one line of a file; ``message`` says what is wrong and what to do."""
    return InputError(f"{path}, line {line}: {message}")


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank with their numbers from 1; ``.gz`` is decompressed.

    Raises:
        InputError: If the file cannot be read or is not UTF-8.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        # As bytes: a stream of text decodes ahead, and would not know the line of a fault.
        with opener(path, "rb") as stream:
            for number, data in enumerate(stream, 1):
                line = data.decode("utf-8-sig" if number == 1 else "utf-8")
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except UnicodeDecodeError as exc:
        message = f"byte 0x{exc.object[exc.start]:02x} is not UTF-8; save the file as UTF-8"
        raise fault(path, number, message) from exc
    except (OSError, EOFError, zlib.error) as exc:
        raise InputError(f"{path} cannot be read: {exc}; check the file and its rights") from exc


def read_objects(path: Path) -> Iterator[tuple[int, Fields]]:
    """Yield each line's JSON object with its line number.

    Raises:
        InputError: If the file cannot be read or a line is not one JSON object.
    """
    for number, line in read_lines(path):
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as exc:
            raise fault(path, number, f"not JSON ({exc}); write one JSON object a line") from exc
        if not isinstance(fields, dict):
            raise fault(path, number, f"found {_kind(fields)}; write one JSON object a line")
        yield number, fields


def text_field(
    path: Path, line: int, fields: Fields, name: str, *, default: str | None = None
) -> str:
    """Return a text field; ``default`` stands for a missing one, None means it is required.

    Raises:
        InputError: If a required field is missing or blank, or the value is not sound text.
    """
    value = fields.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        found = "it is missing" if value is None else f"found {_kind(value)}"
        raise fault(path, line, f'"{name}" must be text; {found}')
    if default is None and not value.strip():
        raise fault(path, line, f'"{name}" is blank; fill it in')
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise fault(path, line, f'"{name}" holds half of a surrogate pair; write the character')
    return value


def answer_groups(path: Path, line: int, groups: object) -> tuple[tuple[str, ...], ...]:
    """Return expected words as groups, of each of which one must be there.

    Raises:
        InputError: If they are not lists of texts.
    """
    if not isinstance(groups, list) or not all(_is_group(group) for group in groups):
        raise fault(
            path, line, '"answers" must be a list of groups, each a list of texts: [["a", "b"]]'
        )
    return tuple(tuple(group) for group in groups)


def _is_group(group: object) -> bool:
    return (
        isinstance(group, list)
        and bool(group)
        and all(isinstance(answer, str) and answer.strip() for answer in group)
    )


def sha256(path: Path) -> str:
    """Return the hex digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
