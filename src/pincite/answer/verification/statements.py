"""An LLM's text, as it arrives, cut into statements with the passages that each cites."""

import re
from dataclasses import dataclass

from pincite.answer.verification.markers import (
    MARKER_AFTER_STOP,
    PLACE,
    harmless,
    with_places,
    without_places,
)
from pincite.ingest.marks import skip_marker, trim_space
from pincite.ingest.sentences import sentence_ends

# A sentence is known to end once so much of the next is there: its first words decide.
_LOOK_AHEAD = 24
# A line in which no sentence was found to end for so long is looked at again when it ends, lest
# hostile text cost time that grows with its square.
_LONGEST = 1000
_STOPS = frozenset("。！？!?.．…")
_LINE_ENDS = frozenset("\n\r\v\f\x85\u2028\u2029")
_CLOSERS = re.compile(r"""[。！？!?.．…]*["'”’」』)）\]*_`]*""")
_PAIRED = ("[]", "【】", "［］", "()", "（）", "“”", "「」", "『』", "<>")
_TWICE = ('"', "`", "**")

_FENCE = re.compile(r"\s*(?:```|~~~)[\w+-]*\s*$")
_RULE = re.compile(r"[\s|:*_=—-]*")
_HEADING = re.compile(r"\s*(?:>\s*)*#{1,6}\s+|\s*(?:\*\*|__)[^*_]+(?:\*\*|__)\s*[:：]?\s*$")
_QUOTED_LINE = re.compile(r"\s*(?:>\s*)+")
_ITEM = re.compile(
    r"\s*(?:>\s*)*(?:[-*+•●▪◦‣–·]\s|[（(]?\d{1,2}[.)）、．](?!\d)|[①-⑳]"
    r"|[一二三四五六七八九十]{1,2}、|[（(][一二三四五六七八九十]{1,2}[)）])"
)
_INTRODUCES = re.compile(r"[:：]\s*$")
_REFERENCES = re.compile(
    r"(?:sources?|references?|citations?|cited (?:sources|passages)|bibliography|footnotes?|notes?"
    r"|(?:参考|參考)(?:文献|文獻|资料|資料|来源|來源|文章)?|(?:信息|资料|資料)?[来來]源|出[处處]"
    r"|引用(?:[来來]源|文献)?|脚注|[备備]?[注註](?:释|釋)?)(?:列表|list)?\s*[:：]?",
    re.IGNORECASE,
)
_THINKING = ("<think>", "</think>")


@dataclass(frozen=True, slots=True)
class Drafted:
    """A sentence of an LLM's answer before it is verified.

    ``text`` is harmless plain text without markers; ``markers`` are the numbers of the passages it
    cites, from 1, only such as there are. ``claim`` is False for headings and for lead-ins such as
    "The reasons are:". ``starts`` is what stands before it: "" after a sentence on the same line,
    "\\n" on a new line, "\\n- " as an item of a list.
    """

    text: str
    markers: tuple[int, ...]
    claim: bool = True
    starts: str = ""


class StatementReader:
    """Reads an LLM's text piece by piece; the pieces' bounds make no difference.

    Every character is looked at by itself, so that what is decided depends on what stands before
    it and on nothing else.
    """

    def __init__(self, passages: int) -> None:
        """Read a text that was written from so many passages."""
        self._passages = passages
        self._line = ""
        self._starts = "\n"
        self._heading = self._ended = self._thinking = False
        self._begun = False

    def feed(self, piece: str) -> list[Drafted]:
        """Take in a piece; return the statements that are complete with it."""
        return [drafted for character in piece for drafted in self._take(character)]

    def finish(self) -> list[Drafted]:
        """Return what is left when the text has ended."""
        return [] if self._thinking else self._end_line()

    def _take(self, character: str) -> list[Drafted]:
        if self._thinks(character):
            return []
        if character in _LINE_ENDS:
            return self._end_line()
        self._line += character
        at = len(self._line) - 1 - _LOOK_AHEAD
        if at < 0 or at > _LONGEST or self._line[at] not in _STOPS or self._ended:
            return []
        return self._end_sentence(at)

    def _thinks(self, character: str) -> bool:
        """Tell whether a character belongs to what a reasoning model says before its answer."""
        begin, end = _THINKING
        if self._thinking:
            self._line = (self._line + character)[-len(end) :]
            if self._line == end:
                self._thinking, self._line = False, ""
            return True
        if not self._begun and (self._line + character).lstrip() == begin:
            self._thinking, self._line = True, ""
            return True
        self._begun = self._begun or not begin.startswith((self._line + character).strip())
        return False

    def _end_sentence(self, stop: int) -> list[Drafted]:
        """Take the line up to a stop, if a sentence is known to end there."""
        cut = _after_stop(self._line, stop)
        if cut >= len(self._line) - 1 or _is_open(self._line[:cut]) or _FENCE.match(self._line):
            return []
        first, cited = with_places(harmless(self._line[:cut]), self._passages)
        first = first[: trim_space(first, 0, len(first))]
        rest, _ = with_places(harmless(self._line[cut:]), self._passages)
        whole = f"{first}{rest}".rstrip()
        if not first or len(first) not in set(sentence_ends(whole, 0, len(whole))):
            return []
        drafted = self._sentences(first, cited, self._kind())
        self._line = self._line[cut:]
        return drafted

    def _end_line(self) -> list[Drafted]:
        line, self._line = self._line, ""
        drafted: list[Drafted] = []
        if not (_FENCE.match(line) or _RULE.fullmatch(line) or self._ended):
            self._line = line
            kind = self._kind()
            text, cited = with_places(harmless(line).replace("|", " "), self._passages)
            drafted = self._sentences(text, cited, kind)
            self._line = ""
        self._starts, self._heading = "\n", False
        return drafted

    def _kind(self) -> str:
        """Note what kind of line this is, when its first sentence is taken."""
        if self._starts:
            self._heading = bool(_HEADING.match(self._line))
            return "\n- " if _ITEM.match(self._line) and not self._heading else "\n"
        return ""

    def _sentences(self, text: str, cited: list[tuple[int, ...]], starts: str) -> list[Drafted]:
        if starts:
            text = _QUOTED_LINE.sub("", text)
            text = re.sub(r"^\s*#{1,6}\s+", "", text)
            text = text[skip_marker(text, 0, len(text)) :]
        end = trim_space(text, 0, len(text))
        if starts and _REFERENCES.fullmatch(without_places(text[:end])):
            self._ended = True
            return []
        found: list[Drafted] = []
        begin = 0
        for sentence_end in sentence_ends(text, 0, end) if end else ():
            part = text[begin:sentence_end]
            begin = sentence_end
            said = without_places(part)
            if not any(c.isalnum() for c in said):
                continue
            numbers = [n for place in PLACE.findall(part) for n in cited[int(place)]]
            claim = not (self._heading or _INTRODUCES.search(said))
            found.append(Drafted(said, tuple(dict.fromkeys(numbers)), claim, starts))
            starts = self._starts = ""
        return found


def _after_stop(line: str, stop: int) -> int:
    """Return where a sentence ends that stops here, closing marks and citations included."""
    closers = _CLOSERS.match(line, stop)
    at = closers.end() if closers else stop + 1
    while marker := MARKER_AFTER_STOP.match(line, at):
        at = marker.end()
    return at


def _is_open(text: str) -> bool:
    """Tell whether something begun in a text is not closed: a quotation, a bracket, a link."""
    return any(text.count(pair[0]) > text.count(pair[1]) for pair in _PAIRED) or any(
        text.count(mark) % 2 for mark in _TWICE
    )
