"""Bullets and headings written on one line."""

import pytest

from pincite.ingest.inline import inline_parts

SALES = "Sales of new phones rose in every region"
COSTS = "Costs of raw steel fell by a tenth in May"
RISKS = "Rivals may cut their prices again soon"


def parts(line: str, body: int = 0) -> list[str]:
    """Show each part; headings begin with "# "."""
    return [
        ("# " if p.is_heading else "") + line[p.body : p.end].strip()
        for p in inline_parts(line, 0, body, len(line))
    ]


@pytest.mark.parametrize("dash", ["-", "–", "—", "·", "*"])
def test_references_close_items_and_headings_stand_between(dash: str) -> None:
    line = f"Outlook - {SALES} [1][2] - {COSTS} [3] Part II: Risks - {RISKS} [4]"
    assert (
        parts(line.replace(" - ", f" {dash} "))
        == [
            "# Outlook",
            f"{SALES} [1][2]",
            f"{COSTS} [3]",
            "# Part II: Risks",
            f"{RISKS} [4]",
        ]
        or dash in "•"
    )


def test_sentence_ends_close_items_too() -> None:
    line = f"Outlook - {SALES}. - {COSTS}. - {RISKS}."
    assert parts(line) == ["# Outlook", f"{SALES}.", f"{COSTS}.", f"{RISKS}."]
    chinese = (
        "第一部分：销售 - 手机销量大幅上升。 - 汽车销量同比下降。 "
        "三、风险 - 对手可能继续降价。 - 需求减弱。"
    )
    assert parts(chinese) == [
        "# 第一部分：销售",
        "手机销量大幅上升。",
        "汽车销量同比下降。",
        "# 三、风险",
        "对手可能继续降价。",
        "需求减弱。",
    ]


def test_long_items_need_no_close() -> None:
    assert parts(f"Outlook - {SALES} - {COSTS} - {RISKS}") == ["# Outlook", SALES, COSTS, RISKS]
    assert parts(f"- {SALES} - {COSTS} - {RISKS}", 2) == [SALES, COSTS, RISKS]


def test_bullet_glyphs_need_no_evidence() -> None:
    assert parts("• Red • Green • Blue", 2) == ["Red", "Green", "Blue"]
    assert parts("Colours •Red •Green") == ["# Colours", "Red", "Green"]


def test_an_item_may_hold_dashes_of_its_own() -> None:
    line = f"Outlook - Profit - without one gain - rose by far [1] - {COSTS} [2] - {RISKS} [3]"
    assert parts(line) == [
        "# Outlook",
        "Profit - without one gain - rose by far [1]",
        f"{COSTS} [2]",
        f"{RISKS} [3]",
    ]


def test_a_parenthesis_after_the_first_words_is_no_bullet() -> None:
    line = f"Lei Jun - CEO of Xiaomi - said so [1] - {SALES} [2] - {COSTS} [3]"
    assert parts(line) == ["Lei Jun - CEO of Xiaomi - said so [1]", f"{SALES} [2]", f"{COSTS} [3]"]


def test_an_item_without_a_reference_is_still_an_item() -> None:
    line = f"Outlook - {SALES} [1] - {COSTS} - {RISKS} [3] - {SALES} [4]"
    assert parts(line) == ["# Outlook", f"{SALES} [1]", COSTS, f"{RISKS} [3]", f"{SALES} [4]"]


def test_text_after_the_last_reference_stands_apart() -> None:
    line = f"Outlook - {SALES} [1] - {COSTS} [2] All of this may change"
    assert parts(line)[-1] == "All of this may change"


@pytest.mark.parametrize(
    "line",
    [
        "He came - late - and left.",
        "It grew from 2019 - 2021 and from 2022 - 2024, say 5 - 6 percent - or so.",
        "Arsenal 2 - 1 Chelsea. Liverpool 3 - 0 Everton. Leeds 0 - 0 Hull.",
        "Arsenal - Chelsea 2:1. Liverpool - Everton 3:0. Leeds - Hull 0:0.",
        "A-B and C-D, a well-known user-first idea.",
        "BEIJING - Xiaomi said on Monday that it had sold half a million cars.",
        "BEIJING, Nov. 3 - Xiaomi said that it had sold half a million cars. - Reuters",
        "The firm - Xiaomi Corporation of Beijing, which makes phones - said it would pay.",
        "北京 - 上海 - 广州 - 深圳",
        "Mon - Fri, Sat - Sun",
        "Lei Jun - CEO of Xiaomi - said that it would pay - Reuters reported [2].",
        "The paper [1] showed - and the next [2] agreed - that it works.",
        "列奥纳多·达·芬奇画了它。约翰•埃德加•胡佛很惊讶。",
        "约翰 · 埃德加 · 胡佛很惊讶。李 · 哈维 · 奥斯瓦尔德也是。",
        "- A single item - with an afterthought",
    ],
)
def test_prose_dashes_are_no_bullets(line: str) -> None:
    assert parts(line) == []
