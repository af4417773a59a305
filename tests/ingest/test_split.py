"""Passages: the seed articles exactly, packing, and what holds for any text."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from pincite.ingest.split import Splitter
from pincite.records import Chunk

SEEDS = Path(__file__).parents[2] / "seeds"


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(re.findall(r"[\u4e00-\u9fff]|\w+|[^\w\s]", text)) for text in texts]


def count_characters(texts: Sequence[str]) -> list[int]:
    return [len("".join(text.split())) for text in texts]


def seed(name: str) -> str:
    return (SEEDS / name).read_text(encoding="utf-8")


def sentences(text: str, chunk: Chunk) -> list[str]:
    return [text[s.start : s.end] for s in chunk.sentences]


def numbered(count: int, words: int = 9) -> list[str]:
    """Return sentences of ``words + 1`` words and marks each."""
    return [
        " ".join(["Word", *(f"w{i}x{j}" for j in range(words - 1))]) + "." for i in range(count)
    ]


@pytest.mark.parametrize(
    ("name", "title", "headings", "bullets"),
    [
        (
            "000_63e08a905cfa0a35.txt",
            "出行观 | 如果“雷军怒了”有用……",
            [
                "Core Viewpoint",
                "Group 1: Initial Expectations",
                "Group 2: Early Successes",
                "Group 3: Emerging Challenges",
                "Group 4: Recommendations for Crisis Management",
                "Group 5: Future Outlook",
            ],
            [1, 3, 2, 2, 5, 2],
        ),
        (
            "004_ab675029e0c7c2a4.txt",
            "官媒锐评小米营销手段,句句不提雷军,却给雷军提了个醒",
            ["Group 1", "Group 2", "Group 3", "Group 4", "Group 5"],
            [3, 3, 3, 3, 3],
        ),
    ],
)
def test_the_seed_articles(name: str, title: str, headings: list[str], bullets: list[int]) -> None:
    text = seed(name)
    chunks = Splitter(count_words, 250).split(text)
    assert [chunk.heading for chunk in chunks] == [f"{title} > {h}" for h in headings]
    assert [len(chunk.sentences) for chunk in chunks] == bullets
    said = [sentence for chunk in chunks for sentence in sentences(text, chunk)]
    # Each bullet as a person would copy it: between " - " and the reference numbers.
    by_hand = re.findall(r" - (.*?) \[\d", text)
    assert said == by_hand
    assert not any(re.search(r"\[\d|Group \d|Core Viewpoint| - ", sentence) for sentence in said)


def test_english_news() -> None:
    text = (
        "Tesla beats estimates\n\n"
        "AUSTIN, Texas - Tesla Inc. said on Monday it earned $3.14 billion. Mr. Musk spoke at 5 "
        'p.m. Monday. "We did it," he said. The U.S. government declined to comment.\n\n'
        "Outlook\n\n"
        "Analysts expect more growth, according to J. P. Morgan. Shares rose 2.5%.\n"
    )
    first, second = Splitter(count_words, 60).split(text)
    assert (first.heading, second.heading) == (
        "Tesla beats estimates",
        "Tesla beats estimates > Outlook",
    )
    assert sentences(text, first) == [
        "AUSTIN, Texas - Tesla Inc. said on Monday it earned $3.14 billion.",
        "Mr. Musk spoke at 5 p.m. Monday.",
        '"We did it," he said.',
        "The U.S. government declined to comment.",
    ]
    assert sentences(text, second) == [
        "Analysts expect more growth, according to J. P. Morgan.",
        "Shares rose 2.5%.",
    ]


def test_chinese_news() -> None:
    text = (
        "小米汽车交付量突破50万辆！\n\n"
        "\u3000\u300011月3日，小米公司宣布，其汽车累计交付量突破50万辆。“我们做到了！”雷军说。\n"
        "\u3000\u3000他问：“还有谁？我不信。”二季度营收为1,000.5亿元；利润增长3.5%[3][5]。\n"
    )
    (chunk,) = Splitter(count_words, 200).split(text)
    assert chunk.heading == "小米汽车交付量突破50万辆！"
    assert sentences(text, chunk) == [
        "11月3日，小米公司宣布，其汽车累计交付量突破50万辆。",
        "“我们做到了！”雷军说。",
        "他问：“还有谁？我不信。”",
        "二季度营收为1,000.5亿元；利润增长3.5%",
    ]


def test_a_contract() -> None:
    text = (
        "购销合同\n\n第一章 总则\n第一条 甲方向乙方购买汽车。\n第二条 双方应当诚实守信。\n"
        "第二章 付款\n第三条 甲方应当：（1）在三十日内付清货款；（2）承担运输的费用。\n"
    )
    chunks = Splitter(count_words, 60).split(text)
    assert [chunk.heading for chunk in chunks] == [
        "购销合同 > 第一章 总则",
        "购销合同 > 第二章 付款",
    ]
    assert [s for chunk in chunks for s in sentences(text, chunk)] == [
        "第一条 甲方向乙方购买汽车。",
        "第二条 双方应当诚实守信。",
        "第三条 甲方应当：（1）在三十日内付清货款；",
        "承担运输的费用。",
    ]


def test_markdown() -> None:
    text = (
        "# Results\n\nIt was good.\n\n## Sales\n\n- Up [1]\n- Down [2].\n\n"
        "| Y | S |\n|---|---|\n| 1 | 2 |\n"
    )
    first, second = Splitter(count_words, 60).split(text)
    assert (first.heading, second.heading) == ("Results", "Results > Sales")
    assert sentences(text, first) == ["It was good."]
    assert sentences(text, second) == ["Up", "Down", "Y | S", "1 | 2"]
    assert text[second.start : second.end].startswith("- Up [1]\n- Down")


def test_headings_alone_are_not_lost() -> None:
    text = "# A\n## B\n### C\n"
    (chunk,) = Splitter(count_words, 50).split(text)
    assert (chunk.heading, sentences(text, chunk)) == ("A > B", ["C"])


@pytest.mark.parametrize("text", ["", "  \n\u3000\r\n\t"])
def test_nothing_gives_nothing(text: str) -> None:
    assert Splitter(count_words, 50).split(text) == []


@pytest.mark.parametrize("text", ["---", "[1][2]", "```", "* * *\n\n---"])
def test_layout_alone_is_still_a_passage(text: str) -> None:
    (chunk,) = Splitter(count_words, 50).split(text)
    assert sentences(text, chunk) == [text]


def test_passages_are_balanced_and_end_with_paragraphs() -> None:
    said = numbered(12)
    text = "\n\n".join([" ".join(said[:5]), " ".join(said[5:])])
    chunks = Splitter(count_words, 80).split(text)
    assert [len(chunk.sentences) for chunk in chunks] == [5, 7]
    chunks = Splitter(count_words, 100).split(" ".join(numbered(11)))
    assert [len(chunk.sentences) for chunk in chunks] in ([5, 6], [6, 5])


def test_the_target_makes_passages_smaller_but_cuts_no_sentence() -> None:
    text = " ".join([*numbered(6), *numbered(1, words=59)])
    chunks = Splitter(count_words, 100, target_tokens=30).split(text)
    assert [len(chunk.sentences) for chunk in chunks] == [3, 3, 1]


def test_sections_share_a_passage_only_if_they_are_tiny() -> None:
    text = "".join(f"## H{i}\n\n{sentence}\n\n" for i, sentence in enumerate(numbered(4)))
    assert [chunk.heading for chunk in Splitter(count_words, 60).split(text)] == [
        "H0",
        "H1",
        "H2",
        "H3",
    ]
    merged = Splitter(count_words, 120).split(text)
    assert [chunk.heading for chunk in merged] == ["H0", "H2"]
    assert "## H1" in text[merged[0].start : merged[0].end]


def test_a_sentence_longer_than_a_passage_is_cut_at_its_commas() -> None:
    text = "，".join(["这是一个十分长的分句"] * 9) + "。"
    chunks = Splitter(count_characters, 40).split(text)
    said = [s for chunk in chunks for s in sentences(text, chunk)]
    assert "".join(said) == text
    assert all(len(s) <= 40 and s[-1] in "，。" for s in said)


def test_all_sentences_are_counted_in_one_call() -> None:
    calls = []

    def count(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return count_words(texts)

    Splitter(count, 50).split("One. Two. [1] Three.\n\n# Four\n\nFive.")
    assert len(calls) == 1


@pytest.mark.parametrize(("most", "target"), [(0, None), (10, 11), (10, 0)])
def test_sizes_are_checked(most: int, target: int | None) -> None:
    with pytest.raises(ValueError, match=r"wanted 1 <= target_tokens <= max_tokens"):
        Splitter(count_words, most, target)
