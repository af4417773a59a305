"""The reports that stay in the library's folder, for the server to show."""

import json
from datetime import UTC, datetime
from pathlib import Path

from pincite.errors import InputError
from pincite.evaluate.report import Json, write_json, write_text

FOLDER = "reports"
MOST_REPORTS = 10


def keep_report(home: Path, content: Json, page: str) -> Path:
    """Keep a run's JSON and its page; of older ones the newest few stay.

    Args:
        home: The library's folder.
        content: The run's JSON.
        page: The report for people.

    Returns:
        The page's file.

    Raises:
        InputError: If they cannot be written.
    """
    folder = home / FOLDER
    try:
        folder.mkdir(exist_ok=True, mode=0o700)
    except OSError as exc:
        raise InputError(f"{folder} cannot be made: {exc.strerror}; use --no-report") from exc
    name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    path = folder / f"{name}.html"
    write_text(path, page)
    # The JSON comes last: a report is there once both are.
    write_json(path.with_suffix(".json"), content)
    for old in _kept(home)[MOST_REPORTS:]:
        old.unlink(missing_ok=True)
        old.with_suffix(".html").unlink(missing_ok=True)
    return path


def newest_report(home: Path) -> tuple[Json, str] | None:
    """Return the JSON and the page of the last run that was kept.

    Raises:
        InputError: If they cannot be read.
    """
    kept = _kept(home)
    if not kept:
        return None
    try:
        content = json.loads(kept[0].read_text(encoding="utf-8"))
        page = kept[0].with_suffix(".html").read_text(encoding="utf-8")
    except (OSError, ValueError) as exc:
        raise InputError(f"{kept[0]}: {exc}") from exc
    if not isinstance(content, dict):
        raise InputError(f"{kept[0]} is no report")
    return content, page


def _kept(home: Path) -> list[Path]:
    """List the reports' JSON files, newest first."""
    return sorted((home / FOLDER).glob("*Z.json"), reverse=True)
