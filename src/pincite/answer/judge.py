"""What the retrieved passages say to a question: read, weighed, chosen."""

from dataclasses import dataclass

from pincite.answer.confidence.support import SupportModel
from pincite.answer.conversation.followup import names_its_subject, points_back
from pincite.answer.extractive import Selection, select
from pincite.answer.parts import combined, in_context, parts_of
from pincite.embed.encoder import Matrix
from pincite.embed.reader import Page, Reader
from pincite.records import Hit, Span
from pincite.retrieve.retriever import Retrieval, Retriever


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was chosen; ``unanswered`` are the parts of the question that nothing answers."""

    selection: Selection
    unanswered: tuple[str, ...] = ()


class Judge:
    """Chooses the sentences that answer a question. Safe to use from several threads."""

    def __init__(self, retriever: Retriever, model: SupportModel, reader: Reader | None) -> None:
        self._retriever = retriever
        self._library = retriever.library
        self._model = model
        self._reader = reader

    def judge(self, retrieval: Retrieval) -> Judgement:
        """Choose from what was retrieved, for each part of the question by itself."""
        parts = parts_of(retrieval.question)
        if len(parts) == 1:
            return Judgement(self.select(retrieval))
        selections: list[Selection] = []
        for number in range(len(parts)):
            selections.append(self._part(parts, number, retrieval, selections))
        joined = combined(selections)
        missing = [part for part, s in zip(parts, selections, strict=True) if s.reason]
        return Judgement(joined, () if joined.reason else tuple(missing))

    def select(self, retrieval: Retrieval) -> Selection:
        """Choose from what was retrieved, for the question as a whole."""
        vectors = self._library.sentence_vectors([hit.passage.id for hit in retrieval.hits])
        read = readings(self._reader, retrieval) if self._reader else None
        return select(self._model, retrieval, vectors, read)

    def _part(
        self, parts: list[str], number: int, retrieval: Retrieval, before: list[Selection]
    ) -> Selection:
        part = parts[number]
        alone = self.select(self._retriever.reconsider(part, retrieval))
        if not (alone.reason and number) or (names_its_subject(part) and not points_back(part)):
            return alone
        # "And what does it cost?": the first part may name what this one speaks of. What that one
        # alone brought up is no answer to this one.
        joined = self.select(self._retriever.reconsider(in_context(parts, number), retrieval))
        known = {place for selection in before for place in selection.places}
        return joined if joined.places - known else alone


def page_of(hit: Hit) -> Page:
    """Return a retrieved passage as the reader reads it."""
    passage = hit.passage
    return Page(
        heading=" ".join(part for part in (hit.document.title, passage.heading) if part),
        text=passage.text,
        sentences=tuple(
            Span(span.start - passage.start, span.end - passage.start) for span in passage.sentences
        ),
    )


def readings(reader: Reader, retrieval: Retrieval) -> dict[int, Matrix]:
    """Return what the reader says of each retrieved passage, by passage id."""
    scores = reader.read(retrieval.question, [page_of(hit) for hit in retrieval.hits])
    return {hit.passage.id: score for hit, score in zip(retrieval.hits, scores, strict=True)}
