"""The edits that development statements are made by keep, or turn, what a sentence says."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

Script = Callable[[str], Any]


@pytest.mark.parametrize(
    ("edit", "sentence", "edited"),
    [
        ("negated", "The bridge is open.", "The bridge is not open."),
        ("negated", "大桥可以通行。", "大桥不可以通行。"),
        ("unnegated", "The bridge is not open.", "The bridge is open."),
        ("unnegated", "大桥没有名字。", "大桥有名字。"),
        ("opposite", "The price rose again.", "The price fell again."),
        ("opposite", "人口增加。", "人口减少。"),
        ("opposite", "The cat sat on the mat.", None),
    ],
)
def test_what_turns_a_sentence(
    script: Script, edit: str, sentence: str, edited: str | None
) -> None:
    assert getattr(script("statement_edits"), edit)(sentence, Random(1)) == edited


@pytest.mark.parametrize(
    ("edit", "sentence", "edited"),
    [
        ("other_notation", "约有50万人，占30%。", "约有500000人，占百分之30。"),
        ("other_notation", "It began on March 5, 2020.", "It began on 5 March 2020."),
        ("shortened", "A bridge was built in 1950, near Ely.", "A bridge was built in 1950."),
        ("shortened", "The bridge is closed, unless it is dry weather.", None),
        ("reworded", "It is about two miles long.", "It is approximately two miles long."),
        ("other_script", "开放时间", "開放時間"),
    ],
)  # fmt: skip
def test_what_keeps_it(script: Script, edit: str, sentence: str, edited: str | None) -> None:
    assert getattr(script("statement_edits"), edit)(sentence) == edited


def test_a_number_is_changed_and_nothing_else(script: Script) -> None:
    changed = script("statement_edits").renumbered("In 1950 it had 300 rooms.", Random(1))
    kept, was = changed.split(), "In 1950 it had 300 rooms.".split()
    assert sum(a != b for a, b in zip(kept, was, strict=True)) == 1
