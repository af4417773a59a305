"""What the reader is trained on: where the answers stand, and which questions are held out."""

from collections.abc import Callable
from typing import Any

import pytest

from pincite.text import fold


@pytest.fixture
def found(script: Callable[[str], Any]) -> Callable[..., list[str]]:
    """Find answers in a text, and return what stands there."""
    reader_examples = script("reader_examples")

    def occurrences(text: str, *answers: str) -> list[str]:
        spans = reader_examples.occurrences(text, [[fold(answer) for answer in answers]])
        return [text[span.start : span.end] for span in spans]

    return occurrences


@pytest.mark.parametrize(
    ("text", "answer", "wanted"),
    [
        ("他在歐洲學習，後來回到歐洲。", "欧洲", ["歐洲", "歐洲"]),
        ("他在欧洲学习。", "歐洲", ["欧洲"]),
        ("溫度是３００度，售價ＡＢＣ。", "300度", ["３００度"]),
        ("The BBC and the bbc.", "Bbc", ["BBC", "bbc"]),
        ("價格（C++ 版）", "c++ 版", ["C++ 版"]),
        ("乾隆皇帝", "乾隆", ["乾隆"]),
    ],
)
def test_an_answer_is_found_in_any_script_width_and_case(
    found: Callable[..., list[str]], text: str, answer: str, wanted: list[str]
) -> None:
    assert found(text, answer) == wanted


@pytest.mark.parametrize(
    "before",
    [
        "他說……",
        "氣溫５℃，",
        "面積㎡：",
        "Cafe\u0301，",
        "cafe\u0301……",
        "İstanbul，",
        "👩‍👩‍👧 ㍿ ﷺ ",
    ],
)
def test_what_changes_its_length_in_folding_moves_nothing(
    found: Callable[..., list[str]], before: str
) -> None:
    assert found(f"{before}學習的地方是歐洲。{before}", "欧洲") == ["歐洲"]


def test_a_character_that_is_folded_to_several_is_taken_whole(
    found: Callable[..., list[str]],
) -> None:
    assert found("室溫２５℃左右", "25°c") == ["２５℃"]
    assert found("Le cafe\u0301 noir", "café") == ["cafe\u0301"]


def test_an_empty_answer_stands_nowhere(found: Callable[..., list[str]]) -> None:
    assert found("text", "") == []
    assert found("", "text") == []


@pytest.fixture
def held_out(script: Callable[[str], Any]) -> Callable[[str], bool]:
    held_out: Callable[[str], bool] = script("reader_split").held_out
    return held_out


def test_a_question_goes_with_its_translation(held_out: Callable[[str], bool]) -> None:
    ids = [f"{number:040x}" for number in range(300)]
    assert [held_out(f"zh_{i}") for i in ids] == [held_out(f"en_{i}") for i in ids]


@pytest.mark.parametrize(
    "question",
    ["drcd_dev_{article}-{number}-{number}", "cmrc_trial_TRIAL_{article}_QUERY_{number}"],
)
def test_a_question_goes_with_the_others_of_its_article(
    held_out: Callable[[str], bool], question: str
) -> None:
    sides = []
    for article in range(800, 1100):
        asked = [question.format(article=article, number=n) for n in (0, 1, 7, 12)]
        (side,) = {held_out(question_id) for question_id in asked}
        sides.append(side)
    assert 0.12 < sum(sides) / len(sides) < 0.28
