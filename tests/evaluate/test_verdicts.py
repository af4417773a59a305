"""Judging an answer: what overlaps, what is contained, what it is called."""

import pytest

from pincite.evaluate.verdicts import contains_answers


@pytest.mark.parametrize(
    ("text", "groups", "wanted"),
    [
        ("return DOUBLE the\ndeposit [1]", [["double the deposit"]], True),
        ("以雙倍訂金返還", [["双倍订金"]], True),
        ("２０２４年１１月", [["2024年11月"]], True),
        ("timely and open", [["timely"], ["open", "transparent"]], True),
        ("timely", [["timely"], ["open", "transparent"]], False),
        ("the deposit", [["double the deposit", "双倍定金"]], False),
    ],
)
def test_answers_are_an_and_over_groups_and_an_or_within(
    text: str, groups: list[list[str]], wanted: bool
) -> None:
    assert contains_answers(text, groups) is wanted
