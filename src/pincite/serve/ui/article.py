"""A whole article as the source panel shows it, scrolled to what is cited."""

import re
from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

from pincite.records import Document, Passage
from pincite.serve.ui.markup import element, text
from pincite.serve.ui.panel import about
from pincite.serve.ui.shell import icon, word
from pincite.serve.ui.strings import Strings

_LINE = re.compile(r"\S[^\n]*")
_HEADING = re.compile(r"(#{1,6}) +(?=\S)")
_TO_PASSAGE = re.compile(r"[ :：*•-]{0,6}")
_MARK_BEFORE = re.compile(r"[-*•] $")
_BULLET = re.compile(r"[-*] +(?=\S)")


def render_article(
    document: Document, passages: Sequence[Passage], start: int, end: int, words: Strings
) -> str:
    """Render a document with ``text[start:end]`` highlighted; an empty range highlights nothing.

    A paragraph is begun with each line, passage and bullet, since articles without line ends are
    unreadable as one block; what stands between passages as their heading is shown as one.
    """
    whole = document.text
    headings = _headings(whole, passages)
    cuts = {0, len(whole), *headings, *_bullets(whole, passages)}
    cuts.update(line.end() for line in _LINE.finditer(whole))
    cuts.update(passage.start for passage in passages)
    spans = [_stripped(whole, *span) for span in pairwise(sorted(cuts))]
    shown = [span for span in spans if span[0] < span[1]]
    first = _HEADING.sub("", whole[slice(*shown[0])]) if shown else None
    if first == document.info.title and not start < min(end, shown[0][1]):
        shown = shown[1:]
    blocks = [_block(whole, *span, (start, end), headings) for span in shown]
    return element(
        "article",
        element(
            "button",
            icon("back"),
            word("back", words),
            type="button",
            class_="pc-quiet",
            id="pc-back",
        ),
        element("h3", text(document.info.title), dir="auto"),
        element(
            "p", *about(document.info.source, document.info.published, words), class_="pc-about"
        ),
        element("div", *blocks, class_="pc-article-text", dir="auto"),
        class_="pc-article",
        lang=document.info.lang if document.info.lang != "und" else None,
    )


def _bullets(whole: str, passages: Sequence[Passage]) -> Iterator[int]:
    """Yield where the marks of bulleted sentences stand."""
    for passage in passages:
        for sentence in passage.sentences:
            if mark := _MARK_BEFORE.search(whole, max(0, sentence.start - 3), sentence.start):
                yield mark.start()


def _headings(whole: str, passages: Sequence[Passage]) -> set[int]:
    """Return where headings begin that stand right before their passage, on the same line."""
    found = set()
    for passage in passages:
        heading = passage.heading.rpartition(" > ")[2]
        at = whole.rfind(heading, 0, passage.start) if heading else -1
        if at >= 0 and _TO_PASSAGE.fullmatch(whole, at + len(heading), passage.start):
            found.add(at)
    return found


def _stripped(whole: str, start: int, end: int) -> tuple[int, int]:
    part = whole[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def _block(whole: str, start: int, end: int, cited: tuple[int, int], headings: Set[int]) -> str:
    line = whole[start:end]
    heading, bullet = _HEADING.match(line), _BULLET.match(line)
    if heading or start in headings:
        start += heading.end() if heading else 0
        return element("h4", _highlighted(whole, start, end, cited))
    if bullet:
        start += bullet.end()
        return element("p", _highlighted(whole, start, end, cited), class_="is-bullet")
    return element("p", _highlighted(whole, start, end, cited))


def _highlighted(whole: str, start: int, end: int, cited: tuple[int, int]) -> str:
    first, last = max(start, cited[0]), min(end, cited[1])
    if first >= last:
        return text(whole[start:end])
    return "".join(
        [
            text(whole[start:first]),
            element("mark", text(whole[first:last])),
            text(whole[last:end]),
        ]
    )
