"""Times of day as ISO 8601 says them: 15:30, or 15:30:20 where seconds are stated."""

import re

from pincite.quantities.numerals import chinese

PARTS = "凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|夜里|深夜|当晚|今晚"
_LATE = frozenset("下午 傍晚 晚上 晚间 夜里 深夜 当晚 今晚".split())
_N = "(?:[0-5]?\\d|[零〇一二两三四五六七八九十]{1,3})"
_CHINESE = re.compile(
    rf"(?:(?P<part>{PARTS})\s?)?(?P<h>{_N})\s?(?P<mark>[点时])(?!间|代|期|候|刻|尚|速|装|区|效|常|空)"
    rf"(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<exact>整|钟)|(?P<m>{_N})\s?(?P<minute>分(?!之))?)?"
)
_CLOCK = re.compile(
    rf"(?:(?P<part>{PARTS})\s?)?(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?![\d:])"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?"
)
_TWELVE = re.compile(r"(?P<h>1[0-2]|0?[1-9])\s?(?P<half>[ap])\.?m\b\.?")


def time_at(text: str, at: int) -> tuple[int, str] | None:
    """Read the time of day that begins here in a folded text: its end and value."""
    if match := _CLOCK.match(text, at):
        hour = _of_day(int(match["h"]), match["part"], match["half"])
        return _told(match, hour, int(match["m"]), match["s"])
    if match := _TWELVE.match(text, at):
        return _told(match, _of_day(int(match["h"]), None, match["half"]), 0)
    match = _CHINESE.match(text, at)
    if not match or not _certain(match):
        return None
    minute = 30 if match["half"] else 15 * (_int(match["quarter"]) or 0) if match["quarter"] else 0
    minute = _int(match["m"]) if match["m"] else minute
    return _told(match, _of_day(_int(match["h"]), match["part"], None), minute)


def _certain(match: re.Match[str]) -> bool:
    """Tell a time from 三点五 (3.5) and 三点意见 (three points)."""
    if match["part"] or match["half"] or match["quarter"] or match["exact"] or match["minute"]:
        return True
    return match["mark"] == "时" and match["h"].isdecimal() and not match["m"]


def _int(numeral: str) -> int:
    if numeral.isdecimal() and numeral.isascii():
        return int(numeral)
    value = chinese(numeral if len(numeral) == 1 else numeral.lstrip("零〇"))
    return 99 if value is None else int(value)


def _of_day(hour: int, part: str | None, half: str | None) -> int:
    if half:
        return hour % 12 + 12 * (half == "p") if hour <= 12 else hour
    if part in _LATE and 0 < hour <= 12:
        # 下午12点 is noon, 晚上12点 midnight.
        return hour % 12 + 12 if part in {"下午", "傍晚"} or hour != 12 else 0
    return hour + 12 if part == "中午" and hour < 3 else hour


def _told(
    match: re.Match[str], hour: int, minute: int, seconds: str | None = None
) -> tuple[int, str] | None:
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    exact = f":{seconds}" if seconds and seconds != "00" else ""
    return match.end(), f"{hour % 24:02}:{minute:02}{exact}"
