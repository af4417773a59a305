"""Passages that say nothing new: found by their shingles, and collapsed to a better one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from typing import Any
from zlib import crc32

from pincite.records import Passage
from pincite.text import index_terms

SAME = 0.8
_SHINGLE = 3
_MARKS = 1024
# Terms one of which turns a text into another statement; digits do so too.
_DECISIVE = frozenset(
    term
    for word in (
        "零 〇 一 二 两 三 四 五 六 七 八 九 十 百 千 万 亿 半 不 没 未 无 非 否"
        " one two three four five six seven eight nine ten eleven twelve dozen hundred thousand"
        " million billion half double twice not no never none without neither nor"
    ).split()
    for term in index_terms(word)
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a passage says, and where: its text, its distinct index terms and its sentences."""

    document: str
    text: str
    terms: frozenset[str]
    sentences: tuple[str, ...] = ()


def sentences_of(passage: Passage) -> tuple[str, ...]:
    """Return a passage's sentences, each as it stands in the text."""
    at = passage.start
    return tuple(passage.text[span.start - at : span.end - at] for span in passage.sentences)


def near_duplicates(a: Said, b: Said) -> bool:
    """Tell whether two texts are the same but for a few words.

    They are if the Jaccard similarities of their terms, which is cheap, and of their shingles,
    runs of three terms, are both at least 0.8 and they hold the same numbers and negations:
    where one of those differs, one text may be the correction of the other.

    Source:
        Broder, "On the resemblance and containment of documents", 1997.
    """
    return (
        _alike(a.terms, b.terms)
        and _alike(_shingles(a.text), _shingles(b.text))
        and _decisive(a) == _decisive(b)
    )


def collapsed(ranked: Iterable[Said], most: int) -> list[list[int]]:
    """Group texts with the earlier one that says the same, alone or with its document's others.

    Args:
        ranked: Texts, best first.
        most: Groups wanted; texts that would begin a further one are left out. Once they are
            there, duplicates are looked for among the first ``2 * most`` texts only: they rank
            near one another, and each look costs microseconds.

    Returns:
        Groups as positions in ``ranked``, each ascending, ordered by their first.
    """
    groups: list[list[int]] = []
    best: list[Said] = []
    for place, said in enumerate(ranked):
        if len(groups) == most and place >= 2 * most:
            break
        same = _said_by(best, said)
        if same is not None:
            groups[same].append(place)
        elif len(groups) < most:
            groups.append([place])
            best.append(said)
    return groups


def _said_by(best: Sequence[Said], said: Said) -> int | None:
    """Return the place of the text that says the same, or most of it if its document says all.

    The latter is so for copies whose passages were cut at other places.
    """
    documents: dict[str, list[int]] = {}
    for place, other in enumerate(best):
        documents.setdefault(other.document, []).append(place)
    most_new, marks = (1 - SAME) * len(said.terms), _marks(said.terms)
    for places in documents.values():
        told_marks = reduce(or_, (_marks(best[place].terms) for place in places))
        # Each mark that is new is of a new term, so that most others are told at a glance.
        if (marks & ~told_marks).bit_count() > most_new:
            continue
        if len(said.terms.difference(*(best[place].terms for place in places))) > most_new:
            continue
        for place in places:
            if near_duplicates(best[place], said):
                return place
        told = frozenset[tuple[str, ...]]().union(*(_sentences(best[i].sentences) for i in places))
        mine = _sentences(said.sentences)
        if mine and mine <= told:
            return max(places, key=lambda place: len(mine & _sentences(best[place].sentences)))
    return None


@lru_cache(maxsize=20_000)
def _marks(terms: frozenset[str]) -> int:
    """Return a set of terms as a bitmap of their checksums."""
    return reduce(or_, (1 << crc32(term.encode()) % _MARKS for term in terms), 0)


@lru_cache(maxsize=2_000)
def _sentences(texts: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(index_terms(text)) for text in texts)


@lru_cache(maxsize=2_000)
def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    terms = index_terms(text)
    last = max(1, len(terms) - _SHINGLE + 1)
    return frozenset(tuple(terms[i : i + _SHINGLE]) for i in range(last))


def _decisive(said: Said) -> set[str]:
    return {t for t in said.terms if t in _DECISIVE or any(c.isdigit() for c in t)}


def _alike(a: frozenset[Any], b: frozenset[Any]) -> bool:
    if min(len(a), len(b)) < SAME * max(len(a), len(b)):
        return False
    common = len(a & b)
    return common >= SAME * (len(a) + len(b) - common)
