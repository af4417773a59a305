"""Small documents are embedded and stored several at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pincite.library.embedding import SplitDocument
from pincite.library.writer import EmbeddedChunks, NewDocument, Writer, document_id
from pincite.records import Action, Chunk, Outcome, ParsedDocument


@dataclass(frozen=True, slots=True)
class Pending:
    """A document that was read and split, and is to be embedded and stored."""

    source: str
    sha256: str
    parsed: ParsedDocument
    chunks: Sequence[Chunk]
    action: Action
    note: str | None


class Batch:
    """Documents that wait to be embedded and stored together, and all outcomes in order.

    They are stored when ``size`` passages or outcomes wait; a document is never divided. All that
    are taken in, or are there already, are given ``tags``.
    """

    def __init__(
        self,
        writer: Writer,
        encode: Callable[[Sequence[SplitDocument]], list[EmbeddedChunks]],
        size: int,
        on_outcome: Callable[[Outcome], None] | None,
        tags: Sequence[str] = (),
    ) -> None:
        self.writer = writer
        self._tags = tags
        self.outcomes: list[Outcome] = []
        self._encode = encode
        self._size = size
        self._on_outcome = on_outcome
        self._waiting: list[Outcome | Pending] = []
        self._pending: dict[str, Pending] = {}
        self._passages = 0

    def holds(self, sha256: str) -> bool:
        """Tell whether a document of these bytes waits."""
        return sha256 in self._pending

    def add(self, step: Outcome | Pending) -> None:
        """Take the next outcome, or document whose outcome comes with its being stored."""
        if isinstance(step, Outcome) and step.document_id and step.action != "removed":
            step = self._tagged(step, step.document_id)
        self._waiting.append(step)
        if isinstance(step, Pending):
            self._pending[step.sha256] = step
            self._passages += len(step.chunks)
        if not self._pending or max(self._passages, len(self._waiting)) >= self._size:
            self.flush()

    def flush(self) -> None:
        """Store what waits, and tell the outcomes."""
        if self._pending:
            self._store(list(self._pending.values()))
        steps, self._waiting = self._waiting, []
        self._pending, self._passages = {}, 0
        for step in steps:
            outcome = step if isinstance(step, Outcome) else _stored(step)
            self.outcomes.append(outcome)
            if self._on_outcome:
                self._on_outcome(outcome)

    def _store(self, pending: Sequence[Pending]) -> None:
        split = [SplitDocument(p.parsed.title, p.parsed.text, p.chunks) for p in pending]
        self.writer.put_many(
            [
                NewDocument(p.source, p.sha256, p.parsed, embedded, self._tags)
                for p, embedded in zip(pending, self._encode(split), strict=True)
            ]
        )

    def _tagged(self, outcome: Outcome, document_id: str) -> Outcome:
        new = self.writer.tag(document_id, add=self._tags) if self._tags else []
        if not new:
            return outcome
        notes = [outcome.note] if outcome.note else []
        return replace(outcome, note="; ".join([*notes, f"tagged {', '.join(new)}"]))


def _stored(pending: Pending) -> Outcome:
    return Outcome(pending.source, pending.action, document_id(pending.source), note=pending.note)
