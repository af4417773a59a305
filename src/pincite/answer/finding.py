"""From a question in its conversation to the passages found and what was chosen of them."""

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from pincite.answer.confidence.support import SupportModel
from pincite.answer.conversation.followup import follow
from pincite.answer.conversation.looking import Looking
from pincite.answer.extractive import choose
from pincite.answer.judge import Judge, Judgement, readings
from pincite.embed.reader import Reader
from pincite.records import Question, Stage
from pincite.retrieve.retriever import Retrieval, Retriever


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a question; ``text`` is the question as it was understood."""

    text: str
    retrieval: Retrieval
    judgement: Judgement
    timings_ms: dict[str, float]


class Finder:
    """Searches and reads for questions. Safe to use from several threads."""

    def __init__(self, retriever: Retriever, model: SupportModel, reader: Reader | None) -> None:
        self._retriever = retriever
        self._model = model
        self._judge = Judge(retriever, model, reader)
        self._read = partial(readings, reader) if reader else None

    def find(self, question: Question) -> Generator[Stage, None, Found]:
        """Find what a question asks for; what its history adds to it is told by a rule.

        Args:
            question: Checked already.
        """
        if not question.history:
            return (yield from self.find_whole(question))
        yield Stage("retrieving")
        yield Stage("reading")
        look = Looking(self._retriever, self._read, question)
        followed = follow(question.text, question.history, self._model, look, look.article)
        judgement = Judgement(choose(followed.model, followed.scored))
        return Found(followed.text, followed.retrieval, judgement, look.timings_ms)

    def find_whole(self, question: Question) -> Generator[Stage, None, Found]:
        """Find what a question asks for that needs no conversation to be understood."""
        yield Stage("retrieving")
        retrieval = self._retriever.search(question.text, question.top_k, filters=question.filters)
        yield Stage("reading")
        reading = perf_counter()
        judgement = self._judge.judge(retrieval)
        timings = {**retrieval.timings_ms, "read": 1000 * (perf_counter() - reading)}
        return Found(question.text, retrieval, judgement, timings)
