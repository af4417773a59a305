"""What follows or precedes a number: percent signs, currencies, units, measure words."""

import re
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit makes of the number before it."""

    kind: str
    unit: str | None = None
    factor: Decimal = Decimal(1)


def _units(kind: str, table: str) -> dict[str, Unit]:
    """Read lines of ``canonical: surface, surface``."""
    rows = (line.partition(":") for line in table.strip().splitlines())
    return {s.strip(): Unit(kind, name.strip()) for name, _, all_ in rows for s in all_.split(",")}


_MONEY = _units(
    "money",
    """
    CNY: 元人民币, 人民币, 元, 块钱, yuan, renminbi, rmb, cny
    USD: 美元, 美金, us dollars, us dollar, u.s. dollars, dollars, dollar, usd
    HKD: 港元, 港币, hong kong dollars, hkd
    TWD: 新台币, 台币, new taiwan dollars, taiwan dollars, twd
    JPY: 日元, 日圆, yen, jpy
    EUR: 欧元, euros, euro, eur
    GBP: 英镑, pounds sterling, gbp
    KRW: 韩元, 韩圆, won, krw
    RUB: 卢布, roubles, rubles, rouble, ruble, rub
    INR: 卢比, rupees, rupee, inr
    CHF: 瑞士法郎, swiss francs, swiss franc, chf
    AUD: 澳元, australian dollars, aud
    CAD: 加元, canadian dollars, cad
    SGD: 新加坡元, singapore dollars, sgd
    """,
)
_MEASURES = _units(
    "measure",
    """
    km2: 平方公里, 平方千米, square kilometers, square kilometres, km2, km²
    m2: 平方米, 平方公尺, square meters, square metres, m2, m², ㎡
    km: 公里, 千米, kilometers, kilometres, kilometer, kilometre, km
    m: 米, 公尺, meters, metres, meter, metre, m
    cm: 厘米, 公分, centimeters, centimetres, centimeter, centimetre, cm
    mm: 毫米, millimeters, millimetres, mm
    mi: 英里, miles, mile
    ft: 英尺, 英呎, feet, foot, ft
    kg: 公斤, 千克, kilograms, kilogrammes, kilogram, kilos, kg
    g: 克, grams, gram, g
    t: 公吨, 吨, metric tons, tonnes, tonne, tons
    L: 公升, 升, liters, litres, liter, litre
    ha: 公顷, hectares, hectare, ha
    mu: 亩
    MW: 兆瓦, megawatts, megawatt, mw
    kW: 千瓦, kilowatts, kilowatt, kw
    kWh: 千瓦时, kilowatt-hours, kilowatt hours, kwh
    GB: gb, gigabytes
    MB: mb, megabytes
    TB: tb, terabytes
    °C: 摄氏度, ℃, °c, degrees celsius, degrees c
    °F: 华氏度, ℉, °f, degrees fahrenheit, degrees f
    """,
)
_DURATIONS = _units(
    "duration",
    """
    y: 周年, 年, 周岁, 岁, years, year, yrs
    mo: 个月, months, month
    wk: 周, 个星期, 星期, 个礼拜, weeks, week
    d: 天, 日, days, day
    h: 个小时, 小时, 个钟头, 钟头, hours, hour, hrs
    min: 分钟, minutes, minute, mins, min
    s: 秒钟, 秒, seconds, second, secs
    """,
)
_PERCENT = {
    **dict.fromkeys(("%", "percent", "per cent"), Unit("percent")),
    "‰": Unit("percent", None, Decimal("0.1")),
    **dict.fromkeys(
        ("%的点", "个百分点", "百分点", "percentage points", "percentage point"),
        Unit("percent", "pp"),
    ),
    **dict.fromkeys(("个基点", "基点", "basis points"), Unit("percent", "pp", Decimal("0.01"))),
    "成": Unit("percent", None, Decimal(10)),
}
_TIMES = dict.fromkeys(("倍", "times"), Unit("number", "×"))
UNITS = _MONEY | _MEASURES | _DURATIONS | _PERCENT | _TIMES

# A surface that begins a longer word is not the unit; 5日 is a date, 5日内 five days.
_FOLLOWED = {
    "元": "(?!素|旦|年|首|月|件|老|帅|宝|宇|气|组|角|凶)",
    "米": "(?!粉|饭|线|酒|其|兰)",
    "克": "(?!服|隆|拉|制|星)",
    "升": "(?!级|至|到|值|旗|学|职|高|温|空)",
    "年": "(?!代|级|轻|级|龄|会|终|货|糕|纪|长)",
    "周": "(?!边|围|刊|末|报|转|期|一|二|三|四|五|六|日|年)",
    "日": "(?=[内內])",
    "天": "(?!下|文|然|津|才|空|气|王|使|主|国|山|线|涯|花|地|堂|真|河)",
    "成": "(?!员(?!工)|[为功立本熟分果年长交绩就都人语品家千百份型])",
}
_LATIN = re.compile(r"[a-z0-9]$")


def _pattern(surface: str) -> str:
    end = r"(?![\w²])" if _LATIN.search(surface) else _FOLLOWED.get(surface, "")
    return re.escape(surface).replace(r"\ ", r"\s") + end


_ALTERNATIVES = "|".join(_pattern(s) for s in sorted(UNITS, key=len, reverse=True))
UNIT = re.compile(rf"\s?-?(?P<unit>{_ALTERNATIVES})")
# 两个半小时, 三个半月
AND_A_HALF = re.compile(r"个半(?P<unit>小时|钟头|月|星期)")
HALF_OF = {"小时": "小时", "钟头": "小时", "月": "个月", "星期": "星期"}

_MEASURE_WORDS = (
    "个名位人家辆台次件条只张本部款项座间所艘架颗棵匹双对套份支枚根片层栋幢户篇首场届集章句种类门组队"
    "排轮字页批期块头口段处株把箱瓶杯碗样代级起多"
)
# Makes a number of a numeral of one character, which otherwise is too often part of a word.
MEASURE_WORD = re.compile(rf"\s?(?!个[体别性人])[{_MEASURE_WORDS}]")
# What may stand after such a numeral.
FIRST = "".join(sorted({*_MEASURE_WORDS, *(s[0] for s in UNITS if not s.isascii())}))
# What makes a quantity even of 一 and of "one".
EXACT_ONE = frozenset(("h", "min", "km", "kg", "t", "mo", "pp")) | frozenset(
    unit.unit for unit in _MONEY.values() if unit.unit
)

_SIGNS = {
    "us$": "USD", "hk$": "HKD", "nt$": "TWD", "a$": "AUD", "c$": "CAD", "s$": "SGD", "$": "USD",
    "€": "EUR", "£": "GBP", "₩": "KRW", "₹": "INR", "₽": "RUB", "¥": None,
    "rmb": "CNY", "cny": "CNY", "usd": "USD", "eur": "EUR", "gbp": "GBP", "hkd": "HKD",
    "jpy": "JPY", "twd": "TWD", "人民币": "CNY", "新台币": "TWD", "台币": "TWD", "港币": "HKD",
}  # fmt: skip
_ORDERED_SIGNS = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))
LATIN_SIGNS = "|".join(re.escape(sign) for sign in _SIGNS if sign[0].isascii() and sign != "$")
SIGN = re.compile(
    rf"(?P<sign>{_ORDERED_SIGNS})\s?(?=\d|[零一二两三四五六七八九十壹贰叁肆伍陆柒捌玖])"
)


def currency(sign: str) -> str | None:
    """Return the currency that stands before an amount; None for ¥, which is yuan or yen."""
    return _SIGNS[sign]
