"""Questions that ask several things at once: each part is judged by itself."""

import re
from collections.abc import Sequence
from dataclasses import replace

from pincite.answer.confidence.support import Candidate
from pincite.answer.extractive import Selection

MOST_PARTS = 4
# What stands between quotation marks or is a title asks nothing here.
_END = re.compile(
    r"《[^》]{1,80}》|“[^”]{1,80}”|「[^」]{1,80}」|『[^』]{1,80}』|\"[^\"]{1,80}\""
    r"|(?P<mark>[?？]+[”’\"'」』)）]*)"
)
_ASKS_ENGLISH = r"(?:what|who|whom|whose|when|where|why|which|how)\b"
_ASKS_CHINESE = "|".join(
    "谁 誰 什么 甚麼 什麼 哪 多少 几 幾 怎么 怎麼 怎样 怎樣 如何 为何 為何 何时 何時 何地 多久 多大"
    " 多长 多長 是否 吗 嗎".split()
)
_AND_ENGLISH = re.compile(
    rf"(?:\s*[,;]\s*(?:and\s+|but\s+)?|\s+and\s+)(?={_ASKS_ENGLISH})", re.IGNORECASE
)
_AND_CHINESE = re.compile(r"[,，;；](?:以及|并且|而且|还有|還有|那么|那麼|另外|并|並|又)?")
_ENGLISH = re.compile(rf"\b{_ASKS_ENGLISH}", re.IGNORECASE)
_CHINESE = re.compile(_ASKS_CHINESE)
_STARTS_ENGLISH = re.compile(rf"(?:(?:and|but|also)\s+)?{_ASKS_ENGLISH}", re.IGNORECASE)
# 请用几句话回答 tells how to answer.
_TELLS = re.compile(r"(?:请|請|麻烦|麻煩)(?![问問])|.*[.。!！]$", re.DOTALL)
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[A-Za-z][\w'-]*")


def parts_of(question: str) -> list[str]:
    """Split a question into the questions it asks, at most ``MOST_PARTS``.

    A question mark ends a part, unless it is quoted or of a title; so does "and" or a comma before
    a question word where something was asked already, and a comma between two Chinese clauses that
    both ask. What cannot be a question of its own ("how much?" after "and") stays with the part
    before it. The last part needs no question mark. A question of more parts is left whole.
    """
    found = [part for text in _marked(question) for part in _clauses(text)]
    return found if 1 < len(found) <= MOST_PARTS and all(map(_asks, found)) else [question]


def _marked(question: str) -> list[str]:
    """Split after question marks; what follows the last one counts only if it asks."""
    found: list[str] = []
    start = 0
    for end in _END.finditer(question):
        if end["mark"]:
            found.append(question[start : end.end()].strip())
            start = end.end()
    rest = question[start:].strip()
    asks = (_STARTS_ENGLISH.match(rest) and _whole_english(rest)) or (
        _CHINESE.search(rest) and _whole_chinese(rest)
    )
    return [*found, rest] if not found or (asks and not _TELLS.match(rest)) else found


def _asks(part: str) -> bool:
    return len(_WORD.findall(part)) >= 2 or len(_HAN.findall(part)) >= 3


def _clauses(text: str) -> list[str]:
    for separator, asks, whole in (
        (_AND_ENGLISH, _ENGLISH, _whole_english),
        (_AND_CHINESE, _CHINESE, _whole_chinese),
    ):
        clauses = [clause.strip() for clause in separator.split(text)]
        if len(clauses) > 1 and all(asks.search(c) and whole(c) for c in clauses):
            return clauses
    return [text]


def _whole_english(clause: str) -> bool:
    return len(_WORD.findall(clause)) >= 4


def _whole_chinese(clause: str) -> bool:
    return len(clause) >= 6


def in_context(parts: Sequence[str], number: int) -> str:
    """Return a part, counted from 0, as it reads after the first, which may name its subject."""
    return f"{parts[0]} {parts[number]}" if number else parts[0]


def combined(selections: Sequence[Selection]) -> Selection:
    """Join what was chosen for each part; a sentence that answers two of them is chosen once.

    The confidence is that of the least sure part among those that have an answer, so that all
    that is given is at least as sure; without any, of the surest.
    """
    answering = [selection for selection in selections if not selection.reason]
    if not answering:
        return max(selections, key=lambda selection: selection.confidence)
    chosen: dict[tuple[int, int], tuple[float, Candidate]] = {}
    for selection in answering:
        for probability, candidate in selection.chosen:
            chosen.setdefault(
                (candidate.hit.passage.id, candidate.span.start), (probability, candidate)
            )
    support: dict[int, float] = {}
    for selection in selections:
        for passage_id, best in selection.support.items():
            support[passage_id] = max(best, support.get(passage_id, 0.0))
    return replace(
        answering[0],
        chosen=[*chosen.values()],
        confidence=min(selection.confidence for selection in answering),
        support=support,
        same_said=frozenset().union(*(s.same_said for s in answering)),
    )
