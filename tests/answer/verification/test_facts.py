"""What is compared between a statement and sentences: names, negations, opposites, quantities."""

import pytest

from pincite.answer.verification.facts import facts
from pincite.answer.verification.held import missing_quantities
from pincite.answer.verification.opposites import negations, stances
from pincite.quantities.find import quantities


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("On Friday, Elizabeth Warren met the FBI in Rome.", {"Elizabeth Warren", "FBI", "Rome"}),
        ("The bakery chain Kornfeld will close shops.", {"Kornfeld"}),
        ("Inflation rose in May.", set()),
        ("The Bank of England raised its rate.", {"Bank of England"}),
        ("馆长王丽表示，修缮费用很高。", {"王丽"}),
        ("美国总统特朗普会见了习近平主席。", {"特朗普"}),
        ("議員威廉·瓊斯認為如此。", {"威廉·琼斯"}),
        ("他在 OpenAI 工作。", {"OpenAI"}),
        ("由于屋顶漏水，开放时间推迟。", set()),
    ],
)  # fmt: skip
def test_names_are_found_by_their_spelling(text: str, names: set[str]) -> None:
    assert set(facts(text).names) == names


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("They did not pay and never will.", 2),
        ("It isn't so.", 1),
        ("It is noted in the notes.", 0),
        ("他没有付款。", 1),
        ("公司不断发展，不仅如此，未来可期，无论如何。", 0),
        ("該公司並未獲得批准。", 1),
        ("法院否认此事，他无法到场。", 2),
    ],
)
def test_negations_are_counted(text: str, count: int) -> None:
    assert negations(text) == count


@pytest.mark.parametrize(
    ("one", "other", "opposed"),
    [
        ("Sales rose by 5%.", "Sales fell by 5%.", True),
        ("Sales rose by 5%.", "销售额下降了5%。", True),
        ("销售额上升了5%。", "Sales increased by 5%.", False),
        ("法院批准了请求。", "法院驳回了请求。", True),
        ("The court rejected it.", "法院駁回了請求。", False),
        ("It opened before noon.", "It opened after noon.", True),
        ("Prices rose and fell.", "Prices rose.", False),
    ],
)
def test_opposites_are_told_in_and_between_both_languages(
    one: str, other: str, opposed: bool
) -> None:
    assert any(-side in stances(other) for side in stances(one)) == opposed


@pytest.mark.parametrize(
    ("statement", "sentence", "around", "result"),
    [
        ("It cost 500,000 yuan.", "费用为50万元。", "", (0, 0, 0)),
        ("It cost 600,000 yuan.", "费用为50万元。", "", (1, 0, 0)),
        ("It cost 50万美元。", "费用为50万元。", "", (1, 0, 0)),
        ("占30%。", "It is 30 km long.", "", (1, 0, 0)),
        ("It began in May 2025.", "于2025年5月3日开始。", "", (0, 0, 0)),
        ("It began on 4 May 2025.", "于2025年5月3日开始。", "", (1, 0, 0)),
        ("It began on 3 May 2025.", "它于5月3日开始。", "", (1, 0, 0)),
        ("It began on 3 May 2025.", "它于5月3日开始。", "2025年的春天", (0, 0, 0)),
        ("It cost 12 euros.", "It cost a lot.", "The price is 12 euros.", (0, 1, 0)),
        ("Three boats sank.", "Boats sank.", "", (0, 0, 1)),
        ("About 2 million people came.", "来了2,050,000人。", "", (0, 0, 0)),
        ("2 million people came.", "来了2,050,000人。", "", (1, 0, 0)),
        ("About 3 million people came.", "来了2,050,000人。", "", (1, 0, 0)),
    ],
)
def test_quantities_must_be_there(
    statement: str, sentence: str, around: str, result: tuple[int, int, int]
) -> None:

    missing, elsewhere, small = missing_quantities(
        facts(statement), [facts(sentence)], quantities(around)
    )
    assert (len(missing), elsewhere, small) == result
