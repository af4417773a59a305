"""Whether a model by name is on this machine already."""

from pathlib import Path

from huggingface_hub import try_to_load_from_cache
from huggingface_hub.errors import HFValidationError


def is_here(name_or_path: str, revision: str | None = None) -> bool:
    """Tell whether a model is a folder or in the Hugging Face cache; nothing is downloaded."""
    if Path(name_or_path).expanduser().is_dir():
        return True
    try:
        found = try_to_load_from_cache(name_or_path, "config.json", revision=revision)
    except HFValidationError:
        return False
    return isinstance(found, str)
