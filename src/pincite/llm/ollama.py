"""Whether Ollama runs on this machine. It is only asked what it has."""

import json
from http.client import HTTPConnection, HTTPException
from typing import Any

ADDRESS = ("127.0.0.1", 11434)
_SECONDS = 0.5
_MOST_BYTES = 2**20
_NO_ANSWER = (OSError, HTTPException, ValueError, LookupError, TypeError)


def installed_models(address: tuple[str, int]) -> list[str] | None:
    """Return the names of the models that Ollama has there, or None if none runs.

    Models that only embed are left out.
    """
    try:
        names = [str(model["name"]) for model in _asked(address, "/api/tags")["models"]]
    except _NO_ANSWER:
        return None
    return [name for name in names if "embed" not in name and "bge" not in name]


def loaded_context(address: tuple[str, int], model: str) -> int | None:
    """Return the context in tokens of a model that Ollama has loaded, or None if it has not."""
    try:
        loaded = {str(m["name"]): m for m in _asked(address, "/api/ps")["models"]}
        found = loaded.get(model) or loaded[f"{model}:latest"]
        return int(found["context_length"])
    except _NO_ANSWER:
        return None


def _asked(address: tuple[str, int], path: str) -> Any:
    """Ask within half a second, through no proxy."""
    connection = HTTPConnection(*address, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        return json.loads(connection.getresponse().read(_MOST_BYTES))
    finally:
        connection.close()
