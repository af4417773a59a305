"""An answer of an LLM's statements that retrieved sentences support, and of no others."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from pincite.answer.citations import Quoter
from pincite.answer.composing import Composer
from pincite.answer.verification.statements import Drafted
from pincite.answer.verification.verify import Verdict, Verifier
from pincite.records import Citation, Document, Hit, Span, Statement, Status
from pincite.text import fold

# Lead-ins that state nothing and may stand before supported statements.
_LEAD_IN = re.compile(
    r"(?:(?:according to|based on) the (?:provided |given |retrieved )?"
    r"(?:articles?|passages?|sources?|documents?|texts?)"
    r"(?:,? (?:here (?:is|are)|these are|the following)[a-z ]{0,40})?"
    r"|here (?:is|are) (?:a|the|some|what)[a-z ]{0,40}|in summary|in short|overall"
    r"|(?:the )?(?:main |key )?(?:points|reasons|facts|answers?|details)"
    r"(?: (?:is|are)(?: as follows)?)?|as follows"
    r"|(?:根据(?:所?提供的|以上|上述|检索到的)?(?:文章|资料|段落|文档|内容|信息)[，,]?)?"
    r"(?:(?:以下是|如下|要点|答案|具体|主要内容|总结|综上(?:所述)?|总之)(?:相关|主要)?"
    r"(?:要点|内容|信息|答案|回答|原因|情况|细节)?(?:如下|是)?)?)\s*[:：]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Removed:
    """A statement that no retrieved sentence supports, and the most support that it has."""

    text: str
    support: float


class VerifiedAnswer:
    """Grows by an LLM's statements as they are verified.

    ``text`` is what ``add`` returned so far, joined. Of each of ``statements``
    ``text[start:end]`` is its text, and its citations are markers of ``citations``, which are
    numbered from 1 in order of appearance, one for each quoted span. ``removed`` are the statements
    left out.
    """

    def __init__(self, verifier: Verifier, document: Callable[[str], Document]) -> None:
        """Begin an empty answer.

        Args:
            verifier: Judges statements by the passages that the LLM was shown.
            document: Gives a document by its id, such as ``Library.document``.
        """
        self._verifier = verifier
        self._quoter = Quoter(document)
        self._composer = Composer()
        self._markers: dict[tuple[str, int, int], int] = {}
        self._said: set[str] = set()
        self._lead_in = ""
        self._starts = ""
        self.citations: list[Citation] = []
        self.removed: list[Removed] = []

    @property
    def text(self) -> str:
        """The answer so far."""
        return self._composer.text

    @property
    def statements(self) -> list[Statement]:
        """The statements in it."""
        return self._composer.statements

    @property
    def status(self) -> Status:
        """What the answer is with these statements; ``not_found`` is then for want of support."""
        if not self.statements:
            return "not_found"
        return "partial" if self.removed else "answered"

    def add(self, drafted: Drafted) -> str:
        """Verify a statement and add it if it is supported.

        Headings are left out, lead-ins too unless they state nothing and a supported statement
        follows; so is what has been said already.

        Returns:
            The piece by which the text grows; "" if it does not.
        """
        # A line or item goes on being begun until something of it is kept.
        self._starts = drafted.starts or self._starts
        if not drafted.claim:
            self._lead_in = drafted.text if _LEAD_IN.fullmatch(drafted.text) else ""
            return ""
        key = fold(drafted.text)
        if key in self._said:
            return ""
        self._said.add(key)
        verdict = self._verifier.verify(drafted.text, drafted.markers)
        if not verdict.supported:
            self.removed.append(Removed(drafted.text, round(verdict.support, 4)))
            return ""
        return self._append(drafted.text, verdict)

    def _append(self, text: str, verdict: Verdict) -> str:
        support = round(verdict.support, 4)
        markers = [self._marker(hit, span, support) for hit, span in verdict.evidence]
        before = self._starts or (" " if self.text else "")
        if not self.text:
            before = before.lstrip("\n")
        if self._lead_in:
            separator = before if before.startswith("\n") else "\n" + before if before else " "
            before = ("\n" if self.text else "") + self._lead_in + separator
        self._lead_in = self._starts = ""
        return self._composer.add(text, markers, support, before=before)

    def _marker(self, hit: Hit, span: Span, support: float) -> int:
        """Return the marker of a quoted span, a new one with its citation if it has none."""
        key = (hit.document.id, span.start, span.end)
        if key not in self._markers:
            self._markers[key] = len(self._markers) + 1
            self.citations.append(self._quoter.cite(hit, span, support, self._markers[key]))
        return self._markers[key]
