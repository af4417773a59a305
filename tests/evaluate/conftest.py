"""What the tests of evaluation share."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Row = dict[str, object]


@pytest.fixture
def write_rows(tmp_path: Path) -> Callable[..., Path]:
    """Write rows as JSON lines; texts go in as they are."""

    def write(*rows: Row | str, name: str = "questions.jsonl") -> Path:
        path = tmp_path / name
        lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
