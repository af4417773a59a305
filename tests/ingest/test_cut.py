"""Cutting what is too long."""

import pytest

from pincite.ingest.cut import cut, is_character_boundary

FAMILY = "👨\u200d👩\u200d👧"


def pieces(text: str, parts: int) -> list[str]:
    return [text[start:end] for start, end in cut(text, 0, len(text), parts)]


def test_cuts_prefer_clauses_then_spaces() -> None:
    assert pieces("one two, three four, five six", 2) == ["one two,", " three four, five six"]
    assert pieces("一二三四，五六七八九十", 2) == ["一二三四，", "五六七八九十"]
    assert pieces("one two three four", 2) == ["one two ", "three four"]
    assert pieces("costs of 100,000,000 a year", 2) == ["costs of ", "100,000,000 a year"]


def test_pieces_join_to_the_whole() -> None:
    text = f"aé{FAMILY}🇨🇳🇫🇷한각 " * 40
    for parts in (1, 2, 3, 7, len(text)):
        assert "".join(pieces(text, parts)) == text
        assert len(pieces(text, parts)) <= parts
    assert len(pieces(text, 7)) == 7


@pytest.mark.parametrize(
    "cluster",
    [
        "e\u0301\u0323",
        FAMILY,
        "👍🏽",
        "🇨🇳",
        "❤\ufe0f",
        "\r\n",
        "\u1112\u1161\u11ab",
        "1\ufe0f\u20e3",
    ],
)
def test_characters_are_never_cut(cluster: str) -> None:
    assert pieces(cluster, len(cluster)) == [cluster]
    assert pieces(cluster * 5, 5 * len(cluster)) == [cluster] * 5


def test_a_run_of_marks_without_end_is_cut_all_the_same() -> None:
    assert len(pieces("e" + "\u0301" * 1000, 4)) > 1


def test_flags_are_told_apart() -> None:
    flags = "🇨🇳🇫🇷🇩🇪"
    assert [i for i in range(1, 6) if is_character_boundary(flags, i)] == [2, 4]
