"""Years, dates and amounts, drawn at random and written the English and the Chinese way."""

import random
from collections.abc import Callable

Pair = tuple[str, str]

_MONTHS = (
    "January February March April May June July August September October November December"
).split()

_CURRENCIES = [
    ("$", "", "美元"),
    ("US$", "", "美元"),
    ("€", "", "欧元"),
    ("£", "", "英镑"),
    ("HK$", "", "港元"),
    ("", " yuan", "元"),
    ("RMB ", "", "元人民币"),
    ("", " yen", "日元"),
    ("", " dollars", "美元"),
]


def number(draw: random.Random) -> Pair:
    """Draw a count below a hundred million, rounded or exact."""
    style = draw.choices(range(4), (4, 3, 2, 1))[0]
    if style == 0:
        exact = draw.randint(1001, 99_999)
        return f"{exact:,}", str(exact)
    if style == 1:
        thousands = draw.randint(1, 99) * 10
        return f"{thousands},000", f"{thousands // 10}万"
    if style == 2:
        thousands = draw.randint(11, 999)
        return f"{thousands},000", f"{thousands / 10:g}万"
    millions = draw.randint(11, 990) / 10
    return f"{millions:g} million", f"{millions * 100:g}万"


def money(draw: random.Random) -> Pair:
    """Draw an amount with its currency."""
    if draw.random() < 0.5:
        english, chinese = number(draw)
    else:
        tenths = draw.randint(11, 990)
        # 亿 is a hundred million, 10 亿 a billion.
        english, chinese = draw.choice(
            [
                (f"{tenths / 10:g} billion", f"{tenths:g}亿"),
                (f"{(tenths // 10 + 1) * 100:,} million", f"{tenths // 10 + 1}亿"),
                (f"{tenths}", f"{tenths}"),
            ]
        )
    before, after, unit = draw.choice(_CURRENCIES)
    return before + english + after, chinese + unit


def price(draw: random.Random) -> Pair:
    """Draw the price of one thing, from 15 to 2,500 units of money."""
    value = draw.choice([draw.randint(15, 99), draw.randint(10, 250) * 10])
    before, after, unit = draw.choice(_CURRENCIES)
    return f"{before}{value:,}{after}", f"{value}{unit}"


def date(draw: random.Random, year: int) -> Pair:
    """Draw a day of `year`, in one of the usual English forms."""
    month, day = draw.randint(1, 12), draw.randint(1, 28)
    name = _MONTHS[month - 1]
    english = draw.choice(
        [f"{day} {name} {year}", f"{name} {day}, {year}", f"{name} {day}, {year}"]
    )
    return english, f"{year}年{month}月{day}日"


def clock(draw: random.Random) -> Pair:
    """Draw a time of day."""
    hour, minute = draw.randint(1, 12), draw.choice([0, 15, 20, 30, 40, 45])
    half, word = draw.choice([("a.m.", "上午"), ("p.m.", "下午")])
    return f"{hour}:{minute:02d} {half}", f"{word}{hour}点" + (f"{minute}分" if minute else "")


def ordinal(value: int) -> str:
    """Return 1st, 2nd, 3rd, 4th …"""
    teen = 10 <= value % 100 <= 20
    return f"{value}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th')}"


def _decade(draw: random.Random) -> Pair:
    century, tens = draw.randint(18, 19), draw.randint(1, 9) * 10
    return f"{century}{tens}s", f"{century + 1}世纪{tens}年代"


def _century(draw: random.Random) -> Pair:
    value = draw.randint(8, 19)
    return f"{ordinal(value)} century", f"{value}世纪"


def _percent(draw: random.Random) -> Pair:
    value = draw.choice([str(draw.randint(1, 95)), f"{draw.randint(11, 899) / 10:.1f}"])
    return value + draw.choice(["%", "%", " percent", " per cent"]), value + "%"


def _rate(draw: random.Random) -> Pair:
    value = f"{draw.randint(3, 149) / 10:.1f}"
    return value + draw.choice(["%", " percent"]), value + "%"


def _same(low: int, high: int) -> Callable[[random.Random], Pair]:
    def drawn(draw: random.Random) -> Pair:
        value = str(draw.randint(low, high))
        return value, value

    return drawn


def _ordinal(draw: random.Random) -> Pair:
    value = draw.randint(2, 60)
    return ordinal(value), str(value)


def _month_name(draw: random.Random) -> Pair:
    month = draw.randint(1, 12)
    return _MONTHS[month - 1], f"{month}月"


def _temperature(draw: random.Random) -> Pair:
    value = draw.randint(4, 36)
    return draw.choice([f"{value} °C", f"{value} degrees Celsius"]), f"{value}摄氏度"


def _score(draw: random.Random) -> Pair:
    lost = draw.randint(0, 3)
    won = lost + draw.randint(1, 3)
    return f"{won}–{lost}", f"{won}比{lost}"


DRAWN: dict[str, Callable[[random.Random], Pair]] = {
    "number": number,
    "money": money,
    "price": price,
    "few": _same(2, 9),
    "time": clock,
    "decade": _decade,
    "century": _century,
    "percent": _percent,
    "rate": _rate,
    "count": _same(2, 98),
    "age": _same(19, 93),
    "altitude": _same(105, 4990),
    "ordinal": _ordinal,
    "month_name": _month_name,
    "temperature": _temperature,
    "score": _score,
}


def dated(kind: str, draw: random.Random, year: int) -> Pair:
    """Return the year, a month of it or a day of it."""
    if kind == "year":
        return str(year), f"{year}年"
    if kind == "date":
        return date(draw, year)
    month = draw.randint(1, 12)
    return f"{_MONTHS[month - 1]} {year}", f"{year}年{month}月"
