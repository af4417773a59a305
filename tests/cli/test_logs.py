"""The two forms of the log."""

import json
import logging
import sys

import pytest

from pincite.cli.logs import JsonFormatter, TextFormatter


def _record(message: str, *, failed: bool = False, **fields: object) -> logging.LogRecord:
    info = None
    if failed:
        try:
            raise ValueError("what went wrong\nin two lines")
        except ValueError:
            info = sys.exc_info()
    record = logging.LogRecord("pincite.x", logging.WARNING, "f.py", 1, message, (), info)
    record.created = 1_750_000_000.25
    record.fields = fields
    return record


def test_json_is_one_object_a_line_whatever_the_text() -> None:
    record = _record("法院\nran", failed=True, status=200, question='a "b"\n{}', caller=None)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    entry = json.loads(line)
    assert "ValueError: what went wrong\nin two lines" in entry.pop("exception")
    assert entry == {
        "time": "2025-06-15T15:06:40.250Z",
        "level": "warning",
        "logger": "pincite.x",
        "message": "法院\nran",
        "status": 200,
        "question": 'a "b"\n{}',
        "caller": None,
    }


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"route": "/ask", "ms": 1.5, "caller": None}, "route=/ask ms=1.5"),
        ({"question": "two words"}, 'question="two words"'),
        ({"question": "a\nINFO forged"}, 'question="a\\nINFO forged"'),
        ({"question": "是吗"}, "question=是吗"),
    ],
)
def test_text_shows_the_fields_that_are_set(fields: dict[str, object], shown: str) -> None:
    record = _record("request")
    record.fields = fields
    assert TextFormatter().format(record) == f"WARNING request {shown}"
