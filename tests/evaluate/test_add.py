"""Adding a question to a file, by the function and by the command on a terminal."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pincite.errors import InputError
from pincite.evaluate.add import NewQuestion, add_question
from pincite.evaluate.questions import Evidence, GoldQuestion, load_questions
from tests.evaluate.articles import ROWS, article_workspace
from tests.program import run_pincite

QUOTE = "The firm sold cars in May."


def _add(path: Path, text: str, *quotes: str, **more: object) -> GoldQuestion:
    workspace = article_workspace()
    evidence = tuple(Evidence("news.txt", quote) for quote in quotes)
    new = NewQuestion(text, evidence, **more)  # type: ignore[arg-type]
    return add_question(path, new, workspace.documents(), workspace.document)


def test_a_question_is_added_as_the_file_format_has_it(tmp_path: Path) -> None:
    path = tmp_path / "new.jsonl"
    _add(path, " What did the\nfirm sell? ", QUOTE, QUOTE, answers=(("cars", "汽车"),))
    _add(path, "谁赢了？", kind="far_miss", note="from the chat")
    first, second = load_questions(path)
    assert (first.id, first.text, first.lang, first.kind) == (
        "q001",
        "What did the firm sell?",
        "en",
        "fact",
    )
    assert (first.evidence, first.answers) == (
        (Evidence("news.txt", QUOTE),),
        (("cars", "汽车"),),
    )
    assert (second.id, second.lang, second.kind, second.answerable) == (
        "q002",
        "zh",
        "far_miss",
        False,
    )
    assert "谁赢了" in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_there_stays_as_it_was(write_rows: Callable[..., Path]) -> None:
    path = write_rows({**ROWS[4], "id": "q041"}, "")
    before = path.read_text().rstrip("\n")
    path.write_text(before)
    assert _add(path, "Who sold cars?", QUOTE).id == "q042"
    assert path.read_text().startswith(before + "\n")


@pytest.mark.parametrize(
    ("text", "quotes", "message"),
    [
        (" \n", (), "the question is blank"),
        ("Who won the ＣＵＰ", (), 'asks this already, as "far"'),
        ("Sold what?", ("The firm sold trucks in May.",), "is not in news.txt as stored"),
    ],
)
def test_what_cannot_be_added_changes_nothing(
    write_rows: Callable[..., Path], text: str, quotes: tuple[str, ...], message: str
) -> None:
    path = write_rows(*ROWS)
    before = path.read_bytes()
    with pytest.raises(InputError, match=message):
        _add(path, text, *quotes)
    assert path.read_bytes() == before


def test_expected_words_need_evidence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="leave --answers out"):
        _add(tmp_path / "new.jsonl", "Who?", answers=(("x",),))


RULING = "The court ruled against Xiaomi, emphasizing the need for fair trading practices"


def test_the_command_adds_what_its_options_say(seeded_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    options = ["--question", "Who lost?", "--answers", "Xiaomi|小米", "--kind", "summary"]
    document = "004_ab675029e0c7c2a4.txt"
    options += ["--evidence", f"{document}::{RULING}", "--file", str(path)]
    done = run_pincite("eval", "add", *options, home=seeded_home)
    assert done.returncode == 0, done.stderr
    assert "added q001 (en, summary, 1 quote)" in done.stdout
    (question,) = load_questions(path)
    assert question.answers == (("Xiaomi", "小米"),)
    again = run_pincite("eval", "add", *options, home=seeded_home)
    assert (again.returncode, "asks this already" in again.stderr) == (2, True)
    assert run_pincite("eval", str(path), home=seeded_home).returncode == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "give --question"),
        (["--question", "Who?"], "give --evidence or --unanswerable"),
        (["--question", "Who?", "--evidence", "no quote"], "write DOCUMENT::QUOTE"),
        (["--question", "Who?", "--evidence", "a::b", "--unanswerable"], "exclude each other"),
        (["--question", "Who?", "--unanswerable", "--file", "gone/q.jsonl"], "there is no folder"),
    ],
)
def test_without_a_terminal_what_is_missing_is_said(
    seeded_home: Path, tmp_path: Path, options: list[str], message: str
) -> None:
    file = ["--file", str(tmp_path / "q.jsonl")]
    done = run_pincite("eval", "add", *file, *options, home=seeded_home)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr


def test_on_a_terminal_the_sentences_that_answer_are_picked(
    seeded_home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "q.jsonl"
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "pincite", "--home", str(seeded_home)]
    process = subprocess.Popen(
        [*command, "eval", "add", "--file", str(path)],
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.close(follower)
    # A number that is not offered is asked again; the kind is taken as proposed.
    os.write(leader, "法院是怎么判的？\n900\n1, 2\n败诉|lost\n\n".encode())
    output, _ = process.communicate(timeout=60)
    os.close(leader)
    assert process.returncode == 0, output
    assert "Write numbers from 1 to" in output
    row = json.loads(path.read_text(encoding="utf-8"))
    assert (row["question"], row["lang"], row["kind"]) == ("法院是怎么判的？", "zh", "fact")
    assert len(row["evidence"]) == 2
    assert row["evidence"][0]["quote"] in output
    assert row["evidence"][0]["document"] == "004_ab675029e0c7c2a4.txt"
    assert row["answers"] == [["败诉", "lost"]]
