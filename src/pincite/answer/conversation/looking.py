"""Searching and reading for several wordings of one question."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from time import perf_counter

from pincite.answer.confidence.support import candidates
from pincite.answer.conversation.followup import Looked
from pincite.embed.encoder import Matrix
from pincite.records import Question
from pincite.retrieve.retriever import Retrieval, Retriever

Read = Callable[[Retrieval], Mapping[int, Matrix]]


class Looking:
    """Searches and reads as a question says, for other texts than its own.

    No passage is read twice for one text. ``timings_ms`` sums what the searches and the reading
    took.
    """

    def __init__(self, retriever: Retriever, read: Read | None, question: Question) -> None:
        self._retriever = retriever
        self._read = read
        self._question = question
        self._readings: dict[tuple[str, int], Matrix] = {}
        self._spent: defaultdict[str, float] = defaultdict(float)

    @property
    def timings_ms(self) -> dict[str, float]:
        """Milliseconds by stage."""
        return {"read": 0.0, **self._spent}

    def __call__(self, text: str, within: Retrieval | None) -> Looked:
        """Look for a text: among all passages, or those alone that were found for another."""
        if within:
            retrieval = self._timed(self._retriever.reconsider(text, within))
        else:
            retrieval = self._search(text, self._question.top_k)
        reading = perf_counter()
        read = self._readings_of(retrieval)
        self._spent["read"] += 1000 * (perf_counter() - reading)
        ids = [hit.passage.id for hit in retrieval.hits]
        vectors = self._retriever.library.sentence_vectors(ids)
        return Looked(retrieval, candidates(retrieval, vectors, read))

    def article(self, text: str) -> str | None:
        """Return the id of the article that a text fits best, unread; None if there is none."""
        retrieval = self._search(text, 1)
        return next((hit.document.id for hit in retrieval.hits), None)

    def _search(self, text: str, k: int) -> Retrieval:
        return self._timed(self._retriever.search(text, k, filters=self._question.filters))

    def _timed(self, retrieval: Retrieval) -> Retrieval:
        for stage, spent in retrieval.timings_ms.items():
            self._spent[stage] += spent
        return retrieval

    def _readings_of(self, retrieval: Retrieval) -> dict[int, Matrix] | None:
        if self._read is None:
            return None
        text = retrieval.question
        hits = [hit for hit in retrieval.hits if (text, hit.passage.id) not in self._readings]
        for passage_id, scores in self._read(replace(retrieval, hits=hits)).items():
            self._readings[text, passage_id] = scores
        return {hit.passage.id: self._readings[text, hit.passage.id] for hit in retrieval.hits}
