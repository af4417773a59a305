"""Which support model a library answers with: its own calibration, or the packaged one."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pincite.answer.confidence.support import SupportModel
from pincite.embed.encoder import EncoderSpec
from pincite.errors import LibraryError

_RESET = "pincite calibrate --reset returns to the packaged one"


@dataclass(frozen=True, slots=True)
class CalibrationStatus:
    """What ``pincite status`` tells of the calibration in use; ``own``: made for this library."""

    own: bool
    name: str
    threshold: float
    degraded: str | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """A support model, where it is from, and what a reader of its answers must know.

    ``revision`` is a digest of the library's own file, "" for the packaged model; ``made`` the day
    it was made, ``questions`` the number it was fitted to, ``files`` the SHA-256 of the files they
    came from. ``refused`` says why there is an own file that is not used.
    """

    model: SupportModel
    revision: str = ""
    made: str = ""
    questions: int = 0
    files: tuple[str, ...] = ()
    refused: str | None = None

    @property
    def name(self) -> str:
        """What to call it: "packaged", or the library's own with its day."""
        if not self.revision:
            return "packaged"
        return f"this library's own, of {self.made}, by {self.questions:,} questions"

    def degraded(self, encoder: str, reader: str) -> str | None:
        """Return what is doubtful with this encoder and reader's revision, None if nothing is."""
        parts = [self.refused] if self.refused else []
        fitted = _named(self.model.encoder, self.model.reader)
        if fitted != (used := _named(encoder, reader)):
            parts.append(
                f"confidence is fitted to {fitted} and not to {used}: answers and refusals are less"
                " reliable; pincite calibrate fits it to this library"
            )
        return "; ".join(parts) or None

    def status(self, encoder: str, reader: str) -> CalibrationStatus:
        """Describe it, with this encoder and reader's revision."""
        return CalibrationStatus(
            own=bool(self.revision),
            name=self.name,
            threshold=self.model.threshold,
            degraded=self.degraded(encoder, reader),
        )


def calibration_file(home: Path) -> Path:
    """Return where a library's own calibration is stored."""
    return home / "support.json"


def calibration_in_use(home: Path, encoder: EncoderSpec, reader: str) -> Calibration:
    """Return a library's own calibration if it has one that fits, else the packaged one.

    An own one that is damaged, or was fitted to other models, is not used; ``refused`` says so.

    Args:
        home: Folder of the library.
        encoder: The library's encoder.
        reader: Revision of the reader whose scores the sentences will have; "" for none.
    """
    place = calibration_file(home)
    packaged = SupportModel.load(reader=reader)
    try:
        data = place.read_bytes()
    except FileNotFoundError:
        return Calibration(packaged)
    except OSError as exc:
        return Calibration(packaged, refused=_refused(f"it cannot be read ({exc.strerror})"))
    try:
        stored: dict[str, Any] = json.loads(data)
        fitted = f"{stored['encoder']}@{stored['encoder_revision']}"
        readers = [
            of for part, of in (("read", stored["reader"]), ("unread", "")) if part in stored
        ]
        wanted = f"{encoder.name}@{encoder.revision}"
        if fitted != wanted or reader not in readers:
            found, used = _named(fitted, stored["reader"]), _named(wanted, reader)
            return Calibration(packaged, refused=_refused(f"it was fitted to {found}, not {used}"))
        return Calibration(
            SupportModel.load(place, reader=reader),
            revision=hashlib.sha256(data).hexdigest()[:12],
            made=str(stored["made"]),
            questions=int(stored["questions"]),
            files=tuple(stored["files"].values()),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        return Calibration(packaged, refused=_refused(f"it is damaged ({exc!r})"))


def write_calibration(home: Path, content: Mapping[str, object]) -> Path:
    """Store a library's own calibration in one step, so that a reader sees the old or the new.

    Raises:
        LibraryError: If it cannot be written.
    """
    place = calibration_file(home)
    beside = place.with_name(f"{place.name}.new")
    try:
        with beside.open("w", encoding="utf-8") as stream:
            stream.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(place)
    except OSError as exc:
        raise LibraryError(f"{place} cannot be written: {exc.strerror}; check its rights") from exc
    return place


def remove_calibration(home: Path) -> bool:
    """Delete a library's own calibration; tell whether there was one.

    Raises:
        LibraryError: If it cannot be deleted.
    """
    place = calibration_file(home)
    try:
        place.unlink()
    except FileNotFoundError:
        return False
    except OSError as exc:
        raise LibraryError(f"{place} cannot be deleted: {exc.strerror}; check its rights") from exc
    return True


def _named(encoder: str, reader: str) -> str:
    return f"{encoder} and reader {reader}" if reader else encoder


def _refused(why: str) -> str:
    return (
        f"this library's own calibration (support.json) is not used: {why}; fit it again with"
        f" pincite calibrate, or {_RESET}"
    )
