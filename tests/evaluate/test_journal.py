"""An interrupted run goes on where it stopped, and never mixes with another."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pincite.errors import InputError
from pincite.evaluate.journal import open_journal
from pincite.evaluate.report import question_json
from pincite.evaluate.run import WARM_UP, run_questions
from pincite.records import Answer, Question
from tests.evaluate.articles import ROWS, article_workspace, no_track
from tests.evaluate.stand_in import MemoryWorkspace

KEY = {"model": {"name": "words"}, "generation": 1}


def _timeless(content: object) -> object:
    if isinstance(content, dict):
        return {k: _timeless(v) for k, v in content.items() if "latency" not in k}
    return [_timeless(one) for one in content] if isinstance(content, list) else content


class _Cut(MemoryWorkspace):
    """Ends the run at a question, as a person or the machine would."""

    def ask(self, question: Question) -> Answer:
        if question.text == ROWS[3]["question"]:
            raise KeyboardInterrupt
        return super().ask(question)


def test_a_run_goes_on_where_it_was_cut(write_rows: Callable[..., Path], tmp_path: Path) -> None:
    questions = write_rows(*ROWS)
    whole = question_json(run_questions(article_workspace(), questions, no_track), {})
    path = tmp_path / "out.json.partial"
    with open_journal(path, KEY, resume=False) as journal, pytest.raises(KeyboardInterrupt):
        run_questions(article_workspace(_Cut), questions, no_track, journal=journal)
    # The machine went down in the middle of a line.
    path.write_bytes(path.read_bytes() + b'{"step": "ask refu')
    rest = article_workspace()
    with open_journal(path, KEY, resume=True) as journal:
        run = run_questions(rest, questions, no_track, journal=journal)
    assert rest.asked == [WARM_UP, *(row["question"] for row in ROWS[3:])]
    assert _timeless(json.loads(json.dumps(question_json(run, {})))) == _timeless(
        json.loads(json.dumps(whole))
    )
    again = article_workspace()
    with open_journal(path, KEY, resume=True) as journal:
        assert run_questions(again, questions, no_track, journal=journal) == run
    assert (again.asked, again.searched) == ([], [])


@pytest.mark.parametrize(
    ("key", "differing"),
    [
        ({**KEY, "generation": 2}, "generation"),
        ({**KEY, "model": {"name": "other"}}, "model"),
        ({"generation": 1}, "model"),
        ({**KEY, "file": "0"}, "file"),
    ],
)
def test_another_run_is_not_continued(
    tmp_path: Path, key: dict[str, object], differing: str
) -> None:
    path = tmp_path / "out.partial"
    with open_journal(path, KEY, resume=False):
        pass
    before = path.read_bytes()
    with pytest.raises(InputError, match=rf"left by another run \(not the same: {differing}\)"):
        open_journal(path, key, resume=True)
    assert path.read_bytes() == before


def test_without_resume_a_run_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "out.partial"
    with open_journal(path, KEY, resume=False) as first:
        assert first.once("a", lambda: 1) == 1
    with open_journal(path, KEY, resume=False) as second:
        assert second.once("a", lambda: 2) == 2


def test_other_files_under_the_same_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "out.partial"
    with open_journal(path, KEY, resume=False) as journal:
        journal.within("set").require("files", {"qrels.tsv": "1"}, "files")
        journal.within("other").require("files", {"qrels.tsv": "2"}, "files")
    with open_journal(path, KEY, resume=True) as again:
        again.within("set").require("files", {"qrels.tsv": "1"}, "files")
        with pytest.raises(InputError, match="had other files"):
            again.within("set").require("files", {"qrels.tsv": "3"}, "files")


@pytest.mark.parametrize("line", ["nonsense", '{"step": "a"}', "[]"])
def test_what_is_no_journal_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "out.partial"
    with open_journal(path, KEY, resume=False):
        pass
    path.write_text(f"{path.read_text()}{line}\n")
    with pytest.raises(InputError, match="line 2: not a line of a journal"):
        open_journal(path, KEY, resume=True)
