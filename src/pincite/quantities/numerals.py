"""The values of numerals: digits, Chinese numerals and English number words."""

import re
from decimal import Decimal

# One code point for one, so that offsets stay: full-width forms, and the traditional and the
# financial characters that quantities are written with.
_PAIRS = (
    "萬万億亿兩两點点時时號号幣币個个鐘钟歲岁週周紀纪國国間间層层圓元圆元臺台噸吨輛辆條条項项張张雙双對对"
    "棟栋戶户場场屆届節节種种類类門门組组隊队輪轮頁页塊块幾几數数餘余負负攝摄華华頃顷畝亩釐厘盧卢韓韩"
    "歐欧鎊镑禮礼顆颗隻只後后歷历當当級级處处貳贰參叁叄叁"
)
_TABLE = {ord(a): b for a, b in zip(_PAIRS[::2], _PAIRS[1::2], strict=True)}
_TABLE |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_TABLE |= {0x3000: " ", 0xA0: " ", 0x2009: " ", 0x202F: " ", 0x2212: "-", 0x2019: "'", 0xFFE5: "¥"}

_OTHER_DIGIT = re.compile(r"[^\D0-9]")

CHINESE = "〇零一二两三四五六七八九十百千万亿兆廿卅壹贰叁肆伍陆柒捌玖拾佰仟"
CHINESE_DIGITS = "〇零一二三四五六七八九"
_PLAIN = str.maketrans("零两壹贰叁肆伍陆柒捌玖拾佰仟", "〇二一二三四五六七八九十百千")
_LONGEST = 40
_DIGIT = {digit: str(value) for value, digit in enumerate("〇一二三四五六七八九")}
_SECTION = re.compile(
    "(?:(?P<k>[一二三四五六七八九])千)?(?P<z1>〇)?(?:(?P<h>[一二三四五六七八九])百)?(?P<z2>〇)?"
    "(?:(?P<t>[一二三四五六七八九])?(?P<ten>十))?(?P<z3>〇)?(?P<o>[一二三四五六七八九])?"
)
SCALES = {"兆": 10**12, "亿": 10**8, "万": 10**4}

_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = (
    {"zero": 0}
    | {word: value for value, word in enumerate(_ONES, 1)}
    | {word: value for value, word in enumerate(_TEENS, 10)}
    | {word: value for value, word in zip(range(20, 100, 10), _TENS, strict=True)}
)
ENGLISH_SCALES = {
    "hundred": 100,
    "dozen": 12,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_WORD = "|".join(sorted((*_WORDS, *ENGLISH_SCALES), key=len, reverse=True))
_AND = "|".join(rf"(?<={scale})\sand\s" for scale in ENGLISH_SCALES)
ENGLISH = re.compile(
    rf"(?P<half>half[\s-]an?\s)?(?P<a>an?\s)?(?:{_WORD})(?:(?:{_AND}|-|\s)(?:{_WORD})\b)*"
    r"(?P<plus>\sand\sa\shalf(?:\s(?:hundred|thousand|million|billion|trillion)\b)?)?(?![\w])"
)
ENGLISH_START = "|".join((*_WORDS, rf"half[\s-]an?\s(?:{'|'.join(ENGLISH_SCALES)})"))
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12,
}  # fmt: skip
_ORDINALS |= {
    f"{word}th": value
    for word, value in _WORDS.items()
    if 0 < value < 20 and value not in _ORDINALS.values()
}
_ORDINALS |= {f"{word[:-1]}ieth": _WORDS[word] for word in _TENS}
_LAST = "|".join(sorted(_ORDINALS, key=len, reverse=True))
ORDINAL_WORD = re.compile(rf"(?:(?P<tens>{'|'.join(_TENS)})[\s-])?(?P<last>{_LAST})\b")
ORDINAL_START = "|".join(_ORDINALS)


def folded(text: str) -> str:
    """Fold width, case and the characters of numerals, keeping every offset."""
    if text.isascii():
        return text.lower()
    translated = _OTHER_DIGIT.sub(lambda digit: str(int(digit.group())), text.translate(_TABLE))
    lowered = translated.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in translated)


def canonical(value: Decimal) -> str:
    """Write a number without an exponent, a plus sign or trailing zeros."""
    plain = format(value, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain == "-0" else plain


def positional(run: str) -> str:
    """Read Chinese digits one by one: 二〇二四 → "2024"; Arabic digits stay."""
    return "".join(_DIGIT.get(c, c) for c in run.translate(_PLAIN))


def chinese(run: str) -> Decimal | None:
    """Read a folded Chinese numeral, with 点 for the decimal point.

    Returns:
        Its value; None if it is not well formed, as 七八, 三四十, 千万 without a leading digit.
    """
    if len(run) > _LONGEST:
        return None
    run = run.translate(_PLAIN).replace("廿", "二十").replace("卅", "三十")
    whole, point, rest = run.partition("点")
    if point:
        digits = rest.rstrip("万亿兆")
        value = _whole(whole)
        if value is None or not digits:
            return None
        number = Decimal(f"{value}.{positional(digits)}")
        for scale in rest[len(digits) :]:
            number *= SCALES[scale]
        return number
    value = _whole(run)
    return None if value is None else Decimal(value)


def _whole(run: str) -> int | None:
    for name, scale in SCALES.items():
        head, found, tail = run.rpartition(name)
        if found:
            return _scaled(head, tail, scale)
    if len(run) > 2 and "〇" in run and set(run) <= _DIGIT.keys():
        return int(positional(run))
    return _section(run)


def _scaled(head: str, tail: str, scale: int) -> int | None:
    times = _whole(head) if head else None
    if not times:
        return None
    if not tail:
        return times * scale
    below = _whole(tail.lstrip("〇")) if tail.strip("〇") else None
    if below is None or below >= scale:
        return None
    # Colloquial: 两万五 is 25,000, and 两万零五 20,005.
    return times * scale + (below * scale // 10 if len(tail) == 1 else below)


def _section(run: str) -> int | None:
    if run == "〇":
        return 0
    match = _SECTION.fullmatch(run)
    if not match or not run.strip("〇") or run[-1] == "〇":
        return None
    thousands, hundreds, tens, ones = (int(_DIGIT.get(match[g] or "〇", "0")) for g in "khto")
    value = thousands * 1000 + hundreds * 100 + (tens or bool(match["ten"])) * 10
    # Colloquial: 两千五 is 2,500, 三百二 320.
    if ones and run[-2:-1] in {"千", "百"}:
        return value + ones * (100 if run[-2] == "千" else 10)
    return value + ones


def english(phrase: str) -> Decimal | None:
    """Read English number words, as ``ENGLISH`` finds them.

    Returns:
        Their value; None if they are not one number, as "twenty twenty-four".
    """
    plus = re.search(r"\sand\sa\shalf(?:\s(?P<scale>\w+))?$", phrase)
    half = re.match(r"half[\s-]an?\s", phrase)
    body = phrase[half.end() if half else 0 : plus.start() if plus else len(phrase)]
    words = [w for w in re.split(r"[\s-]+", body) if w != "and"]
    value = _words(["one", *words[1:]] if words[0] in {"a", "an"} else words)
    if value is None and half:
        value = _words(["one", *words])
    if value is None:
        return None
    if half:
        return Decimal(value) / 2
    if plus:
        return (value + Decimal("0.5")) * ENGLISH_SCALES.get(plus["scale"], 1)
    return Decimal(value)


def _words(words: list[str]) -> int | None:
    total, least = 0, 10**15
    part: list[str] = []
    for word in words:
        scale = ENGLISH_SCALES.get(word, 0)
        if scale == 0 or word == "hundred":
            part.append(word)
            continue
        times = _below_thousand(part)
        if not times or scale >= least:
            return None
        total, least, part = total + times * scale, scale, []
    if not part:
        return total
    rest = _below_thousand(part)
    return None if rest is None or rest >= least else total + rest


def _below_thousand(words: list[str]) -> int | None:
    if "hundred" not in words:
        return _below_hundred(words)
    at = words.index("hundred")
    head, tail = _below_hundred(words[:at]), _below_hundred(words[at + 1 :])
    return head * 100 + (tail or 0) if head and (tail or not words[at + 1 :]) else None


def _below_hundred(words: list[str]) -> int | None:
    values = [_WORDS.get(word, 100) for word in words]
    if len(values) == 1:
        return values[0]
    if len(values) == 2 and values[0] >= 20 and 0 < values[1] < 10:
        return sum(values)
    return None


def english_ordinal(match: re.Match[str]) -> int | None:
    """Read an ordinal that ``ORDINAL_WORD`` found, such as twenty-first."""
    last = _ORDINALS[match["last"]]
    if not match["tens"]:
        return last
    return _WORDS[match["tens"]] + last if last < 10 else None
