"""The log of the process, on standard error: for a person, or one JSON object a line."""

import json
import logging
from datetime import UTC, datetime
from typing import Any, Literal


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON; what it carries in ``fields`` become members."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        entry = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """Writes the level, the message and the fields that are set."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line; a traceback follows it."""
        fields = (f"{name}={_shown(v)}" for name, v in _fields(record).items() if v is not None)
        return " ".join([super().formatMessage(record), *fields])


def configure_logging(level: str, form: Literal["text", "json"]) -> None:
    """Send every logger's records to standard error in one form.

    Other libraries' are kept from ``warning`` on, ours from ``level`` on. A root logger that has
    handlers keeps them.
    """
    root = logging.getLogger()
    if not root.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
        root.addHandler(handler)
    root.setLevel(max(logging.WARNING, getattr(logging, level.upper())))
    logging.getLogger("pincite").setLevel(level.upper())
    logging.captureWarnings(capture=True)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = getattr(record, "fields", {})
    return fields if isinstance(fields, dict) else {}


def _shown(value: object) -> str:
    plain = isinstance(value, str) and value.isprintable() and not set(value) & set(' "=')
    return str(value) if plain else json.dumps(value, ensure_ascii=False, default=str)
