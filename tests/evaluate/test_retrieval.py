"""A data set run through a library in memory."""

from collections import Counter
from collections.abc import Callable

import pytest

from pincite.evaluate.datasets import DataSet, Qrels
from pincite.evaluate.retrieval import run_data_set
from pincite.evaluate.run import DEPTH
from pincite.records import ParsedDocument
from tests.evaluate.stand_in import MemoryWorkspace

STEPS: Counter[str] = Counter()


def _track(name: str, length: int) -> Callable[[], object]:
    STEPS[name] -= length
    return lambda: STEPS.update([name])


def _data(texts: dict[str, str], queries: dict[str, str], qrels: Qrels) -> DataSet:
    documents = {
        id_: ParsedDocument("", text, None, "en", "text/plain") for id_, text in texts.items()
    }
    return DataSet("set", documents, ["e1"], queries, qrels, ["m1", "m2"], {"corpus.jsonl": "0"})


TEXTS = {
    "court": "The court ruled against the firm. Everyone was surprised.",
    "cars": "The firm sold many cars in May.",
    "bands": "A wrist band with a low price.",
}
QUERIES = {"q1": "court ruled", "q2": "cars sold in May", "q3": "low price cars sold"}
QRELS = {"q1": {"court": 1}, "q2": {"cars": 1, "bands": 1}, "q3": {"bands": 1}}


def test_the_figures_are_those_counted_by_hand() -> None:
    STEPS.clear()
    workspace = MemoryWorkspace()
    run = run_data_set(workspace, _data(TEXTS, QUERIES, QRELS), _track)
    assert run.queries["q1"]["mrr@10"] == 1
    assert run.queries["q2"]["recall@1"] == 0.5
    assert run.queries["q3"]["recall@1"] in (0, 1)
    assert run.figures["recall@5"] == 1
    assert run.figures["recall@1"] == pytest.approx(
        (1 + 0.5 + (run.queries["q3"]["recall@1"] or 0)) / 3
    )
    assert run.figures["queries"] == 3
    assert run.figures["passages"] == 4
    assert (run.documents, run.empty, run.refused, run.missing) == (4, ["e1"], [], ["m1", "m2"])
    assert workspace.with_sentence_vectors == [False]
    assert set(STEPS.values()) == {0}


def test_each_leg_is_measured_and_the_first_is_on_top() -> None:
    data = _data(TEXTS, {"q2": QUERIES["q2"]}, {"q2": {"cars": 1}})
    workspace = MemoryWorkspace()
    run = run_data_set(workspace, data, _track, legs=("dense", "fused"))
    assert list(run.legs) == ["dense", "fused"]
    assert run.figures["mrr@10"] == run.legs["dense"]["mrr@10"]
    assert run.legs["fused"]["mrr@10"] == 1
    assert (run.legs["dense"]["mrr@10"] or 0) < 1


def test_documents_rank_by_their_best_passage_and_appear_once() -> None:
    texts = {"long": "red. blue. red green.", "short": "red blue."}
    data = _data(texts, {"q": "red blue"}, {"q": {"short": 1}})
    run = run_data_set(MemoryWorkspace(), data, _track)
    assert run.queries["q"]["mrr@10"] == 1
    data = _data(texts, {"q": "red green"}, {"q": {"short": 1}})
    run = run_data_set(MemoryWorkspace(), data, _track)
    assert run.queries["q"]["mrr@10"] == 0.5


def test_more_passages_are_asked_for_where_long_documents_fill_the_first() -> None:
    texts = {"long": "red fox. " * 300, "b": "a red car.", **{f"x{i}": "blue." for i in range(9)}}
    workspace = MemoryWorkspace()
    data = _data(texts, {"q": "red fox"}, {"q": {"b": 1}})
    run = run_data_set(workspace, data, _track)
    assert run.queries["q"]["mrr@10"] == 0.5
    asked = [k for text, k, _ in workspace.searched if text == "red fox"]
    assert asked == [DEPTH, 4 * DEPTH, 16 * DEPTH]


def test_equal_texts_are_both_found() -> None:
    data = _data(
        {"a": "red fox.", "b": "red fox.", "c": "x."}, {"q": "fox"}, {"q": {"a": 1, "b": 1}}
    )
    run = run_data_set(MemoryWorkspace(), data, _track)
    assert (run.queries["q"]["recall@1"], run.queries["q"]["recall@5"]) == (0.5, 1)


def test_documents_the_library_refused_are_named() -> None:
    workspace = MemoryWorkspace()
    workspace.refuses = {"cars"}
    run = run_data_set(workspace, _data(TEXTS, QUERIES, QRELS), _track)
    assert run.refused == ["cars"]
    assert run.queries["q2"]["recall@10"] == 0.5
