"""Counts the tokens of models behind a server, without ever using the network."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import tiktoken

_log = logging.getLogger(__name__)
_SITE = "https://openaipublic.blob.core.windows.net/encodings/"
_O200K = (
    f"{_SITE}o200k_base.tiktoken",
    "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
)
# The file of each encoding and its SHA-256, as in tiktoken_ext/openai_public.py.
_FILES = {
    "cl100k_base": (
        f"{_SITE}cl100k_base.tiktoken",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
    "o200k_base": _O200K,
    "o200k_harmony": _O200K,
}


def token_counter(model: str) -> Callable[[str], int]:
    """Return what counts the tokens of a text for a model, never too few.

    The count is tiktoken's where tiktoken knows the model and the encoding's file is on this
    machine: ``tiktoken.get_encoding`` would download it. Otherwise it is the number of UTF-8
    bytes, since no token of a language model is shorter than a byte; the log says so once.
    """
    try:
        encoding = tiktoken.encoding_name_for_model(model)
    except KeyError:
        _say_once(f"tiktoken does not know the model {model}")
        return count_bytes
    if not _is_here(encoding):
        _say_once(f"tiktoken's file {encoding} is not on this machine (docs/llm.md)")
        return count_bytes
    encode = tiktoken.get_encoding(encoding).encode
    return lambda text: len(encode(text, disallowed_special=()))


def count_bytes(text: str) -> int:
    """Return an upper bound of a text's tokens: its UTF-8 bytes, and one for a leading space."""
    return len(text.encode("utf-8", "replace")) + 1


def _is_here(encoding: str) -> bool:
    """Tell whether tiktoken finds the encoding's file, unaltered, in its cache."""
    if encoding not in _FILES:
        return False
    url, wanted = _FILES[encoding]
    folder = os.environ.get("TIKTOKEN_CACHE_DIR", os.environ.get("DATA_GYM_CACHE_DIR"))
    if folder == "":
        return False  # tiktoken's sign for no cache
    place = Path(folder) if folder else Path(tempfile.gettempdir()) / "data-gym-cache"
    try:
        data = (place / hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(data).hexdigest() == wanted


@cache
def _say_once(reason: str) -> None:
    _log.info("%s: its tokens are counted as bytes, which is too many and never too few", reason)
