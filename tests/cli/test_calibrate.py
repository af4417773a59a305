"""``pincite calibrate``, run on real libraries."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pincite.answer.confidence.support import READING, SENTENCE
from pincite.records import Question
from pincite.settings import Settings
from pincite.wiring import make_encoder, open_workspace, reindex
from tests.embed.test_sentence_transformer import save_model
from tests.program import run_pincite

TOWNS = (
    "Arden Bexley Carrow Dunmore Elstow Farley Garston Hadley Inverly Jarrow Kelso Lindow"
    " Marlow Norby Oakham Penrith Quarley Ripley Selby Tarvin Upton Verwood Wexcombe Yarrow"
).split()
GOODS = ("bread", "butter", "cheese", "coal", "copper", "cotton")


def _articles(folder: Path) -> None:
    folder.mkdir()
    for number, town in enumerate(TOWNS):
        (folder / f"{town}.txt").write_text(
            f"News from {town}\n\nThe ferry to {town} leaves at dawn. A ticket to {town} costs"
            f" {number + 11} euros. The mill of {town} makes {GOODS[number % 6]}.\n",
            encoding="utf-8",
        )


def _questions(path: Path, number: int = len(TOWNS)) -> Path:
    rows = []
    for place, town in enumerate(TOWNS[:number]):
        quote = f"A ticket to {town} costs {place + 11} euros"
        evidence = [{"document": f"{town}.txt", "quote": quote}]
        asked = {"question": f"How much is the ferry to {town}?", "evidence": evidence}
        rows += [
            {"id": f"a{place}", "answerable": True, **asked},
            {"id": f"n{place}", "answerable": False, "question": f"Who is the mayor of {town}?"},
        ]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of ferries, with a calibration of its own."""
    folder = tmp_path_factory.mktemp("calibrated")
    _articles(folder / "articles")
    home = folder / "home"
    assert run_pincite("ingest", str(folder / "articles"), home=home).returncode == 0
    questions = _questions(folder / "questions.jsonl")
    done = run_pincite("calibrate", str(questions), "--json", str(folder / "out.json"), home=home)
    assert done.returncode == 0, done.stderr
    assert "24 questions with an answer, 24 without; with the reader" in done.stdout
    assert (
        f"kept as packaged: fitting the {len(SENTENCE) + len(READING)} sentence weights"
        in done.stdout
    )
    assert "Few questions: of 24, a share of 0.15 is known to ±0.14" in done.stdout
    assert "Measure on other questions from now on" in done.stderr
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of it, free to be changed."""
    return Path(shutil.copytree(made / "home", tmp_path / "home"))


def _status(home: Path, **environment: str) -> dict[str, Any]:
    done = run_pincite("status", "--json", home=home, environment=environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["calibration"]
    return found


def _ask(home: Path) -> dict[str, Any]:
    question = f"How much is the ferry to {TOWNS[3]}?"
    done = run_pincite("ask", question, "--json", "--explain", home=home)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_calibrating_changes_the_confidence_and_reset_returns(home: Path, made: Path) -> None:
    own, answer = _status(home), _ask(home)
    assert (own["own"], own["degraded"], answer["degraded"]) == (True, None, None)
    assert own["name"].endswith("by 48 questions")
    written = json.loads((made / "out.json").read_text(encoding="utf-8"))
    assert own["threshold"] == written["read"]["threshold"]
    assert written.pop("written")
    assert json.loads((home / "support.json").read_text(encoding="utf-8")) == written
    assert answer["search"]["calibration"] == own["name"]

    done = run_pincite("calibrate", "--reset", home=home)
    assert (done.returncode, "is in use again" in done.stderr) == (0, True)
    packaged, before = _status(home), _ask(home)
    assert (packaged["own"], packaged["name"]) == (False, "packaged")
    assert packaged["threshold"] != own["threshold"]
    assert before["confidence"] != answer["confidence"]
    assert before["id"] != answer["id"]
    assert "none of its own" in run_pincite("calibrate", "--reset", home=home).stderr


def test_a_dry_run_writes_nothing_but_what_it_is_told_to(home: Path, tmp_path: Path) -> None:
    (home / "support.json").unlink()
    before = sorted(path.name for path in home.iterdir())
    questions = _questions(tmp_path / "questions.jsonl")
    out = tmp_path / "out.json"
    options = ("--dry-run", "--json", str(out))
    done = run_pincite(
        "calibrate", str(questions), *options, home=home, environment={"PINCITE_READER": "none"}
    )
    assert done.returncode == 0, done.stderr
    assert "Nothing was written" in done.stderr
    assert sorted(path.name for path in home.iterdir()) == before
    assert json.loads(out.read_text(encoding="utf-8"))["written"] is False
    done = run_pincite("calibrate", str(questions), "--json", str(questions), home=home)
    assert (done.returncode, "would overwrite what this" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    ("number", "options", "message"),
    [
        (19, [], "add 1 more that the documents answer and 1 more that the documents do not"),
        (24, ["--reset"], "give it alone"),
    ],
)
def test_what_cannot_be_calibrated_changes_nothing(
    home: Path, tmp_path: Path, number: int, options: list[str], message: str
) -> None:
    before = (home / "support.json").read_bytes()
    questions = _questions(tmp_path / "questions.jsonl", number)
    done = run_pincite("calibrate", str(questions), *options, home=home)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr
    assert (home / "support.json").read_bytes() == before


def test_questions_have_to_be_named(made: Path) -> None:
    done = run_pincite("calibrate", home=made / "home")
    assert (done.returncode, "name the questions to calibrate with" in done.stderr) == (2, True)


def test_the_own_calibration_holds_without_the_reader_too(home: Path) -> None:
    stored = json.loads((home / "support.json").read_text(encoding="utf-8"))
    found = _status(home, PINCITE_READER="none")
    assert (found["threshold"], found["degraded"]) == (stored["unread"]["threshold"], None)


def test_a_damaged_file_is_said_with_every_answer(home: Path) -> None:
    (home / "support.json").write_text("{", encoding="utf-8")
    assert "support.json) is not used: it is damaged" in _ask(home)["degraded"]
    assert "is not used" in run_pincite("status", home=home).stdout


def test_a_library_indexed_with_another_encoder_ignores_it(home: Path, tmp_path: Path) -> None:
    folder = str(save_model(tmp_path))
    settings = Settings(home=home, encoder=folder)
    question = Question("How much is the ferry?")
    with reindex(settings, lambda _done, _total: None) as workspace:
        degraded = workspace.status().calibration.degraded
        assert degraded == workspace.ask(question).degraded
    assert degraded is not None
    assert "is not used: it was fitted to pincite-zh-en-minilm@" in degraded
    assert f"and not to {folder}" in degraded
    assert "pincite calibrate fits it to this library" in degraded

    questions = _questions(tmp_path / "questions.jsonl")
    done = run_pincite("--encoder", folder, "calibrate", str(questions), home=home)
    assert done.returncode == 0, done.stderr
    with open_workspace(settings, make_encoder(settings)) as workspace:
        assert workspace.status().calibration.own
        assert workspace.status().calibration.degraded is None
        assert workspace.ask(question).degraded is None


def test_evaluating_on_the_same_questions_is_warned_of(home: Path, made: Path) -> None:
    done = run_pincite("eval", str(made / "questions.jsonl"), "--limit", "2", home=home)
    assert done.returncode == 0, done.stderr
    assert "was calibrated on these questions" in done.stderr
    others = _questions(home.parent / "others.jsonl", 20)
    done = run_pincite("eval", str(others), "--limit", "2", home=home)
    assert "calibrated" not in done.stderr
