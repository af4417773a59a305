"""Headings and regions of a document."""

import pytest

from pincite.ingest.outline import Heading, Region, heading_path, outline


def shown(text: str) -> list[str]:
    """Show each element: "LEVEL# heading", or the region's content."""
    return [
        f"{e.level}# {text[e.start : e.end]}" if isinstance(e, Heading) else text[e.body : e.end]
        for e in outline(text)
    ]


BODY = "This is a paragraph of prose that is long enough to stand under a heading, and it ends."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"# One #\n{BODY}", ["1# One", BODY]),
        (f"##标题\n{BODY}", ["2# 标题", BODY]),
        (f"One\n===\n{BODY}\n\nTwo\n---\n{BODY}", ["1# One", BODY, "2# Two", BODY]),
        (f"Intro.\n\n**Bold Title**\n{BODY}", ["Intro.", "13# Bold Title", BODY]),
        (f"Title of it\n\n{BODY}", ["0# Title of it", BODY]),
        (f"他怒了……\n\n{BODY}", ["0# 他怒了……", BODY]),
        (f"{BODY}\n\nMarket outlook\n\n{BODY}", [BODY, "13# Market outlook", BODY]),
        (f"{BODY}\n\nHow do I reset it?\n\n{BODY}", [BODY, "13# How do I reset it?", BODY]),
        (
            f"前言。\n一、市场\n{BODY}\n二、风险\n{BODY}",
            ["前言。", "9# 一、市场", BODY, "9# 二、风险", BODY],
        ),
        (f"前言。\n第一章 总则\n{BODY}", ["前言。", "7# 第一章 总则", BODY]),
        (
            f"前言。\n1. Terms\n{BODY}\n2. Price\n{BODY}",
            ["前言。", "11# 1. Terms", BODY, "11# 2. Price", BODY],
        ),
        (f"{BODY}\n\nPart II: The Price\n\n{BODY}", [BODY, "7# Part II: The Price", BODY]),
    ],
)
def test_headings(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "He came.\n\nHe left.",
        "今天天气很好。\n\n我们去公园。",
        "Only one line",
        f"{BODY}\n\nBy Jane Doe\n\n{BODY}",
        f"{BODY}\n\nDate: today\n\n{BODY}",
        f"{BODY}\n\n2024-11-03 10:00\n\n{BODY}",
        f"{BODY}\n\nand so on\n\n{BODY}",
        "一、苹果\n二、香蕉\n三、橘子\n后面是正文，它比较长，所以不是列表。",
        "1. Apples\n2. Pears\n\nThen prose follows the list.",
        "Foods:\n- apples\n- pears",
    ],
)
def test_what_is_no_heading(text: str) -> None:
    assert not any(isinstance(e, Heading) for e in outline(text))


def test_a_heading_with_nothing_under_it_is_text() -> None:
    assert shown("# A\n## B\n## C") == ["1# A", "B", "C"]
    assert shown("# A\n# B\n\ntext") == ["A", "1# B", "text"]


def test_layout_is_left_out() -> None:
    text = (
        "Some intro.\n\n---\n\n| Year | Sales |\n|---|---:|\n| 2023 | 5 |\n\n"
        "Name | Age\nBob | 7\n\n> Quoted words.\n\n```python\nx = 1\n\ny = 2\n```\n\n* * *\nEnd."
    )
    assert shown(text) == [
        "Some intro.",
        "Year | Sales",
        "2023 | 5",
        "Name | Age",
        "Bob | 7",
        "Quoted words.",
        "x = 1",
        "y = 2",
        "End.",
    ]
    assert [e.whole for e in outline(text) if isinstance(e, Region)].count(True) == 6


def test_an_unclosed_fence_opens_no_code() -> None:
    assert shown("Text.\n\n```\n\n## Head\n\nMore.") == ["Text.", "2# Head", "More."]


@pytest.mark.parametrize(
    "mark",
    ["- ", "* ", "• ", "•", "– ", "1. ", "2) ", "（一）", "二、", "3、", "③", "(a) ", "(iv) "],
)
def test_list_items_leave_out_their_marks(mark: str) -> None:
    assert shown(f"We sell:\n{mark}apples\n{mark}pears") == ["We sell:", "apples", "pears"]


def test_clause_numbers_stay() -> None:
    text = "1.1 The buyer pays.\n1.2 The seller delivers.\n第三条 双方盖章。"
    assert shown(text) == text.split("\n")


def test_wrapped_lines_are_joined() -> None:
    wrapped = (
        "Analysts at the bank expect more growth\nand see the shares rising to 300 dollars\n"
        "Before the end of the year, they said."
    )
    assert shown(wrapped) == [wrapped]
    chinese = (
        "小米汽车宣布其累计交付量突破五十万辆，创造\n"
        "了新的行业纪录，超过了此前特斯拉所保持的纪\n录。"
    )
    assert shown(chinese) == [chinese]
    item = "- an item that goes on\n  in the next line"
    assert shown(item) == [item[2:]]


@pytest.mark.parametrize(
    "lines",
    [
        ["床前明月光", "疑是地上霜", "举头望明月"],
        ["John Smith", "123 Main Street", "Springfield"],
        ["Address: 95, Knoxville Street, Lakeside", "Admission Time: the 15th of May 2022"],
        ["\u3000\u3000第一段话说完了", "\u3000\u3000第二段话也说完了"],
    ],
)
def test_short_unpunctuated_lines_stand_alone(lines: list[str]) -> None:
    assert shown("\n".join(lines)) == [line.strip() for line in lines]


def test_every_line_end_counts() -> None:
    for end in ("\n", "\r\n", "\r", "\u2028", "\u2029"):
        assert shown(f"# A{end}text one.{end}{end}- item") == ["1# A", "text one.", "item"]


def test_the_path_of_headings() -> None:
    text = f"Results:\nSales  of\tcars\nSales  of\tcars\n{'长' * 190}\n{'x' * 300}"
    at = [0, *(i + 1 for i, c in enumerate(text) if c == "\n")]
    ends = [i for i, c in enumerate(text) if c == "\n"] + [len(text)]
    headings = [Heading(s, e, i) for i, (s, e) in enumerate(zip(at, ends, strict=True))]
    assert heading_path(text, headings[:3]) == "Results > Sales of cars"
    assert heading_path(text, headings[:4]) == "长" * 190
    assert heading_path(text, headings) == "x" * 199 + "…"
    assert heading_path(text, []) == ""
