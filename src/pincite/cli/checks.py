"""What ``pincite doctor`` looks at."""

import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from pincite.embed.bundled import bundled_folder, bundled_manifest, model_faults
from pincite.errors import (
    InputError,
    LibraryError,
    LibraryMissingError,
    ModelFilesError,
    PinciteError,
)
from pincite.library.database import sqlite_version
from pincite.library.store import Library
from pincite.llm import ollama
from pincite.llm.address import host_of, is_loopback
from pincite.settings import BUNDLED, NO_RERANKER, Settings
from pincite.wiring import calibration, check_llm, index_fault

_LOW, _TOO_LOW = 2**30, 100 * 2**20
_OLDEST_PYTHON = (3, 11)
_NO_THOUGHTS = '{"reasoning_effort": "none"}'


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: how it is, what was found, and what to do about it."""

    name: str
    state: Literal["ok", "warning", "fault"]
    found: str
    next: str = ""


def all_checks(settings: Settings) -> Iterator[Check]:
    """Look at one thing after the other; nothing is changed or downloaded."""
    looks: tuple[Callable[[Settings], Iterator[Check]], ...] = (
        _python,
        _sqlite,
        _bundled,
        _encoder,
        _reranker,
        _library,
        _disk,
        _llm,
        _ollama,
        _network,
    )
    for look in looks:
        yield from look(settings)


def _python(settings: Settings) -> Iterator[Check]:
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < _OLDEST_PYTHON:
        yield Check("python", "fault", found, "install Python 3.11 or newer")
    else:
        yield Check("python", "ok", found)


def _sqlite(settings: Settings) -> Iterator[Check]:
    try:
        yield Check("sqlite", "ok", f"SQLite {sqlite_version()}")
    except LibraryError as exc:
        yield Check("sqlite", "fault", str(exc), "pip install --upgrade apsw")


def _bundled(settings: Settings) -> Iterator[Check]:
    folder = bundled_folder()
    faults = model_faults(folder)
    for fault in faults:
        yield Check("model files", "fault", fault)
    if not faults:
        manifest = bundled_manifest()
        files = f"{manifest.name}, revision {manifest.revision}, all files as released"
        yield Check("model files", "ok", files)


def _encoder(settings: Settings) -> Iterator[Check]:
    if settings.encoder == BUNDLED:
        yield Check("embedding", "ok", "the bundled model")
    else:
        yield from _named("embedding", settings.encoder, settings.encoder_revision)


def _reranker(settings: Settings) -> Iterator[Check]:
    if settings.reader == "none":
        why = "off (PINCITE_READER=none): faster, and fewer answers are found"
        yield Check("reader", "warning", why, "unset PINCITE_READER")
    if settings.reranker == NO_RERANKER:
        yield Check("reranker", "ok", "none (PINCITE_RERANKER names one)")
    else:
        yield from _named("reranker", settings.reranker, settings.reranker_revision)


def _named(what: str, model: str, revision: str | None) -> Iterator[Check]:
    """Check a model that is run on PyTorch, without loading it."""
    missing = [name for name in ("torch", "sentence_transformers") if find_spec(name) is None]
    if missing:
        found = f"{model} needs {' and '.join(missing)}"
        yield Check(what, "fault", found, "pip install 'pincite[models]'")
    elif _is_here(model, revision):
        yield Check(what, "ok", f"{model}, on this machine")
    else:
        found = f"{model} is not on this machine: it is downloaded when it is first used"
        yield Check(what, "warning", found, "or name the folder it was saved to")


def _is_here(model: str, revision: str | None) -> bool:
    from pincite.embed.hub import is_here

    return is_here(model, revision)


def _library(settings: Settings) -> Iterator[Check]:
    try:
        with Library.open(settings.home) as library:
            counts = library.counts()
            found = (
                f"{counts.documents:,} documents, {counts.passages:,} passages in {settings.home}"
            )
            if counts.documents:
                yield Check("library", "ok", found)
            else:
                yield Check("library", "warning", found, "pincite ingest FOLDER")
            yield from _made_with(settings, library)
            fault = index_fault(settings, library)
    except LibraryMissingError as exc:
        yield Check("library", "warning", str(exc))
    except LibraryError as exc:
        yield Check("library", "fault", str(exc))
    else:
        if fault:
            later = "nothing: they are built from the library with the next question"
            yield Check("indexes", "warning", f"not in use: {fault}", later)
        else:
            yield Check("indexes", "ok", "as they were written, of the library's generation")


def _made_with(settings: Settings, library: Library) -> Iterator[Check]:
    made = library.spec.encoder
    try:
        manifest = bundled_manifest()
        status = calibration(settings, made)
    except ModelFilesError:
        return  # told already
    wanted, revision = settings.encoder, settings.encoder_revision
    if wanted == BUNDLED:
        wanted, revision = manifest.name, manifest.revision
    if made.name != wanted or made.revision != (revision or made.revision):
        named = f"{wanted}@{revision}" if revision else wanted
        yield Check(
            "library's model",
            "fault",
            f"{made.name}@{made.revision}; the settings name {named}",
            "pincite reindex, or set PINCITE_ENCODER to the first",
        )
    else:
        yield Check("library's model", "ok", f"{made.name}, calibrated by {status.name}")


def _disk(settings: Settings) -> Iterator[Check]:
    home = settings.home.absolute()
    place = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / 2**30:.1f} GB free at {place}"
    if free < _LOW:
        state: Literal["warning", "fault"] = "fault" if free < _TOO_LOW else "warning"
        yield Check("disk", state, found, "free some space, or set PINCITE_HOME to another disk")
    else:
        yield Check("disk", "ok", found)


def _llm(settings: Settings) -> Iterator[Check]:
    if settings.llm == "none":
        found = "none: answers are sentences quoted from the articles"
        yield Check("language model", "ok", found, "to have answers written: docs/llm.md")
        return
    if settings.llm == "transformers" and not _is_here(
        settings.llm_model or "", settings.llm_revision
    ):
        yield from _named("language model", settings.llm_model or "", settings.llm_revision)
        return
    try:
        yield Check("language model", "ok", check_llm(settings))
    except PinciteError as exc:
        yield Check("language model", "fault", str(exc))
    else:
        yield from _sent(settings)
        yield from _context(settings)


def _sent(settings: Settings) -> Iterator[Check]:
    """Warn of a key that others on the way can read."""
    url, host = settings.llm_base_url or "", _remote(settings)
    if host and settings.llm_api_key and url.lower().startswith("http:"):
        found = f"questions, passages and PINCITE_LLM_API_KEY travel unencrypted to {host}"
        yield Check("encryption", "warning", found, "use an https URL")


def _context(settings: Settings) -> Iterator[Check]:
    """Warn of an Ollama that silently drops the beginning of longer prompts."""
    if settings.llm_base_url not in {_ollama_url(), f"{_ollama_url()}/"}:
        return
    found = ollama.loaded_context(ollama.ADDRESS, settings.llm_model or "")
    wanted = settings.llm_context_tokens
    if found is not None and found < wanted:
        yield Check(
            "context",
            "warning",
            f"Ollama gives {settings.llm_model} {found:,} tokens, and PINCITE_LLM_CONTEXT_TOKENS is"
            f" {wanted:,}: Ollama drops what is more without a word",
            f"OLLAMA_CONTEXT_LENGTH={wanted} ollama serve",
        )


def _remote(settings: Settings) -> str | None:
    """Return the host of a language model on another machine."""
    if settings.llm != "openai" or not settings.llm_base_url:
        return None
    try:
        host = host_of(settings.llm_base_url)
    except InputError:
        return None  # told already
    return None if is_loopback(host) else host


def _ollama_url() -> str:
    host, port = ollama.ADDRESS
    return f"http://{host}:{port}/v1"


def _ollama(settings: Settings) -> Iterator[Check]:
    if settings.llm != "none":
        return
    models = ollama.installed_models(ollama.ADDRESS)
    if models is None:
        return
    if not models:
        found = "Ollama runs on this machine, without a model"
        yield Check("ollama", "ok", found, "ollama pull qwen3:8b")
        return
    yield Check(
        "ollama",
        "ok",
        f"Ollama runs on this machine with {', '.join(models[:5])}; it is not used unless you say",
        f"export PINCITE_LLM=openai PINCITE_LLM_BASE_URL={_ollama_url()}"
        f" PINCITE_LLM_MODEL={models[0]} PINCITE_LLM_EXTRA='{_NO_THOUGHTS}'",
    )


def _network(settings: Settings) -> Iterator[Check]:
    wanted = [
        (settings.encoder, settings.encoder_revision),
        (settings.reranker, settings.reranker_revision),
    ]
    if settings.llm == "transformers" and settings.llm_model:
        wanted.append((settings.llm_model, settings.llm_revision))
    downloads = [
        f"the download of {model}"
        for model, revision in wanted
        if model not in {BUNDLED, NO_RERANKER} and not _is_here(model, revision)
    ]
    host = _remote(settings)
    needs = [f"the language model at {host}, which gets questions and passages"] if host else []
    if downloads:
        yield Check("network", "warning", f"needed for {'; '.join([*downloads, *needs])}")
    elif needs:
        yield Check("network", "ok", f"needed for {needs[0]}")
    else:
        yield Check("network", "ok", "not needed, but to ingest URLs")
