from pathlib import Path

import pytest

from pincite.errors import InputError
from pincite.evaluate import reports
from pincite.evaluate.reports import MOST_REPORTS, keep_report, newest_report


def test_the_newest_reports_are_kept(tmp_path: Path) -> None:
    assert newest_report(tmp_path) is None
    for number in range(MOST_REPORTS + 2):
        path = keep_report(tmp_path, {"n": number}, f"page {number}")
    assert newest_report(tmp_path) == ({"n": MOST_REPORTS + 1}, f"page {MOST_REPORTS + 1}")
    assert path.read_text() == f"page {MOST_REPORTS + 1}"
    kept = sorted(file.suffix for file in path.parent.iterdir())
    assert kept == [".html"] * MOST_REPORTS + [".json"] * MOST_REPORTS


def test_a_report_is_there_once_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_report(tmp_path, {"n": 1}, "first")

    def full(path: Path, content: object) -> None:
        raise InputError(f"{path} cannot be written: no space")

    monkeypatch.setattr(reports, "write_json", full)
    with pytest.raises(InputError, match="no space"):
        keep_report(tmp_path, {"n": 2}, "second")
    assert newest_report(tmp_path) == ({"n": 1}, "first")


def test_what_is_no_report_is_refused(tmp_path: Path) -> None:
    path = keep_report(tmp_path, {}, "page").with_suffix(".json")
    for content in ("[]", "{"):
        path.write_text(content)
        with pytest.raises(InputError, match="json"):
            newest_report(tmp_path)
