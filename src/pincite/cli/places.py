"""Places as a shell writes them."""

from pathlib import Path

_HERE = (".", "..")


def stored_source(place: str) -> str:
    """Return a path that begins in this folder or above it as documents' sources are stored.

    Anything else may be the end of a source, a pattern, an id or a URL, and stays as it is.
    """
    here = place in _HERE or place.startswith(("./", "../"))
    return str(Path(place).resolve()) if here else place
