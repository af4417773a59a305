"""Whole numbers written out, independently of how they are read."""

_DIGITS = "零一二三四五六七八九"
_FINANCIAL = str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
_TRADITIONAL = str.maketrans("万亿两", "萬億兩")
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_chinese(number: int) -> str:
    """Write as Chinese is read aloud: 10005 is 一万零五, 100000000 一亿."""
    if number == 0:
        return "零"
    text = _counted(number)
    return text.removeprefix("一") if 10 <= number < 20 else text


def _counted(number: int) -> str:
    for scale, name in ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number >= scale:
            times, rest = divmod(number, scale)
            zero = "零" if 0 < rest < scale // 10 else ""
            return f"{_counted(times)}{name}{zero}{_counted(rest) if rest else ''}"
    return _DIGITS[number]


def in_financial_capitals(number: int) -> str:
    """Write as on a cheque: 壹佰贰拾叁."""
    return _counted(number).translate(_FINANCIAL) if number else "零"


def in_traditional(number: int) -> str:
    """Write in traditional characters, with 兩 before 百, 千, 萬 and 億."""
    text = in_chinese(number)
    for scale in "千万亿":
        text = text.replace(f"二{scale}", f"两{scale}") if text.startswith(f"二{scale}") else text
    return text.translate(_TRADITIONAL)


def in_english(number: int) -> str:
    """Write as British English says it: one hundred and five thousand and twenty-one."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    for scale, name in (
        (10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"),
        (100, "hundred"),
    ):  # fmt: skip
        if number >= scale:
            times, rest = divmod(number, scale)
            joint = " and " if 0 < rest < 100 else " "
            return f"{in_english(times)} {name}" + (f"{joint}{in_english(rest)}" if rest else "")
    raise AssertionError(number)
