"""Where sentences begin and end."""

import pytest

from pincite.ingest.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[s.start : s.end] for s in sentence_spans(text, 0, len(text))]


@pytest.mark.parametrize(
    "text",
    [
        "Mr. Musk met Dr. Lee of Apple Inc. CEO Tim Cook's team.",
        "He spoke at 5 p.m. Monday in the U.S. Senate.",
        "Costs, e.g. for steel, i.e. raw steel, rose 3.14 percent vs. No. 5 last year.",
        "J. K. Rowling wrote it with J.R.R. Tolkien.",
        "See Fig. 3 and Sec. 4.2 in vol. 12, pp. 3-4.",
        "It ran Python 3.11.7 on v2.0.1 at 192.168.0.1 for a day.",
        "Mail a.b@example.com or see https://example.com/a.b?c=1!x for more.",
        "The unit shipped... but late.",
        "It was due on Nov. 3 at the fair.",
        "Yahoo! said so.",
        "“We did it!” he said.",
        '"Will it last? Who knows!" asked John Smith.',
        "He left (see above. It matters.) and came back.",
        "It weighs 5.5 kg, i.e. much.",
        "今天销量增长3.5%，达到1,000.50亿元。",
        "“今天天气真好！”她说。",
        "“真的吗？”王明笑着问道。",
        "他问：“你来了吗？我等了很久。”",
        "王明喊着“快跑！”冲了出去。",
        "电影《你好！李焕英》上映（票房见附件。）引发关注。",
        "他……慢慢地走了。",
        "甲方付款；乙方交货；双方盖章。",
        "所谓“雷军怒了！”的说法并不准确。",
        "苹果１．５折起。",
    ],
)
def test_one_sentence_is_never_cut(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "He lives in the U.S. The next day he left.",
            ["He lives in the U.S.", "The next day he left."],
        ),
        ("He works at Apple Inc. The firm grew.", ["He works at Apple Inc.", "The firm grew."]),
        ("It ended at 5 p.m. She left.", ["It ended at 5 p.m.", "She left."]),
        ("No. I disagree.", ["No.", "I disagree."]),
        (
            "He left (late).The rest stayed.In May it ended.",
            ["He left (late).", "The rest stayed.", "In May it ended."],
        ),
        ("It ended. ... The rest", ["It ended. ...", "The rest"]),
        ("**1. Terms apply.** More.", ["**1. Terms apply.**", "More."]),
        ("What?! No. Really.", ["What?!", "No.", "Really."]),
        ("Wait... What?", ["Wait...", "What?"]),
        ("It grew 5%. 2024 was good.", ["It grew 5%.", "2024 was good."]),
        ("It shipped. iPhone sales rose.", ["It shipped.", "iPhone sales rose."]),
        ('"We did it." Then he left.', ['"We did it."', "Then he left."]),
        ("He left (at last.) She stayed.", ["He left (at last.)", "She stayed."]),
        ("**Bold claim.** Then more.", ["**Bold claim.**", "Then more."]),
        ("真的吗?我不信.然后走了!", ["真的吗?", "我不信.", "然后走了!"]),
        ("他走了！？我不信。", ["他走了！？", "我不信。"]),
        ("他说：“我们会努力。”公司随后道歉。", ["他说：“我们会努力。”", "公司随后道歉。"]),
        ("“你来了？”“我来了。”", ["“你来了？”", "“我来了。”"]),
        ('小米回应。"我们会赔偿。"大家满意。', ["小米回应。", '"我们会赔偿。"', "大家满意。"]),
        ("『走吧！』她走了……。我没走。", ["『走吧！』", "她走了……。", "我没走。"]),
        ("小米用的是iPhone.苹果很高兴。", ["小米用的是iPhone.", "苹果很高兴。"]),
        ("第一句。　第二句｡第三句", ["第一句。", "第二句｡", "第三句"]),
    ],
)
def test_sentences_are_told_apart(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sales rose [1][5][11]", ["Sales rose"]),
        ("The models [47][49].", ["The models"]),
        (
            "Sales rose.[1] Costs fell. [2, 3] Profit held [4-6].",
            ["Sales rose.", "Costs fell.", "Profit held"],
        ),
        ("As [1] showed, it works.", ["As [1] showed, it works."]),
        ("销量上升［3］。成本下降。【4】利润持平[5]。", ["销量上升", "成本下降。", "利润持平"]),
        ("[12]", []),
        ("See [note] and [2024].", ["See [note] and [2024]."]),
    ],
)
def test_trailing_reference_numbers_are_left_out(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("First do this. 2. Then do that.", ["First do this.", "Then do that."]),
        ("1. Buy milk. 2. Go home.", ["Buy milk.", "Go home."]),
        (
            "甲方应当：（1）按时付款给乙方；（2）提供必要的场地。",
            ["甲方应当：（1）按时付款给乙方；", "提供必要的场地。"],
        ),
        ("一、二线城市房价上涨。", ["一、二线城市房价上涨。"]),
        ("3.14 is pi.", ["3.14 is pi."]),
        ("①价格上涨。②质量下降。", ["价格上涨。", "质量下降。"]),
    ],
)
def test_list_marks_are_left_out(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_very_long_sentence_is_cut_at_its_semicolons() -> None:
    clause = "甲方应当在收到货物之后的三十个工作日之内付清全部的货款"
    text = "；".join([clause] * 8) + "。"
    assert sentences(text) == [f"{clause}；"] * 7 + [f"{clause}。"]


def test_only_the_stretch_given_is_read() -> None:
    text = "Skip this. Take this. And this. Not this."
    spans = sentence_spans(text, 11, 31)
    assert [text[s.start : s.end] for s in spans] == ["Take this.", "And this."]
    assert sentence_spans("   ", 0, 3) == []
