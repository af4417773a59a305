"""What says the same is collapsed; what differs in a number or a negation is not."""

import re

import pytest

from pincite.retrieve.duplicates import Said, collapsed, near_duplicates
from pincite.text import index_terms

ENGLISH = (
    "The port authority will run the harbour ferry through the night from 3 May 2025. A single"
    " night ticket costs 4.50 euros, and holders of a monthly pass travel free of charge. Two of"
    " the five boats have been fitted with electric engines during the winter."
)
CHINESE = (
    "市立博物馆新馆原定于今年九月开放。由于屋顶漏水，开放时间推迟到明年三月。馆长王丽表示，"
    "修缮费用约为两百万元，由保险公司承担，市民仍可凭票参观旧馆。"
)


def said(text: str, document: str = "a") -> Said:
    sentences = tuple(re.split(r"(?<=[.。]) ?(?=\D)", text))
    return Said(document, text, frozenset(index_terms(text)), sentences)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ENGLISH, ENGLISH),
        (ENGLISH, f"Port news: {ENGLISH}"),
        (ENGLISH, ENGLISH.upper()),
        (ENGLISH, ENGLISH.replace("travel free", "ride free")),
        (CHINESE, CHINESE),
        (CHINESE, "市立博物館新館原定於今年九月開放。" + CHINESE.partition("。")[2]),
        ("No.", "No."),
    ],
)
def test_the_same_but_for_a_few_words(one: str, other: str) -> None:
    assert near_duplicates(said(one), said(other))
    assert near_duplicates(said(other), said(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ENGLISH, ENGLISH.replace("4.50", "5.50")),
        (ENGLISH, ENGLISH.replace("Two of", "Three of")),
        (ENGLISH, ENGLISH.replace("will run", "will not run")),
        (CHINESE, CHINESE.replace("两百万", "三百万")),
        (CHINESE, CHINESE.replace("由保险公司承担", "不由保险公司承担")),
        (ENGLISH, ENGLISH.partition(". ")[2]),
        (ENGLISH, " ".join(reversed(ENGLISH.split()))),
        (ENGLISH, CHINESE),
    ],
)
def test_what_is_another_statement_stays(one: str, other: str) -> None:
    assert not near_duplicates(said(one), said(other))


def test_duplicates_join_the_best_and_others_take_their_places() -> None:
    texts = [ENGLISH, f"Again: {ENGLISH}", CHINESE, f"News: {ENGLISH}", "Other words.", "More."]
    ranked = [said(text) for text in texts]
    assert collapsed(ranked, 3) == [[0, 1, 3], [2], [4]]
    assert collapsed(ranked, 1) == [[0, 1]]
    assert collapsed([said(ENGLISH)] * 30 + [said(CHINESE)], 2) == [[*range(30)], [30]]
    assert collapsed([], 5) == []


def test_a_copy_cut_at_other_places_adds_nothing() -> None:
    sentences = [f"The {name} met in the old town hall." for name in ("board", "guild", "choir")]
    sentences += [f"Later the {name} sang by the river." for name in ("baker", "tailor", "smith")]
    first, second, shifted = (" ".join(sentences[i:j]) for i, j in ((0, 3), (3, 6), (1, 5)))
    one, two, copy = said(first, "a"), said(second, "a"), said(shifted, "copy")
    assert collapsed([one, two, copy], 5) == [[0, 2], [1]]
    assert collapsed([one, copy, two], 5) == [[0], [1], [2]]
    assert collapsed([one, said(second, "third"), copy], 5) == [[0], [1], [2]]
    unlike = said(shifted.replace("guild met", "guild did not meet"), "copy")
    assert collapsed([one, two, unlike], 5) == [[0], [1], [2]]
