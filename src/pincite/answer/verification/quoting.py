"""Statements that stand in a sentence word for word, and what makes it uncertain that they are so.

"He denied that it rained" does not say that it rained, nor does "If it rains, the match is off"
say that the match is off.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from pincite.answer.verification.facts import Facts
from pincite.answer.verification.opposites import negations
from pincite.ingest.marks import width
from pincite.text import content_terms, fold, to_simplified

# In columns, of which a Chinese character takes two.
_SHORTEST_PART = 8
# Stands for what divides clauses; no text holds it once it is folded.
_BREAK = "\ue000"
_DIVIDES = re.compile(r"(?<!\d)[,;:.]|[,;:.](?!\d)|[。、!?()—]|--")
_NO_WORD = re.compile(rf"(?:[^\w%‰$€£¥₩°+<>={_BREAK}−-]|_|-(?!\d))+")
# Before and after what of a clause a part may begin and end.
_BEGINS = re.compile(rf"(?:^|{_BREAK}|\b(?:and|but|while|although)\b|并且?|但是?|而且?)\s*$")
_ENDS = re.compile(
    rf"\s*(?:$|{_BREAK}|(?:in|on|at|for|after|before|because|since|when|while|which|who|where|with"
    r"|from|as|and|but|during|following|amid)\b)"
)
_OPEN = {
    # Of what a sentence says on a condition, or leaves open, or denies, no part is said.
    "condition": r"\b(?:if|unless|provided that|in case|in the event)\b"
    r"|如果|假如|假设|倘若|要是|除非|一旦|若(?!干|是|非|隐)",
    "open": r"\b(?:whether|unclear|rumou?r\w*|alleg\w+|reportedly|den(?:y|ies|ied|ying)|falsely"
    r"|wrongly|untrue|false|hoax|no longer)\b"
    r"|是否|不清楚|据称|据传|传言|传闻|谣|否认|误称|不实|不再|涉嫌",
    # Not the month.
    "chance": r"\b(?:(?<!in )(?<!of )(?<!since )(?<!by )(?<!until )may(?! \d)"
    r"|[Mm]ight|[Pp]ossibly|[Pp]erhaps)\b|可能|或许|也许",
}
_RESERVES = {name: re.compile(pattern) for name, pattern in _OPEN.items()}
_MAY_HEDGE = re.compile(
    r"\b(?:would|could|should|likely|expect\w*|plan\w*|propos\w+|claim\w*|said|says?|saying|stat(?:ed|es|ing)"
    r"|told|believ\w+|think\w*|thought|argu\w+|according|report(?:s|ed)|suggest\w*|hop(?:e[ds]?|ing)|want\w*"
    r"|ask\w*|demand\w*|only|until|except)\b"
    r"|预计|计划|拟|建议|要求|声称|宣称|表示|称|说|认为|指出|透露|相信|希望|据|只有|直到"
)


@lru_cache(maxsize=20_000)
def words_of(text: str) -> str:
    """Return a text's words, folded, to see whether two texts are the same."""
    return f" {_NO_WORD.sub(' ', fold(text)).strip()} "


@lru_cache(maxsize=20_000)
def _divided(text: str) -> str:
    """Return a text's words, folded, with what divides its clauses."""
    marked = _NO_WORD.sub(" ", _DIVIDES.sub(_BREAK, fold(text)))
    return f" {marked.strip(f' {_BREAK}')} "


def is_quoted(statement: str, sentence: str) -> bool:
    """Tell whether a statement is a sentence, or a part of it at the bounds of clauses.

    What is left out may not turn the part's meaning, nor be what somebody says or expects.
    """
    if words_of(statement) == words_of(sentence):
        return True
    part, whole = _divided(statement).strip(), _divided(sentence)
    if width(part) < _SHORTEST_PART:
        return False
    at = whole.find(part)
    while at >= 0:
        before, after = whole[:at], whole[at + len(part) :]
        rest = f"{before} {after}".replace(_BREAK, ",")
        if _BEGINS.search(before.strip()) and _whole_words(part, before, after):
            return bool(_ENDS.match(after)) and not (
                negations(rest) or _MAY_HEDGE.search(rest) or reservations(rest)
            )
        at = whole.find(part, at + 1)
    return False


def _whole_words(part: str, before: str, after: str) -> bool:
    return not (
        (part[0].isascii() and before[-1:].isascii() and before[-1:].isalnum())
        or (part[-1].isascii() and after[:1].isascii() and after[:1].isalnum())
    )


@lru_cache(maxsize=20_000)
def reservations(text: str) -> frozenset[str]:
    """Return in which ways a text leaves open that what it says is so."""
    plain = to_simplified(text)
    texts = {name: plain if name == "chance" else plain.lower() for name in _RESERVES}
    return frozenset(name for name, pattern in _RESERVES.items() if pattern.search(texts[name]))


def reserved(statement: Facts, sentences: Sequence[Facts]) -> bool:
    """Tell whether a statement lacks a reservation under which alone the sentences say it.

    A chance counts where it is in the clauses that the statement is about.
    """
    if reservations(statement.text):
        return False
    for sentence in sentences:
        found = reservations(sentence.text)
        if found - {"chance"} or (found and _chance(statement, sentence)):
            return True
    return False


def _chance(statement: Facts, sentence: Facts) -> bool:
    """Tell whether it is a clause that a statement is about, or may be, which says "may"."""
    mine = frozenset(content_terms(statement.text))
    for clause in re.split(r"[，,；;]", to_simplified(sentence.text)):
        certain = _RESERVES["chance"].sub(" ", clause)
        terms = frozenset(content_terms(certain))
        if certain != clause and len(mine & terms) >= 0.5 * max(1, len(terms)):
            return True
    return (statement.language == "en") != (sentence.language == "en")
