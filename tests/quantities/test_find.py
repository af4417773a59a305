"""Quantities found in texts: a table labelled by hand, and every whole number in every writing."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pincite.quantities.find import Quantity, quantities
from tests.quantities.renderings import (
    in_chinese,
    in_english,
    in_financial_capitals,
    in_traditional,
)

MONTHS = (
    "January February March April May June July August September October November December"
).split()
numbers = st.one_of(
    st.integers(0, 10**12),
    st.builds(lambda digits, zeros: digits * 10**zeros, st.integers(1, 999), st.integers(0, 9)),
    st.builds(lambda a, b: a * 10**4 + b, st.integers(0, 10**8), st.integers(0, 20)),
)


def rows(name: str) -> list[list[str]]:
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def shown(text: str, quantity: Quantity) -> str:
    parts = (quantity.kind, quantity.value, *([quantity.unit] if quantity.unit else []))
    return f"{text[quantity.start : quantity.end]}={':'.join(parts)}"


@pytest.mark.parametrize(("text", "wanted"), rows("labelled.tsv"))
def test_labelled_texts_hold_exactly_what_the_table_says(text: str, wanted: str) -> None:
    assert (" ; ".join(shown(text, q) for q in quantities(text)) or "-") == wanted


def values(text: str) -> list[tuple[str, str]]:
    return [(q.kind, q.value) for q in quantities(text)]


@given(numbers)
@example(10**12)
@example(20)
@example(110)
@example(10_010)
@example(1_000_010_000)
def test_any_whole_number_has_one_value_however_it_is_written(number: int) -> None:
    wanted = [("number", str(number))]
    assert values(f"共{in_chinese(number)}个") == (wanted if number != 1 else [])
    assert values(f"共{in_traditional(number)}個") == (wanted if number != 1 else [])
    assert values(f"共{in_financial_capitals(number)}个") == (wanted if number != 1 else [])
    assert values(f"about {in_english(number)} cars") == (wanted if number != 1 else [])
    assert values(f"about {number:,} cars") == wanted
    assert values(f"about {number:,} cars".replace(",", " ")) == wanted
    assert values(f"{number:,}".translate({c: c + 0xFEE0 for c in range(0x21, 0x7F)})) == wanted


@given(st.integers(1, 10**7), st.sampled_from(["万", "亿"]))
def test_digits_before_a_chinese_scale(hundredths: int, scale: str) -> None:
    number = Decimal(hundredths) / 100
    times = {"万": 10**4, "亿": 10**8}[scale]
    (found,) = quantities(f"卖出{number}{scale}辆")
    assert Decimal(found.value) == number * times


@given(st.dates(date(1000, 1, 1), date(2199, 12, 31)))
def test_any_day_has_one_value_however_it_is_written(day: date) -> None:
    month = MONTHS[day.month - 1]
    wanted = [("date", f"{day.year:04}-{day.month:02}-{day.day:02}")]
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
    for text in (
        f"于{day.year}年{day.month}月{day.day}日发布",
        f"於{year}年{in_chinese(day.month)}月{in_chinese(day.day)}日發布",
        f"on {day.day} {month} {day.year}.",
        f"on {month} {day.day}, {day.year},",
        f"on {month[:3]}. {day.day}, {day.year}",
        f"({month.upper()} {day.day}, {day.year})",
    ):
        assert values(text) == wanted, text
    if day.year >= 1500:
        assert values(f"于{day.isoformat()}发布") == wanted
        assert values(f"于{day.year}/{day.month}/{day.day}发布") == wanted


@given(st.integers(0, 23), st.integers(0, 59))
def test_any_minute_has_one_value_however_it_is_written(hour: int, minute: int) -> None:
    half = "p.m." if hour >= 12 else "am"
    for text in (
        f"at {hour:02}:{minute:02} sharp",
        f"{hour}时{minute}分到达",
        f"at {(hour + 11) % 12 + 1}:{minute:02} {half} sharp",
    ):
        assert values(text) == [("time", f"{hour:02}:{minute:02}")], text


@given(
    st.text(
        alphabet="〇零一二两三十百千万亿点半几第年月日时分之%$¥-–.,:/ 0123456789kmbaone to元个",
        max_size=40,
    )
)
def test_any_text_gives_ordered_spans_inside_it(text: str) -> None:
    found = quantities(text)
    at = 0
    for quantity in found:
        assert at <= quantity.start < quantity.end <= len(text)
        at = quantity.end
        if quantity.kind not in {"date", "time"} and "/" not in quantity.value:
            assert "E" not in quantity.value
            Decimal(quantity.value)


@given(st.text(max_size=60))
def test_width_and_case_do_not_matter_to_offsets(text: str) -> None:
    for quantity in quantities(text):
        assert text[quantity.start : quantity.end]
