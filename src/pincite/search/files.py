"""Index files on disk: a manifest that names them, their checksums, and durable writing."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pincite.errors import IndexMismatchError

FORMAT = 2
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class FileMark:
    """What one file must be."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index folder holds, and of which state of which library.

    ``terms`` is the version of the rules that made the lexical index's terms.
    ``folder`` and the names in ``files`` are relative to the cache's folder and to ``folder``.
    """

    library: str
    generation: int
    model: str
    terms: int
    folder: str
    files: dict[str, FileMark]
    format: int = FORMAT


def read_manifest(cache: Path) -> Manifest:
    """Read the manifest of a cache folder.

    Raises:
        FileNotFoundError: If there is none.
        IndexMismatchError: If it cannot be understood.
    """
    path = cache / _MANIFEST
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        fields: dict[str, Any] = json.loads(text)
        if fields["format"] != FORMAT:
            raise IndexMismatchError(f"{path} has format {fields['format']}, wanted {FORMAT}")
        files = {name: FileMark(**mark) for name, mark in fields.pop("files").items()}
        return Manifest(**fields, files=files)
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise IndexMismatchError(f"{path} is not a manifest: {exc!r}") from exc


def write_manifest(cache: Path, manifest: Manifest) -> None:
    """Replace the manifest durably; the rename is the moment the new files come into force."""
    unfinished = cache / f"{_MANIFEST}.new"
    unfinished.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    _sync(unfinished)
    unfinished.replace(cache / _MANIFEST)
    _sync(cache)


def mark_files(folder: Path) -> dict[str, FileMark]:
    """Make a folder's files durable, and return what they are."""
    marks = {}
    for path in _files(folder):
        _sync(path)
        marks[path.relative_to(folder).as_posix()] = _mark(path)
    for path in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
        _sync(path)
    _sync(folder.parent)
    return marks


def check_files(folder: Path, files: dict[str, FileMark]) -> None:
    """Make sure that a folder's files are what they were when they were written.

    Raises:
        IndexMismatchError: If one is missing or has changed.
    """
    for name, wanted in files.items():
        path = folder / name
        try:
            found = _mark(path)
        except OSError as exc:
            raise IndexMismatchError(f"{path} cannot be read: {exc.strerror}") from exc
        if found != wanted:
            raise IndexMismatchError(
                f"{path} was altered: {found.bytes} bytes of SHA-256 {found.sha256[:12]}…,"
                f" wanted {wanted.bytes} of {wanted.sha256[:12]}…"
            )


def _files(folder: Path) -> Iterator[Path]:
    # tantivy's lock files are empty, and come and go.
    return (p for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix != ".lock")


def _mark(path: Path) -> FileMark:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return FileMark(digest, file.tell())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
