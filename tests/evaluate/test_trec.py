"""TREC files, read back by ir_measures."""

from collections.abc import Callable
from pathlib import Path

import ir_measures
import pytest
from ir_measures import RR, R, Success, nDCG

from pincite.errors import InputError
from pincite.evaluate.datasets import DataSet
from pincite.evaluate.retrieval import run_data_set
from pincite.evaluate.run import run_questions
from pincite.evaluate.trec import save_question_run, save_set_runs
from pincite.records import Leg, ParsedDocument
from tests.evaluate.articles import ROWS, article_workspace, no_track
from tests.evaluate.stand_in import MemoryWorkspace

DOCUMENTS = {"a": "The court ruled.", "b": "Cars sold well in May.", "c": "The court adjourned."}
QRELS = {"q1": {"c": 2, "a": 1}, "q2": {"b": 1}}


def _data(name: str, **more: str) -> DataSet:
    texts = DOCUMENTS | more
    return DataSet(
        name=name,
        documents={i: ParsedDocument("", t, None, "en", "text/plain") for i, t in texts.items()},
        empty=[],
        queries={"q1": "court ruled", "q2": "adjourned"},
        qrels=QRELS,
        missing=[],
        files={},
    )


def _measured(run: Path, qrels: Path, *measures: ir_measures.Measure) -> dict[str, float]:
    judged = ir_measures.read_trec_qrels(str(qrels))  # type: ignore[no-untyped-call]
    ranked = ir_measures.read_trec_run(str(run))  # type: ignore[no-untyped-call]
    found = ir_measures.calc_aggregate(measures, judged, ranked)
    return {str(measure): value for measure, value in found.items()}


def test_the_files_of_a_data_set_give_the_figures_of_the_run(tmp_path: Path) -> None:
    run = run_data_set(MemoryWorkspace(), _data("a"), no_track)
    path = tmp_path / "out.trec"
    assert save_set_runs(path, [run]) == [path, tmp_path / "out.qrels"]
    figures = _measured(path, tmp_path / "out.qrels", nDCG @ 10, RR @ 10, R @ 5)
    assert figures == pytest.approx(
        {
            "nDCG@10": run.figures["ndcg@10"],
            "RR@10": run.figures["mrr@10"],
            "R@5": run.figures["recall@5"],
        }
    )


def test_each_set_and_leg_has_a_file(tmp_path: Path) -> None:
    legs: tuple[Leg, ...] = ("fused", "dense")
    runs = [
        run_data_set(MemoryWorkspace(), _data(name), no_track, legs=legs) for name in ("b/zh", "c")
    ]
    written = save_set_runs(tmp_path / "x.trec", runs)
    names = ["b-zh.fused.trec", "b-zh.dense.trec", "b-zh.qrels"]
    names += ["c.fused.trec", "c.dense.trec", "c.qrels"]
    assert [path.name for path in written] == [f"x.{name}" for name in names]
    assert written[0].read_text() != written[1].read_text()


def test_passages_of_a_question_file_are_judged_by_their_evidence(
    tmp_path: Path, write_rows: Callable[..., Path]
) -> None:
    run = run_questions(article_workspace(), write_rows(*ROWS), no_track)
    ranked, judged = save_question_run(tmp_path / "out.trec", run)
    figures = _measured(ranked, judged, Success @ 1, Success @ 5, RR)
    assert figures == pytest.approx(
        {
            "Success@1": run.figures["recall@1"],
            "Success@5": run.figures["recall@5"],
            "RR": run.figures["mrr"],
        }
    )


def test_an_id_that_the_format_cannot_hold_is_refused(tmp_path: Path) -> None:
    run = run_data_set(MemoryWorkspace(), _data("a", **{"d 1": "The court."}), no_track)
    with pytest.raises(InputError, match='cannot hold the id "d 1"'):
        save_set_runs(tmp_path / "out.trec", [run])
