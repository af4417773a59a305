"""Quantities that words hold are compared like those in figures, in and between the languages."""

import pytest

from pincite.answer.verification.amounts import amounts
from pincite.answer.verification.facts import facts
from pincite.answer.verification.held import missing_quantities


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("It returns twice the deposit.", "须双倍返还定金。"),
        ("销量翻番。", "Sales doubled."),
        ("Sales doubled.", "Sales rose by 100%."),
        ("They won twice.", "他们赢了两次。"),
        ("It grew threefold.", "增长到三倍。"),
        ("Prices were one and a half times as high.", "价格是原来的一倍半。"),
        ("Half of the staff left.", "一半员工离职。"),
        ("产量减半。", "Output was halved."),
        ("A quarter of voters stayed away.", "25% of voters stayed away."),
        ("A third of the staff left.", "三分之一的员工离职。"),
        ("Dozens of people came.", "来了数十人。"),
        ("Hundreds of people came.", "365 people came."),
        ("It opens on Monday.", "周一开业。"),
        ("It grew in the first half of 2024.", "2024年上半年增长。"),
        ("More than 50 people came.", "超过50人到场。"),
        ("No more than 50 people came.", "到场者不超过50人。"),
        ("50 people came.", "More than 50 people came."),
    ],
)
def test_the_same_in_words_is_held(statement: str, sentence: str) -> None:
    assert missing_quantities(facts(statement), [facts(sentence)], ()) == ([], 0, 0)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("It returns triple the deposit.", "It returns double the deposit."),
        ("须三倍返还定金。", "It returns double the deposit."),
        ("It returns half the deposit.", "须双倍返还定金。"),
        ("销量翻两番。", "销量翻番。"),
        ("Dozens of people came.", "来了数百人。"),
        ("It opens on Monday.", "周二开业。"),
        ("It grew in the second half of 2024.", "2024年上半年增长。"),
        ("It rose by 5%.", "上升5个百分点。"),
        ("It cost 5 million euros.", "It cost 5 billion euros."),
        ("售出5万辆。", "售出5亿辆。"),
        ("It cost 5 million dollars.", "费用为500万元。"),
        ("Fewer than 50 people came.", "超过50人到场。"),
        ("At most 50 people came.", "至少50人到场。"),
    ],
)
def test_another_in_words_is_missing(statement: str, sentence: str) -> None:
    missing, *_ = missing_quantities(facts(statement), [facts(sentence)], amounts(sentence))
    assert missing
