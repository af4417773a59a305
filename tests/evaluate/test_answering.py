"""Data sets whose queries are answered."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pincite.errors import InputError
from pincite.evaluate.datasets import load_data_set
from pincite.evaluate.journal import open_journal
from pincite.evaluate.report import data_set_json
from pincite.evaluate.retrieval import run_data_set
from tests.evaluate.articles import no_track
from tests.evaluate.stand_in import MemoryWorkspace

CORPUS = {
    "a": "The court ruled against the firm.",
    "b": "Cars sold well.",
    "c": "It rained in May.",
}
QUERIES: list[dict[str, object]] = [
    {"id": "right", "text": "court ruled", "answers": ["rejected", "against THE firm"]},
    {"id": "words", "text": "cars sold", "answers": [["cars"], ["badly"]], "kind": "fact"},
    {"id": "elsewhere", "text": "who rained in May"},
    {"id": "none", "text": "court adjourned?", "unanswerable": True, "type": "near"},
]
QRELS = "right\ta\t1\nwords\tb\t1\nelsewhere\tb\t1\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(
        queries: list[dict[str, object]] = QUERIES, qrels: str = QRELS, **corpora: list[str]
    ) -> Path:
        files = {"corpus.jsonl": list(CORPUS), **{f"{n}.jsonl": ids for n, ids in corpora.items()}}
        for name, ids in files.items():
            lines = [json.dumps({"id": id_, "text": CORPUS[id_]}) + "\n" for id_ in ids]
            (tmp_path / name).write_text("".join(lines))
        lines = [json.dumps(query) + "\n" for query in queries]
        (tmp_path / "queries.jsonl").write_text("".join(lines))
        (tmp_path / "qrels.tsv").write_text(qrels)
        return tmp_path

    return write


def test_queries_are_asked_and_judged_by_relevant_documents(write: Callable[..., Path]) -> None:
    data = load_data_set("set", write(), to_answer=True)
    assert (data.unanswerable, list(data.searched)) == ({"none"}, ["right", "words", "elsewhere"])
    workspace = MemoryWorkspace()
    run = run_data_set(workspace, data, no_track, mode="auto")
    assert workspace.with_sentence_vectors == [True]
    assert run.answers is not None
    assert [(v.question.id, v.outcome) for v in run.answers.verdicts] == [
        ("right", "right"),
        ("words", "words"),
        ("elsewhere", "elsewhere"),
        ("none", "invented"),
    ]
    assert run.figures["hit@1"] == pytest.approx(2 / 3)
    assert run.figures["answer_containment"] == 1 / 2
    assert run.figures["false_answer_rate"] == 1
    assert run.figures["recall@10"] == 1
    assert set(run.answers.slices["kind"]) == {"query", "fact", "near"}
    # The whole document is gold: marking all of it would mark nothing.
    assert not any(piece.gold for piece in run.answers.verdicts[0].cited[0].context)
    content = data_set_json(run)
    assert isinstance(content["per_query"], list)
    assert len(content["per_query"]) == 3


def test_without_asking_nothing_changes(write: Callable[..., Path]) -> None:
    folder = write([{**QUERIES[0], "answers": {"not": "read"}}, *QUERIES[1:]])
    data = load_data_set("set", folder)
    assert list(data.queries) == ["right", "words", "elsewhere"]
    run = run_data_set(MemoryWorkspace(), data, no_track)
    assert (run.answers, "hit@1" in run.figures) == (None, False)


def test_another_corpus_makes_queries_unanswerable(write: Callable[..., Path]) -> None:
    folder = write(some=["b", "c"], other=["c"])
    data = load_data_set("set", folder, corpus="some.jsonl", to_answer=True)
    assert data.unanswerable == {"right", "none"}
    assert list(data.documents) == ["b", "c"]
    assert list(load_data_set("set", folder, corpus="some.jsonl").queries) == ["words", "elsewhere"]
    none = load_data_set("set", folder, corpus="other.jsonl", to_answer=True)
    run = run_data_set(MemoryWorkspace(), none, no_track, mode="auto")
    assert len(none.unanswerable) == 4
    assert (run.figures["recall@1"], run.figures["abstention_recall"]) == (None, 3 / 4)
    with pytest.raises(InputError, match="with --answers they are asked as unanswerable"):
        load_data_set("set", folder, corpus="other.jsonl")
    with pytest.raises(InputError, match=r"lacks gone\.jsonl"):
        load_data_set("set", folder, corpus="gone.jsonl")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answers": "text"}, "queries.jsonl, line 1: .answers. must be a list of groups"),
        ({"answers": [["a"], "b"]}, "line 1: .answers. must be a list of groups"),
        ({"unanswerable": "yes"}, "line 1: .unanswerable. must be true or false"),
        ({"unanswerable": True}, "has a relevant document, but is flagged unanswerable"),
    ],
)
def test_what_is_wrong_with_a_query_is_said(
    write: Callable[..., Path], change: dict[str, object], message: str
) -> None:
    folder = write([{**QUERIES[0], **change}, *QUERIES[1:]])
    with pytest.raises(InputError, match=message):
        load_data_set("set", folder, to_answer=True)


def test_a_complete_set_is_not_taken_in_again(write: Callable[..., Path], tmp_path: Path) -> None:
    data = load_data_set("set", write(), to_answer=True)
    path = tmp_path / "out.partial"
    with open_journal(path, {}, resume=False) as journal:
        first = run_data_set(MemoryWorkspace(), data, no_track, mode="auto", journal=journal)
    lines = path.read_text().splitlines(keepends=True)
    untouched = MemoryWorkspace()
    with open_journal(path, {}, resume=True) as journal:
        again = run_data_set(untouched, data, no_track, mode="auto", journal=journal)
    assert again == first
    assert untouched.documents() == []
    path.write_text("".join(lines[:-1]))
    workspace = MemoryWorkspace()
    with open_journal(path, {}, resume=True) as journal:
        run_data_set(workspace, data, no_track, mode="auto", journal=journal)
    assert len(workspace.documents()) == 3
    assert workspace.asked[1:] == ["court adjourned?"]
