"""The text of an answer, made of statements with their markers, and where each stands in it."""

from collections.abc import Iterable, Sequence

from pincite.answer.citations import shown_text
from pincite.answer.messages import messages_for
from pincite.records import Citation, Statement
from pincite.text import detect_language

_FULL_STOPS = "。．.!?！？…;；:："


class Composer:
    """Puts statements together to one text, in which each is followed by its markers.

    ``text[start:end] == text`` of each of ``statements``.
    """

    def __init__(self) -> None:
        self.text = ""
        self.statements: list[Statement] = []

    def add(
        self, shown: str, markers: Sequence[int], support: float, *, before: str | None = None
    ) -> str:
        """Add a statement.

        Args:
            shown: Its text, without markers.
            markers: Of its citations.
            support: How probable it is that they support it.
            before: What to put before it; by default a space, but at the beginning.

        Returns:
            The piece that the text has grown by.
        """
        before = (" " if self.text else "") if before is None else before
        start = len(self.text) + len(before)
        stopped = shown[-1] in _FULL_STOPS or shown[-1] in "”』」\"'）)"
        stop = "" if stopped else messages_for(detect_language(shown)).full_stop
        marked = "".join(f"[{marker}]" for marker in markers)
        piece = f"{before}{shown} {marked}{stop}"
        self.text += piece
        self.statements.append(
            Statement(
                text=shown,
                start=start,
                end=start + len(shown),
                citations=list(markers),
                support=support,
                supported=True,
            )
        )
        return piece


def composed(citations: Iterable[Citation]) -> tuple[str, list[Statement]]:
    """Join quotes into one text, each followed by its marker, with the statements' offsets."""
    composer = Composer()
    for citation in citations:
        composer.add(shown_text(citation.quote), [citation.marker], citation.score)
    return composer.text, composer.statements
