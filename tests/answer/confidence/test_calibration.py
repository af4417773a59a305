"""The calibration in use: the library's own where it fits, else the packaged one, and why."""

import json
from pathlib import Path

import pytest

from pincite.answer.confidence.calibration import (
    Calibration,
    calibration_file,
    calibration_in_use,
    remove_calibration,
    write_calibration,
)
from pincite.answer.confidence.support import WEIGHTS, SupportModel
from pincite.embed.encoder import EncoderSpec
from pincite.errors import LibraryError

SPEC = EncoderSpec("model", "1", 8, 100)


def _content(**changes: object) -> dict[str, object]:
    packaged = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    own = {
        "encoder": "model",
        "encoder_revision": "1",
        "reader": "r",
        "made": "2025-06-01",
        "questions": 80,
        "files": {"q.jsonl": "abc"},
        "read": {**packaged["read"], "threshold": 0.75},
        "unread": {**packaged["unread"], "threshold": 0.65},
    }
    return {**own, **changes}


@pytest.mark.parametrize(("reader", "threshold"), [("r", 0.75), ("", 0.65)])
def test_an_own_calibration_is_used_with_its_reader_and_without(
    tmp_path: Path, reader: str, threshold: float
) -> None:
    write_calibration(tmp_path, _content())
    found = calibration_in_use(tmp_path, SPEC, reader)
    assert found.model.threshold == threshold
    assert found.name == "this library's own, of 2025-06-01, by 80 questions"
    assert found.files == ("abc",)
    assert found.degraded("model", reader) is None
    assert list(tmp_path.iterdir()) == [calibration_file(tmp_path)]


@pytest.mark.parametrize(
    ("changes", "reader", "why"),
    [
        ({"encoder": "other"}, "r", "fitted to other@1 and reader r, not model@1 and reader r"),
        ({"encoder_revision": "2"}, "r", "fitted to model@2"),
        ({}, "s", "not model@1 and reader s"),
        ({"reader": ""}, "r", "fitted to model@1, not model@1 and reader r"),
        ({"read": {}}, "r", "damaged"),
        ({"questions": "many"}, "r", "damaged"),
        ({"files": None}, "r", "damaged"),
    ],
)
def test_one_that_does_not_fit_is_not_used_and_says_so(
    tmp_path: Path, changes: dict[str, object], reader: str, why: str
) -> None:
    write_calibration(tmp_path, _content(**changes))
    found = calibration_in_use(tmp_path, SPEC, reader)
    assert found.name == "packaged"
    assert found.model.threshold == SupportModel.load(reader=reader).threshold
    message = found.degraded("model", reader)
    assert message is not None
    assert why in message
    assert "pincite calibrate --reset" in message


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff\xfe", b'{"encoder": 1}'])
def test_a_file_of_something_else_is_damaged(tmp_path: Path, data: bytes) -> None:
    calibration_file(tmp_path).write_bytes(data)
    found = calibration_in_use(tmp_path, SPEC, "")
    assert found.refused
    assert "damaged" in found.refused


def test_the_packaged_one_names_what_fits_it_to_another_model() -> None:
    packaged = Calibration(SupportModel.load())
    assert packaged.degraded(packaged.model.encoder, "") is None
    message = packaged.degraded("other", "")
    assert message is not None
    assert f"fitted to {packaged.model.encoder} and not to other" in message
    assert "pincite calibrate" in message


def test_another_calibration_has_another_revision(tmp_path: Path) -> None:
    write_calibration(tmp_path, _content())
    first = calibration_in_use(tmp_path, SPEC, "r").revision
    write_calibration(tmp_path, _content(questions=81))
    assert calibration_in_use(tmp_path, SPEC, "r").revision not in {first, ""}
    assert remove_calibration(tmp_path)
    assert not remove_calibration(tmp_path)
    assert calibration_in_use(tmp_path, SPEC, "").revision == ""


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="cannot be written"):
        write_calibration(tmp_path / "gone", _content())
