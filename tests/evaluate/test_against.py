"""Two runs of the same questions, held against each other."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pincite.errors import InputError
from pincite.evaluate.against import changes_line, compare, overall
from pincite.evaluate.datasets import DataSet
from pincite.evaluate.measures import DATA_SET_RANKS
from pincite.evaluate.report import (
    Json,
    data_set_json,
    data_sets_json,
    question_json,
)
from pincite.evaluate.retrieval import DataSetRun, run_data_set
from pincite.evaluate.rows import read_run
from pincite.evaluate.run import run_questions
from pincite.records import ParsedDocument
from tests.evaluate.articles import ROWS, article_workspace, no_track
from tests.evaluate.stand_in import MemoryWorkspace

Write = Callable[..., Path]


@pytest.fixture
def run(write_rows: Write) -> Json:
    return question_json(run_questions(article_workspace(), write_rows(*ROWS), no_track), {})


def _changed(run: Json, **rows: dict[str, object]) -> Json:
    """Return a run whose questions of these ids came out otherwise."""
    content: Json = json.loads(json.dumps(run))
    assert isinstance(content["per_question"], list)
    for row in content["per_question"]:
        row.update(rows.get(row["id"], {}))
    return content


REFUSED: dict[str, object] = {
    "status": "not_found",
    "outcome": "refused",
    "evidence_hit": False,
    "citations": [],
    "sentences": [],
}


def test_the_figures_compared_are_those_of_the_runs(run: Json) -> None:
    (comparison,) = compare(run, run)
    before, now = overall([comparison])
    assert now == before == pytest.approx({name: run[name] for name in now})
    others = {"questions", "false_refusals", "false_answers", "partial", "degraded", "ece_noise"}
    assert now.keys() | others == {n for n, v in run.items() if isinstance(v, (int, float))}
    assert changes_line(comparison) == "6 as before"
    assert not any(one.sure for one in comparison.differences)


def test_each_question_that_changed_is_named_broken_ones_first(run: Json) -> None:
    old = _changed(
        run,
        right=REFUSED,
        wrong=REFUSED,
        near={"status": "not_found", "outcome": "abstained"},
    )
    (comparison,) = compare(run, old)
    assert [(c.turn, c.id, c.before, c.after) for c in comparison.changes] == [
        ("broken", "near", "rightly refused", "false answer"),
        ("changed", "wrong", "false refusal", "answered from elsewhere"),
        ("fixed", "right", "false refusal", "right"),
    ]
    assert changes_line(comparison) == "1 broken, 1 changed, 1 fixed, 3 as before"
    changes = {one.name: one.change for one in comparison.differences}
    assert changes["evidence_hit"] == pytest.approx(1 / 4)
    assert changes["false_refusal_rate"] == pytest.approx(-2 / 4)
    assert changes["false_answer_rate"] == pytest.approx(1 / 2)


def test_only_common_questions_are_compared_and_it_is_said(run: Json, write_rows: Write) -> None:
    other = {**ROWS[1], "question": "firm sold what in June?"}
    path = write_rows(ROWS[0], other, {**ROWS[4], "id": "new"})
    shorter = question_json(run_questions(article_workspace(), path, no_track), {})
    (comparison,) = compare(shorter, run)
    assert comparison.questions == 1
    assert "only the 1 questions in common" in comparison.notice
    assert "2 of the new run are new or changed, 5 of the old run" in comparison.notice


def test_runs_without_a_common_question_are_refused(run: Json, write_rows: Write) -> None:
    path = write_rows({**ROWS[0], "question": "another?"})
    other = question_json(run_questions(article_workspace(), path, no_track), {})
    with pytest.raises(InputError, match="no question in common"):
        compare(other, run)


@pytest.mark.parametrize("content", [{}, {"sets": 3}, {"per_question": [{"id": "a"}]}])
def test_what_is_no_run_is_refused(run: Json, content: Json) -> None:
    with pytest.raises(InputError, match="is not what this version"):
        compare(run, content)


@pytest.mark.parametrize("text", ["nonsense", "[]", ""])
def test_a_file_that_is_no_json_object_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "old.json"
    path.write_text(text)
    with pytest.raises(InputError, match="--against"):
        read_run(path)


def _set(name: str, queries: int) -> DataSetRun:
    texts = {f"d{i}": f"word{i} the firm." for i in range(12)}
    data = DataSet(
        name=name,
        documents={i: ParsedDocument("", t, None, "en", "text/plain") for i, t in texts.items()},
        empty=[],
        queries={f"q{i}": f"word{i}" for i in range(queries)},
        qrels={f"q{i}": {f"d{i}": 1} for i in range(queries)},
        missing=[],
        files={},
        tags={f"q{i}": ("en", "query") for i in range(queries)},
    )
    return run_data_set(MemoryWorkspace(), data, no_track, mode="auto")


def test_data_sets_are_compared_one_by_one_and_on_average() -> None:
    content = data_sets_json([_set("a", 8), _set("b", 4)], {})
    old = json.loads(json.dumps(content))
    for query in old["sets"]["a"]["per_query"]:
        query.update(dict.fromkeys(DATA_SET_RANKS, 0.0))
    found = compare(content, old)
    names = [comparison.name for comparison in found]
    assert names == [
        "a",
        "b",
        "macro average",
        "a, answers",
        "b, answers",
        "macro average, answers",
    ]
    first, second, average = found[:3]
    assert changes_line(first) == "8 better, 0 as before"
    assert changes_line(second) == "4 as before"
    before, now = overall(found)
    assert now == pytest.approx({name: content[name] for name in now})
    assert (before["recall@1"], now["recall@1"]) == (0.5, 1.0)
    (recall,) = [one for one in average.differences if one.name == "recall@1"]
    # One set of two gained all of it, whatever is drawn.
    assert (recall.change, recall.low, recall.high) == (0.5, 0.5, 0.5)


def test_another_corpus_is_told() -> None:
    content = data_set_json(_set("a", 3))
    other = {**content, "files": {"corpus.jsonl": "1", "qrels.tsv": "1"}}
    assert {one.notice for one in compare(content, other)} == {"the corpus is not the same"}


def test_one_data_set_is_compared_with_itself() -> None:
    content = data_set_json(_set("a", 3))
    assert [comparison.name for comparison in compare(content, content)] == ["", "answers"]
