"""What a run tells: its JSON, its minimums, its tables."""

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from pincite.errors import InputError
from pincite.evaluate.datasets import DataSet
from pincite.evaluate.measures import DATA_SET_RANKS, Figures
from pincite.evaluate.questions import Evidence, GoldQuestion
from pincite.evaluate.report import (
    data_set_json,
    data_sets_json,
    macro_average,
    question_json,
    write_json,
)
from pincite.evaluate.retrieval import DataSetRun
from pincite.evaluate.run import QuestionRun
from pincite.evaluate.tables import progress, show_data_sets, show_questions
from pincite.evaluate.verdicts import FAILURES, Cited, Verdict, worst_failures
from pincite.records import Leg, Status


def _verdict(
    id_: str, status: Status, hit: bool | None, contained: bool | None, confidence: float
) -> Verdict:
    answerable = contained is not None
    evidence = (Evidence("a.txt", "what [bold]stands[/] there"),) if answerable else ()
    question = GoldQuestion(
        id_, f"{id_}: [red]why[/]?", "en", "fact", answerable, evidence, (("yes", "是"),), 1
    )
    cited = () if hit is None else (Cited("b.txt", 3, 9, "quoted [1]", hit),)
    return Verdict(question, status, None, confidence, cited, contained, {"fused": (2,)}, 1.5)


VERDICTS = [
    _verdict("fine", "answered", True, True, 0.9),
    _verdict("words", "answered", True, False, 0.9),
    _verdict("refused", "not_found", None, False, 0.1),
    _verdict("elsewhere", "answered", False, False, 0.8),
    _verdict("invented", "answered", False, None, 0.4),
    _verdict("invented-surely", "answered", False, None, 0.7),
    _verdict("abstained", "not_found", None, None, 0.1),
]
FIGURES: Figures = {
    "questions": 7,
    "recall@1": 0.25,
    "recall@5": 1.0,
    "mrr": 0.5,
    "evidence_hit": 0.5,
    "citation_precision": None,
    "answer_containment": 0.5,
    "abstention_precision": 0.5,
    "abstention_recall": 1 / 3,
    "latency_ms_p50": 12.34,
}
RUN = QuestionRun(
    FIGURES, {"fused": {"mrr": 0.5}}, {"lang": {"en": FIGURES}, "kind": {"fact": FIGURES}}, VERDICTS
)


def _set_run(name: str, recall: float, queries: int) -> DataSetRun:
    figures: Figures = dict.fromkeys((*DATA_SET_RANKS, "latency_ms_p50", "latency_ms_p95"), 2.0)
    figures["recall@1"] = recall
    size: Figures = {"queries": queries, "passages": 10, "ingest_seconds": 1.5}
    legs: dict[Leg, Figures] = {"fused": figures}
    return DataSetRun(
        name,
        figures | size,
        legs,
        {"q": figures},
        9,
        ["e"],
        [],
        ["m", "n"],
        {"qrels.tsv": "0"},
        DataSet(name, {}, [], {"q": "why?"}, {"q": {"d": 1}}, [], {}),
    )


def test_the_json_has_the_figures_flat_and_each_question(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    write_json(path, question_json(RUN, {"versions": {}}))
    content = json.loads(path.read_text(encoding="utf-8"))
    assert {name: content[name] for name in FIGURES} == FIGURES
    assert content["slices"]["lang"]["en"]["mrr"] == 0.5
    assert content["run"] == {"versions": {}}
    first = content["per_question"][0]
    assert first["ranks"] == {"fused": [2]}
    assert first["citations"] == [
        {"document": "b.txt", "start": 3, "end": 9, "quote": "quoted [1]", "hit": True, "score": 0}
    ]
    assert (first["evidence_hit"], content["per_question"][4]["evidence_hit"]) == (True, None)


def test_a_file_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_json(tmp_path, {})


def test_several_sets_are_averaged_with_equal_weight() -> None:
    runs = [_set_run("a", 0.2, 1000), _set_run("b", 0.8, 10)]
    average = macro_average(runs)
    assert average["recall@1"] == 0.5
    assert (average["queries"], average["passages"], average["ingest_seconds"]) == (1010, 20, 3.0)
    content = data_sets_json(runs, {})
    assert content["recall@1"] == 0.5
    assert content["average"] == "macro"
    assert content["sets"] == {run.name: data_set_json(run) for run in runs}


def test_the_worst_failures_come_first() -> None:
    assert [
        (verdict.question.id, FAILURES[verdict.outcome].split(",")[0])
        for verdict in worst_failures(VERDICTS)
    ] == [
        ("invented-surely", "answered"),
        ("invented", "answered"),
        ("elsewhere", "answered from elsewhere"),
        ("refused", "refused"),
        ("words", "cited well"),
    ]


def _printed(width: int = 160) -> tuple[Console, StringIO]:
    out = StringIO()
    return Console(file=out, width=width, highlight=False), out


def test_the_tables_show_figures_slices_and_failures_as_they_are() -> None:
    console, out = _printed()
    show_questions(console, RUN)
    text = out.getvalue()
    for part in (
        "0.333",
        "12.3",
        "–",
        "lang en",
        "kind fact",
        "5 failures:",
        "invented: [red]why[/]?",
        "cited  b.txt quoted [1]",
        "wanted a.txt what [bold]stands[/] there",
        "wanted words: yes or 是",
    ):
        assert part in text, part
    again, out_again = _printed()
    show_questions(again, RUN)
    assert out_again.getvalue() == text


def test_the_tables_fit_eighty_columns_without_losing_a_figure() -> None:
    console, out = _printed(80)
    show_questions(console, RUN)
    assert "…" not in out.getvalue()


def test_the_tables_of_data_sets_tell_what_cannot_be_found() -> None:
    console, out = _printed()
    show_data_sets(console, [_set_run("a/en", 0.2, 1000), _set_run("b", 0.8, 10)])
    text = out.getvalue()
    for part in ("a/en fused", "0.800", "Macro average", "0.500", "1 empty", "2 judged but not in"):
        assert part in text, part
    assert "without a passage" not in text


def test_progress_runs_without_a_terminal() -> None:
    console, out = _printed()
    with progress(console) as track:
        step = track("[Asking]", 2)
        step()
        step()
    assert "[red]" not in out.getvalue()
