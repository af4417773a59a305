"""Index terms of quantities: one notation for all."""

import pytest

from pincite.quantities.terms import quantity_terms
from pincite.text import content_terms, index_terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("50万", "500,000"),
        ("2024年11月", "November 2024"),
        ("二〇二四年十一月五日", "Nov. 5, 2024"),
        ("百分之三十", "30 per cent"),
        ("一点五亿元", "150 million yuan"),
        ("下午3点半", "15:30"),
        ("第二十一屆", "the 21st"),
        ("上世纪九十年代", "the 1990s"),
        ("三分之二", "two thirds"),
    ],
)
def test_both_notations_meet_in_the_same_terms(one: str, other: str) -> None:
    assert quantity_terms(one) == quantity_terms(other) != []
    assert set(content_terms(one)) & set(index_terms(other))


def test_a_date_is_found_by_what_contains_it() -> None:
    assert quantity_terms("2024年11月5日") == ["#2024-11-05", "#--11-05", "#2024-11", "#2024"]
    assert set(quantity_terms("November 2024")) < set(quantity_terms("2024-11-05"))
    assert quantity_terms("in 2024") == quantity_terms("2024年") == ["#2024"]


def test_common_small_numbers_give_no_terms() -> None:
    assert quantity_terms("三个人、第一次、two of them, the third, 5 cars, 2日") == []


def test_the_same_quantity_counts_once() -> None:
    assert quantity_terms("50万，也就是500,000（五十万）") == ["#500000"]
