"""How times and texts are stored."""

from datetime import UTC, datetime


def now() -> str:
    """Return the time in UTC, in ISO 8601 with microseconds; such texts sort by time."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def storable(text: str) -> str:
    """Put a question mark for each lone surrogate, which JSON can carry and SQLite cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")
