"""Citation markers in an LLM's text, in the forms that LLMs write, and text made harmless."""

import re
import unicodedata
from collections.abc import Iterator

from pincite.text import HAN, clean_text

_LABEL = (
    r"(?:passages?|paragraphs?|sources?|docs?|documents?|refs?|references?|citations?|cite"
    r"|articles?|chunks?|context|no\.?|id|来源|來源|资料|資料|文档|文檔|段落|文章|引用|引文|参考|參考"
    r"|出处|出處|片段|第)"
)
_NUMBER = rf"(?:\\?[\^#]\s*)?(?:{_LABEL}\s*[:：#._-]?\s*)?[-−]?\d{{1,3}}\s?[段篇条號号章]?\^?"
_SEPARATOR = r"(?:\s*(?:[,，、;；&/+|]|and|or|和|及|与|與|[-–—−~～]|到|至)\s*|\s+)"
_INNER = rf"\s*{_NUMBER}(?:{_SEPARATOR}{_NUMBER}){{0,20}}\s*(?:†[^\[\]【】]{{0,80}})?"
_BRACKETED = rf"\\?[\[［【〔](?P<bracketed>{_INNER})\\?[\]］】〕]"
_LABELLED = (
    rf"[(（](?P<labelled>\s*{_LABEL}\s*[:：#]?\s*\d{{1,3}}"
    rf"(?:{_SEPARATOR}{_NUMBER}){{0,20}}\s*)[)）]"
)
# Round brackets cite only at the end of a sentence, and not after a number: section 5 (1).
_ROUND = (
    r"(?<![\d\s(（])\s?(?<!\d\s)[(（](?P<round>\d{1,2}(?:\s?[,，、]\s?\d{1,2}){0,9})[)）]"
    r"(?=\s*(?:[。．.!?！？]|$))"
)
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
# Not an exponent: km², 10².
_RAISED = (
    rf"(?:(?<=[。．.!?！？,，;；:：”’」』\"')）]|[{HAN}])|(?<=[A-Za-z]{{4}}))"
    rf"(?P<raised>[{_SUPERSCRIPTS}]{{1,3}}(?:[,，⁻˒·\s]?[{_SUPERSCRIPTS}]{{1,3}}){{0,9}})"
)
_MARKER = re.compile(rf"{_BRACKETED}|{_LABELLED}|{_ROUND}|{_RAISED}", re.IGNORECASE)
MARKER_AFTER_STOP = re.compile(
    rf"\s?(?:{_BRACKETED}|{_LABELLED}|[{_SUPERSCRIPTS}]+)", re.IGNORECASE
)
PLACE = re.compile(r"\[(\d{1,3})\]")

_DIGITS = re.compile(r"[-−]?\d+")
_RANGE = re.compile(rf"(\d+)\s*(?:[-–—−~～]|到|至)\s*(?:{_LABEL}\s*)?(\d+)", re.IGNORECASE)
_MOST_IN_RANGE = 20

_COMMENT = re.compile(
    r"<!--.*?(?:-->|$)|<(script|style)\b[^<>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE
)
_RAISED_TAG = re.compile(
    r"<(sup|cite|ref)\b[^<>]*>\s*\[?(\d{1,3}(?:\s?[,，]\s?\d{1,3})*)\]?\s*</\1>", re.IGNORECASE
)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<(?:https?:|mailto:)[^<>\s]*>")
_DOUBLE = re.compile(r"\[(\[[^\[\]]*\])\]")
_LINK = re.compile(
    r"!?\[([^\[\]]*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+[\"'(][^\"'()]*[\"')])?\s*\)"
)
_REFERENCE_LINK = re.compile(r"!?\[([^\[\]]+)\]\[(?!\s*[\^#\d])[^\[\]]*\]")
_ADDRESS = re.compile(
    r"(?:\b(?:https?|ftp|file|data|javascript):|\bwww\.)[^\s<>\"'，。；！？、）】」”]+",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"\*{1,3}|~~|`+|(?<![\w])_{1,3}(?=\S)|(?<=\S)_{1,3}(?![\w])")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")
_YEAR = re.compile(r"[\[［【〔]\s*(\d{4,})\s*[\]］】〕]")
_SPACE = re.compile(r"[^\S\n]+")
# What markers leave behind: brackets with nothing in them, and spaces.
_STRAY = re.compile(r"[\[［【〔]\s*(?:[\]］】〕]|(?=[。．.!?！？,，]|$))")
_BEFORE_STOP = re.compile(r"\s+(?=[。．.!?！？…;；:：,，、])")


def harmless(text: str) -> str:
    """Return a line without what could act or deceive where it is shown.

    Links leave their label, images, tags and addresses nothing; control and bidirectional
    characters go, and the marks of emphasis and code.
    """
    text = _COMMENT.sub("", clean_text(text))
    text = _RAISED_TAG.sub(r"[\2]", text)
    before = None
    while before != text:
        before = text
        text = _DOUBLE.sub(r"\1", _TAG.sub("", text))
        text = _LINK.sub(_label, _REFERENCE_LINK.sub(_label, text))
    text = _ADDRESS.sub("", text)
    text = _ESCAPE.sub(r"\1", _EMPHASIS.sub("", text))
    return _SPACE.sub(" ", text)


def _label(link: re.Match[str]) -> str:
    label = link[1]
    if re.fullmatch(_INNER, label, re.IGNORECASE):
        return f"[{label}]"
    # What describes an image is no part of a sentence, and would join the two round it.
    return "" if link[0].startswith("!") else label


def with_places(text: str, passages: int) -> tuple[str, list[tuple[int, ...]]]:
    """Put ``[0]``, ``[1]`` … for the markers in a harmless text.

    Args:
        text: What ``harmless`` returned.
        passages: How many there are.

    Returns:
        The text, and for each place the numbers that its marker cites, those left out that are
        not between 1 and ``passages``.
    """
    cited: list[tuple[int, ...]] = []
    parts: list[str] = []
    end = 0
    for match in _MARKER.finditer(text):
        inner = match[match.lastgroup or 0]
        parts += [text[end : match.start()], f"[{len(cited)}]"]
        cited.append(tuple(n for n in dict.fromkeys(_numbers(inner)) if 1 <= n <= passages))
        end = match.end()
        if len(cited) == 1000:
            break
    return "".join([*parts, text[end:]]), cited


def without_places(text: str) -> str:
    """Return a text without places, and without what would look like one when they are gone."""
    before = None
    while before != text:
        before = text
        text = PLACE.sub("", text)
        text = _MARKER.sub("", text)
    text = _SPACE.sub(" ", _STRAY.sub("", _YEAR.sub(r"(\1)", text)))
    return _BEFORE_STOP.sub("", text).strip()


def _numbers(inner: str) -> Iterator[int]:
    """Yield the numbers of a marker, ranges told in full."""
    inner = unicodedata.normalize("NFKC", inner.partition("†")[0])
    end = 0
    for span in _RANGE.finditer(inner):
        first, last = int(span[1]), int(span[2])
        if first < last <= first + _MOST_IN_RANGE and not _negative(inner, span.start()):
            yield from map(_number, _DIGITS.findall(inner[end : span.start()]))
            yield from range(first, last + 1)
            end = span.end()
    yield from map(_number, _DIGITS.findall(inner[end:]))


def _negative(inner: str, at: int) -> bool:
    return inner[:at].rstrip().endswith(("-", "−"))


def _number(digits: str) -> int:
    return int(digits.replace("−", "-"))
