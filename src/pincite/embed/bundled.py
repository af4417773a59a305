"""The bundled model's folder, and the check that a model folder is the one that was released."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pincite.errors import ModelFilesError

MANIFEST = "manifest.json"
TOKENIZER = "tokenizer.json"
GRAPH = "onnx/model.onnx"
READER = "reader.npz"
# They hold neither weights nor code.
_DOCUMENTS = frozenset({MANIFEST, "README.md", "LICENSE", "NOTICE"})
REINSTALL = "install pincite again (pip install --force-reinstall pincite), or copy the folder anew"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model folder says of its model.

    ``max_length`` counts tokens, special ones included. ``fold`` "t2s" says that the model wants
    simplified Chinese and half-width forms, "none" that it takes text as it is. ``reader`` is the
    revision of the weights that let the model read, "" if it has none.
    """

    name: str
    revision: str
    dimension: int
    max_length: int
    pooling: Literal["mean"]
    normalize: bool
    fold: Literal["none", "t2s"]
    query_prompt: str
    passage_prompt: str
    reader: str = ""


def bundled_folder() -> Path:
    """Return the folder of the model that comes with the package."""
    return Path(__file__).parent / "models" / "zh-en-minilm"


def bundled_manifest() -> Manifest:
    """Return what the bundled model's folder says of it, without loading it.

    Raises:
        ModelFilesError: If the manifest is missing or wrong.
    """
    return _read_manifest(bundled_folder())[0]


def bundled_reader() -> str:
    """Return the revision of the bundled model's reader, without loading it.

    Raises:
        ModelFilesError: If the manifest is missing or wrong.
    """
    return bundled_manifest().reader


def model_faults(folder: Path) -> list[str]:
    """Name every file of a model folder that is missing, altered or not listed; read them all."""
    faults: list[str] = []
    try:
        listed = _read_manifest(folder)[1]
        _refuse_unlisted(folder, listed)
    except ModelFilesError as exc:
        return [str(exc)]
    for path, digest in sorted(listed.items()):
        try:
            _verified(folder, path, digest)
        except ModelFilesError as exc:
            faults.append(str(exc))
    return faults


def read_model_folder(folder: Path) -> tuple[Manifest, dict[str, bytes]]:
    """Return a model folder's manifest, and the bytes of its tokenizer, graph and reader, by path.

    Every file the manifest lists is read once and checked, so that what is used is what was
    checked. Files that begin with a dot are left alone.

    Raises:
        ModelFilesError: If a file is missing, altered or not listed, or the manifest is wrong.
    """
    manifest, listed = _read_manifest(folder)
    for wanted in (TOKENIZER, GRAPH):
        if wanted not in listed:
            raise ModelFilesError(f"{folder / MANIFEST} lists no {wanted}; {REINSTALL}")
    _refuse_unlisted(folder, listed)
    read = {path: _verified(folder, path, digest) for path, digest in sorted(listed.items())}
    return manifest, {path: read[path] for path in (TOKENIZER, GRAPH, READER) if path in read}


def _read(folder: Path, path: str) -> bytes:
    try:
        return (folder / path).read_bytes()
    except FileNotFoundError as exc:
        raise ModelFilesError(f"model file {folder / path} is missing; {REINSTALL}") from exc
    except OSError as exc:
        raise ModelFilesError(f"model file {folder / path} cannot be read: {exc}") from exc


def _verified(folder: Path, path: str, wanted: str) -> bytes:
    data = _read(folder, path)
    found = hashlib.sha256(data).hexdigest()
    if found != wanted:
        raise ModelFilesError(
            f"model file {folder / path} is altered: SHA-256 {found}, wanted {wanted}; {REINSTALL}"
        )
    return data


def _refuse_unlisted(folder: Path, listed: dict[str, str]) -> None:
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    named = {path.as_posix() for path in found if not path.name.startswith(".")}
    unlisted = sorted(named - _DOCUMENTS - listed.keys())
    if unlisted:
        raise ModelFilesError(
            f"model folder {folder} holds {unlisted[0]}, which {MANIFEST} does not list; "
            f"remove it, or {REINSTALL}"
        )


def _read_manifest(folder: Path) -> tuple[Manifest, dict[str, str]]:
    """Return the manifest and the SHA-256 of each listed file, by relative path."""
    place = folder / MANIFEST
    try:
        entries: Any = json.loads(_read(folder, MANIFEST))
        files = {str(path): str(entry["sha256"]) for path, entry in entries.pop("files").items()}
        manifest = Manifest(**entries)
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise ModelFilesError(f"{place} is not a model manifest: {exc}; {REINSTALL}") from exc
    _check(manifest, place)
    outside = [path for path in files if not _is_inside(path)]
    if outside:
        raise ModelFilesError(f"{place} lists {outside[0]!r}, which is outside its folder")
    return manifest, files


def _is_inside(path: str) -> bool:
    return not Path(path).is_absolute() and ".." not in Path(path).parts and "\\" not in path


def _check(manifest: Manifest, place: Path) -> None:
    """Refuse a manifest whose fields have wrong types or values."""
    sizes = (manifest.dimension, manifest.max_length)
    texts = (
        manifest.name,
        manifest.revision,
        manifest.query_prompt,
        manifest.passage_prompt,
        manifest.reader,
    )
    wrong = [
        f"{name} {value!r}, wanted {wanted}"
        for name, value, good, wanted in (
            ("sizes", sizes, all(type(n) is int and n > 0 for n in sizes), "positive integers"),
            ("texts", texts, all(isinstance(t, str) for t in texts), "strings"),
            ("pooling", manifest.pooling, manifest.pooling == "mean", "'mean'"),
            ("normalize", manifest.normalize, manifest.normalize is True, "true"),
            ("fold", manifest.fold, manifest.fold in {"none", "t2s"}, "'none' or 't2s'"),
        )
        if not good
    ]
    if wrong:
        raise ModelFilesError(f"{place} has {wrong[0]}; {REINSTALL}")
