"""Where sentences begin and end in Chinese and English prose.

A sentence is never cut inside an abbreviation, a number, initials, a short quotation or a
parenthesis. Where a mark is ambiguous, two sentences stay together rather than one being cut:
a citation that shows too much is still right, half a sentence may not be.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from pincite.ingest.marks import (
    skip_marker,
    skip_references,
    skip_space,
    trim_references,
    trim_space,
)
from pincite.records import Span

_MARK = re.compile(r"""([。！？｡।॥؟۔።!?.．…‥]+)(["'”’」』)）\]}*_`]*)""")
_MARKS = frozenset("。！？｡।॥؟۔።!?.．…‥")
_STRONG = frozenset("。！？｡।॥؟۔።")
_QUOTES = frozenset("\"'”’」』")
_QUOTED = re.compile(
    "“[^“”]{1,100}”|「[^「」]{1,100}」|『[^『』]{1,100}』|《[^《》]{1,60}》|【[^【】]{1,60}】"
    r"|（[^（）]{1,100}）|\([^()]{1,100}\)"
    r"""|(?<![A-Za-z0-9"])"[^"]{1,100}"(?![A-Za-z0-9])"""
)
_OPENING = re.compile(r"""\s*["'“‘「『（(《【\[*_]*""")
_CONTINUES = frozenset("，、；：,;:)）]】》〉」』”%％")
_CJK = re.compile("[\u2e80-\u303f\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\uffef“‘]")
_SAID = re.compile(
    r"\s*(?:[A-Z][\w.’'-]*\s+){0,3}(?:said|says|asked|replied|added|told|wrote|answered|cried)\b"
    r"|\s*[^，。！？；：,.!?;:“”\s]{0,12}?"
    r"(?:说|道|问|答|喊|叫|称|笑|叹|表示|指出|回应|坦言)[着了道]?[，。,.；！]"
)
_WORD_BEFORE = re.compile(r"[A-Za-z](?:[A-Za-z.]*[A-Za-z])?\Z")
_WORD_AFTER = re.compile(r"\s*[\"'“‘(]*([A-Z][A-Za-z’']*)(?![A-Za-z.])")
_ENUMERATOR = re.compile(r"\s*[*_]{0,3}[（(]?(?:\d{1,3}|[A-Za-z]|[ivx]{1,4}|[IVX]{1,4})\Z")
_ACRONYM = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]\Z")
# Always followed by more of the same sentence.
_NEVER_LAST = frozenset(
    """mr mrs ms mx dr prof gen sen rep gov capt lt col sgt cmdr rev hon messrs mme vs v e.g i.e cf
    viz approx ca esp incl resp st mt ft al ed eds trans""".split()
)
_BEFORE_NUMBER = frozenset(
    """no nos nr fig figs eq eqs p pp vol vols art arts sec secs ch chap ver para tab ex op
    jan feb mar apr jun jul aug sep sept oct nov dec""".split()
)
# Last in a sentence only where a word follows that begins many sentences.
_MAY_BE_LAST = frozenset(
    """inc corp ltd co llc plc bros jr sr etc dept univ ave blvd rd assn bn mln est ph.d
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun""".split()
)
_STARTERS = frozenset(
    """A An The This That These Those It Its He She They We You I His Her Their Our My In On At By
    For From To With As If When While After Before Since Because Although Though But And Or So Yet
    However Meanwhile Moreover Still Then There Here Now What Who Why How Where Which Not No Yes
    Both Each Some Many Most All Under Over During According Despite Earlier Later Last Next
    Another Other One Two Also Even Just Only Until""".split()
)
_SOFT = re.compile(r"；+[”’」』]*|;(?=\s)")
_LISTED = re.compile(r"(?<=[；;])\s*(?=[①-⑳]|[（(]\d{1,2}[)）]|\d{1,2}[)）、](?!\d))")
_LONG_CHINESE, _LONG_ENGLISH, _SHORTEST_CLAUSE = 150, 300, 10


class _Stretch:
    """A stretch of text with its short quotations, titles and parentheses."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.end = end
        found = [m.span() for m in _QUOTED.finditer(text, start, end)]
        self._starts = [s for s, _ in found]
        self._ends = [e for _, e in found]

    def quotation_at(self, position: int) -> tuple[int, int] | None:
        """Return the quotation that ``position`` lies in or at the end of."""
        i = bisect_right(self._starts, position - 1) - 1
        return (self._starts[i], self._ends[i]) if i >= 0 and position <= self._ends[i] else None

    def quotation_opens(self, position: int) -> bool:
        i = bisect_right(self._starts, position) - 1
        return i >= 0 and self._starts[i] == position


def _word_before(text: str, begin: int, position: int) -> str:
    word = _WORD_BEFORE.search(text[max(begin, position - 20) : position])
    return word.group() if word else ""


def _starter_follows(text: str, position: int, end: int) -> bool:
    word = _WORD_AFTER.match(text, position, end)
    return bool(word and word[1] in _STARTERS)


def _abbreviates(text: str, begin: int, dot: int, after: int, end: int) -> bool:
    """Tell whether the stop at ``dot`` belongs to an abbreviation, an initial or a list number."""
    if dot - begin < 12 and _ENUMERATOR.fullmatch(text, begin, dot):
        return True
    word = _word_before(text, begin, dot)
    lower = word.lower()
    if lower in _NEVER_LAST:
        return True
    following = text[skip_space(text, after, end)]
    if lower in _BEFORE_NUMBER and following.isdigit():
        return True
    initial = len(word) == 1 and word.isupper() and word != "I"
    if initial or lower in _MAY_BE_LAST or _ACRONYM.match(word):
        return not (_starter_follows(text, after, end) or _CJK.match(following))
    return False


def _stop_ends(text: str, begin: int, dot: int, after: int, end: int) -> bool:
    """Tell whether a single ASCII stop at ``dot`` ends a sentence; ``after`` follows closers."""
    if not text[after].isspace() and after == dot + 1:
        before = text[dot - 1 : dot]
        if (before.islower() or before == ")") and _starter_follows(text, after, end):
            return True
        if not _CJK.match(text[after]) or before.isdigit():
            return False
        return not _abbreviates(text, begin, dot, after, end)
    if not text[after].isspace() and not _CJK.match(text[after]) and text[after - 1] not in "]］】":
        return False
    return not _abbreviates(text, begin, dot, after, end)


def _lower_follows(text: str, position: int, end: int) -> bool:
    opening = _OPENING.match(text, position, end)
    at = opening.end() if opening else position
    # iPhone and eBay begin sentences.
    return text[at : at + 1].islower() and not text[at + 1 : at + 2].isupper()


def _quotation_goes_on(stretch: _Stretch, begin: int, mark: re.Match[str]) -> bool:
    """Tell whether the sentence goes on after a quotation that closes right after the mark.

    It does before "he said", and where the quotation is embedded in it: 喊着“快跑！”冲了出去.
    """
    text, after = stretch.text, mark.end()
    said = _SAID.match(text, after, min(stretch.end, after + 80))
    if said and not _QUOTES.isdisjoint(mark[2]):
        return True
    quotation = stretch.quotation_at(after)
    if quotation is None or text[after].isspace():
        return False
    opening = quotation[0]
    if text[opening] in "（(":
        return skip_space(text, begin, stretch.end) < opening
    lead_in = text[max(begin, opening - 1) : opening]
    return mark[1][-1] != "。" and bool(lead_in) and lead_in not in "：:，,。 \n"


def _mark_ends(text: str, begin: int, mark: re.Match[str], after: int, end: int) -> bool:
    """Tell whether a run of marks, read without the quotations round it, ends a sentence."""
    run = mark[1]
    if not _STRONG.isdisjoint(run):
        return True
    if _lower_follows(text, after, end):
        return False
    if run in {".", "．"}:
        return _stop_ends(text, begin, mark.start(), after, end)
    spaced = text[after].isspace()
    if "!" in run or "?" in run:
        return spaced or bool(_CJK.match(text[after]))
    return spaced or not _QUOTES.isdisjoint(mark[2])


def _is_end(stretch: _Stretch, begin: int, mark: re.Match[str], after: int) -> bool:
    text, end = stretch.text, stretch.end
    quotation = stretch.quotation_at(mark.end())
    if quotation is not None and mark.end() < quotation[1]:
        return False
    following = text[skip_space(text, after, end)]
    if (
        text[after] in _CONTINUES
        or following in _MARKS
        or not _mark_ends(text, begin, mark, after, end)
    ):
        return False
    return not (mark[2] and _quotation_goes_on(stretch, begin, mark))


def sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where each sentence of ``text[start:end]`` ends, references after it included.

    The last one is ``end``; white space before it must have been trimmed.
    """
    stretch = _Stretch(text, start, end)
    begin = start
    for found in _MARK.finditer(text, start, end):
        mark = found
        if found[2] and stretch.quotation_opens(found.end(1)):
            # A straight quotation mark that opens the next sentence: 回应。"会赔偿。"
            mark = _MARK.match(text, found.start(), found.end(1)) or found
        after = skip_references(text, mark.end(), end)
        if after >= end:
            break
        if _is_end(stretch, begin, mark, after):
            yield after
            begin = after
    yield end


def _clause_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where a listing, or a very long sentence at its semicolons, is to be cut."""
    cuts = {m.end() for m in _LISTED.finditer(text, start, end)}
    length = end - start
    if length > _LONG_CHINESE:
        cuts |= {
            m.end()
            for m in _SOFT.finditer(text, start, end)
            if m[0][0] == "；" or length > _LONG_ENGLISH
        }
    last = start
    for cut in sorted(cuts):
        if cut - last >= _SHORTEST_CLAUSE and end - cut >= _SHORTEST_CLAUSE:
            yield cut
            last = cut
    yield end


def clean_span(text: str, start: int, end: int) -> Span | None:
    """Return the span without list marks before and references after; None if nothing is left."""
    start = skip_space(text, skip_marker(text, start, end), end)
    end = trim_references(text, start, end)
    return Span(start, end) if start < end else None


def sentence_spans(text: str, start: int, end: int) -> list[Span]:
    """Return the sentences of one paragraph ``text[start:end]``, in order.

    Spans leave out white space, list marks before a sentence, and the source's own trailing
    reference numbers with the stop after them. Semicolons stay inside a sentence, unless they
    separate numbered items or the sentence is very long (150 characters at ；, 300 at ;).
    """
    spans = []
    begin, end = start, trim_space(text, start, end)
    for sentence_end in sentence_ends(text, start, end):
        for clause_end in _clause_ends(text, begin, sentence_end):
            spans.append(clean_span(text, begin, clause_end))
            begin = clause_end
    return [span for span in spans if span]
