"""Cleaning of text and names: what no reader sees and what breaks storage is taken out."""

import re
import unicodedata

from pincite.text import clean_text

CJK = "\u2e80-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U000323af"
_MAX_NAME = 200

# Radicals that fonts of Chinese PDFs put in place of characters; Unicode's own compatibility
# mapping leaves these out of the CJK Radicals Supplement.
_RADICALS = dict(
    re.findall(
        "(.)(.)",
        "⺠民⻅见⻆角⻉贝⻋车⻓长⻔门⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻥鱼⻦鸟⻨麦⻩黄⻬齐⻮齿⻰龙⻄西⻣骨⻤鬼",
    )
)
_PLAIN = {
    code: unicodedata.normalize("NFKC", _RADICALS.get(chr(code), chr(code)))
    for code in (*range(0x2E80, 0x2FD6), *range(0xFB00, 0xFB07))
}


def plain_ideographs(text: str) -> str:
    """Replace radicals by the characters they stand for, and ligatures such as "ﬁ" by letters."""
    return text.translate(_PLAIN)


def one_line(text: str) -> str:
    """Clean a text and put it on one line, white space runs made single spaces."""
    return " ".join(clean_text(text).split())


def clean_name(name: str) -> str:
    """Reduce a file name given by a stranger to a base name of at most 200 characters.

    Folders, controls and bidi marks are taken out; the ending is kept. A name of which nothing is
    left becomes "document".
    """
    base = one_line(re.split(r"[/\\]", name)[-1]).strip(". ")
    if len(base) > _MAX_NAME:
        stem, dot, ending = base.rpartition(".")
        kept = dot + ending if stem and len(ending) <= 10 else ""
        base = base[: _MAX_NAME - len(kept)] + kept
    return base or "document"
