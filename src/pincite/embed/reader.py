"""What a reader offers: how well each sentence of a passage answers a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pincite.embed.encoder import Matrix
from pincite.records import Span


@dataclass(frozen=True, slots=True)
class Page:
    """What is read: a passage, the title and headings above it, its sentences' spans in it.

    The spans stand in the text's order and do not overlap.
    """

    heading: str
    text: str
    sentences: tuple[Span, ...]


class Reader(Protocol):
    """Judges sentences as answers. Deterministic: a page's scores do not depend on the others."""

    @property
    def revision(self) -> str:
        """What the weights are known by."""
        ...

    def read(self, question: str, pages: Sequence[Page]) -> list[Matrix]:
        """Score each sentence of each page, in order.

        Returns:
            For each page a matrix of shape (sentences, 2), float32: the logit of the best answer
            that begins and ends in the sentence, and that of all of them together; above 0 where
            an answer is more likely there than none anywhere.
        """
        ...
