"""Minimums, maximums, and falls against an older run."""

import pytest

from pincite.errors import InputError
from pincite.evaluate.gates import Gates, dropped, missed, parse_gates
from pincite.evaluate.measures import Figures
from pincite.evaluate.names import MEANINGS, gated

FIGURES: Figures = {"recall@1": 0.25, "mrr": 0.5, "citation_precision": None, "ece": 0.06}
FIGURES |= {"false_answers": 3, "degraded": 0}
MORE = gated(data_sets=False, answers=False, better=1)


def test_gates_are_read_and_held_against_the_figures() -> None:
    minimums = parse_gates("--min", ["mrr=0.5", "recall@1=.3", "citation_precision=0"], MORE)
    assert minimums == {"mrr": 0.5, "recall@1": 0.3, "citation_precision": 0.0}
    less = gated(data_sets=False, answers=False, better=-1)
    maximums = parse_gates("--max", ["ece=0.05", "latency_ms_p95=250", "false_answers=3"], less)
    assert maximums["latency_ms_p95"] == 250
    gates = Gates(minimums, {"ece": 0.05, "aurc": 0.5, "false_answers": 2, "degraded": 0}, {})
    assert missed(FIGURES, gates) == [
        "recall@1 is 0.2500, wanted at least 0.3",
        "citation_precision could not be measured, wanted at least 0",
        "ece is 0.0600, wanted at most 0.05",
        "aurc could not be measured, wanted at most 0.5",
        "false_answers is 3, wanted at most 2",
    ]
    assert missed(FIGURES, Gates({"mrr": 0.5}, {"ece": 0.06}, {})) == []


def test_a_figure_may_fall_as_far_as_it_may_and_no_further() -> None:
    gates = Gates({}, {}, {"mrr": 0.1, "recall@1": 0.1, "citation_precision": 0.1})
    before: Figures = {"recall@1": 0.36, "mrr": 0.6, "citation_precision": 0.5}
    assert dropped(before, FIGURES, gates) == [
        "recall@1 fell from 0.3600 to 0.2500, wanted at most 0.1 less",
        "citation_precision could not be compared, wanted a fall of at most 0.1",
    ]


@pytest.mark.parametrize(
    ("option", "pair", "message"),
    [
        ("--min", "mrr", "write mrr=VALUE"),
        ("--min", "mrr=", "write mrr=VALUE"),
        ("--min", "mrr=high", "write mrr=VALUE"),
        ("--min", "mrr=1.01", "a value from 0 to 1"),
        ("--min", "mrr=-0.1", "a value from 0 to 1"),
        ("--min", "mrr=nan", "a value from 0 to 1"),
        ("--min", "mmr=0.5", "it takes recall@1, recall@5, mrr, evidence_hit"),
        ("--min", "latency_ms_p50=0.5", "no figure"),
        ("--min", "ece=0.05", "no figure"),
        ("--max", "mrr=0.5", "it takes false_refusal_rate, false_answer_rate, ece, aurc"),
        ("--max", "ece=5", "a value from 0 to 1"),
        ("--max", "latency_ms_p50=fast", "a value from 0 on"),
    ],
)
def test_a_wrong_gate_is_refused(option: str, pair: str, message: str) -> None:
    names = gated(data_sets=False, answers=False, better=1 if option == "--min" else -1)
    with pytest.raises(InputError) as caught:
        parse_gates(option, [pair], names)
    assert message in str(caught.value)
    assert f'{option} "{pair}"' in str(caught.value)


def test_data_sets_have_the_gates_of_answers_only_when_answered() -> None:
    assert "ndcg@10" in gated(data_sets=True, answers=False, better=1)
    assert "hit@1" not in gated(data_sets=True, answers=False, better=1)
    assert "hit@1" in gated(data_sets=True, answers=True, better=1)
    assert "answer_latency_ms_p95" in gated(data_sets=True, answers=True, better=-1)
    for data_sets in (True, False):
        for better in (1, -1):
            names = gated(data_sets=data_sets, answers=True, better=better)
            assert {MEANINGS[name].better for name in names} == {better}
