"""From a question to an answer with citations, or a typed "not found"."""

import threading
from collections.abc import Generator, Iterator
from dataclasses import replace
from itertools import pairwise

from pincite.answer.confidence.calibration import Calibration
from pincite.answer.envelope import Envelope, language_of
from pincite.answer.finding import Finder, Found
from pincite.answer.timings import Timings
from pincite.answer.writing import Writer
from pincite.embed.reader import Reader
from pincite.errors import CancelledError, InputError, LLMError, ModeUnavailableError
from pincite.records import (
    LONGEST_QUESTION,
    Answer,
    Delta,
    Event,
    Mode,
    Question,
    Restart,
    Stage,
)
from pincite.retrieve.filters import clean_language
from pincite.retrieve.retriever import Retriever
from pincite.text import clean_text


class Assistant:
    """Answers questions from one library. Safe to use from several threads."""

    def __init__(
        self,
        retriever: Retriever,
        calibration: Calibration,
        default_mode: Mode = "auto",
        reader: Reader | None = None,
        writer: Writer | None = None,
    ) -> None:
        """Answer by quoting, or with a writer in a language model's words.

        Args:
            retriever: Finds passages.
            calibration: Tells how well sentences support an answer.
            default_mode: The mode of questions that name none.
            reader: Reads the passages found, if anything does.
            writer: Has a language model answer, if there is one.
        """
        self._finder = Finder(retriever, calibration.model, reader)
        self._envelope = Envelope(retriever, calibration, reader.revision if reader else "")
        self._default_mode = default_mode
        self._writer = writer

    def close(self) -> None:
        """Give back what the language model holds."""
        if self._writer:
            self._writer.close()

    def ask(self, question: Question, cancel: threading.Event | None = None) -> Answer:
        """Answer a question from the library, or say that it does not hold the answer.

        Args:
            question: What is asked.
            cancel: Set by the caller when nobody waits for the answer any longer.

        Raises:
            InputError: If the question is empty or longer than 4,000 characters, or its language
                is no language tag.
            ModeUnavailableError: If the mode asked for is not configured.
            CancelledError: If ``cancel`` was set.
        """
        *_, answer = self.stream(question, cancel)
        assert isinstance(answer, Answer)
        return answer

    def stream(self, question: Question, cancel: threading.Event | None = None) -> Iterator[Event]:
        """Answer as ``ask`` does, telling what is done and each piece of the text as it is made.

        The last event is the answer. Where the language model fails, a restart comes before it,
        and the answer quotes and says that it is degraded.
        """
        question = _checked(question)
        writer = self._writer_for(question.mode)
        timings = Timings()
        failed: str | None = None
        found: Found | None = None
        if writer:
            try:
                found = yield from self._found(question, writer, timings, cancel)
                yield from self._written(question, found, writer, timings, cancel)
            except LLMError as error:
                failed = f"{writer.name} did not answer, so sentences are quoted: {error}"
                yield Restart(failed)
            else:
                return
        # What the model made of a conversation is not what the rule makes of it.
        if found is None or question.history:
            found = yield from _measured(self._finder.find(question), timings, cancel)
        yield from self._quoted(question, found, failed, timings)

    def _quoted(
        self, question: Question, found: Found, failed: str | None, timings: Timings
    ) -> Iterator[Event]:
        with timings.measured("answer"):
            answer = self._envelope.extractive(question, found)
        if failed:
            answer = replace(answer, degraded="; ".join(filter(None, (failed, answer.degraded))))
        yield from _pieces(answer)
        yield replace(answer, timings_ms=timings.rounded())

    def _found(
        self,
        question: Question,
        writer: Writer,
        timings: Timings,
        cancel: threading.Event | None,
    ) -> Generator[Stage, None, Found]:
        """Find what a model is to answer from, which first rewrites a question with a history."""
        whole = question
        if question.history:
            with timings.measured("rewrite"):
                text = writer.standalone(question, cancel)
            whole = replace(question, text=text, history=())
        return (yield from _measured(self._finder.find_whole(whole), timings, cancel))

    def _written(
        self,
        question: Question,
        found: Found,
        writer: Writer,
        timings: Timings,
        cancel: threading.Event | None,
    ) -> Iterator[Event]:
        written = None
        if found.judgement.selection.reason != "nothing_relevant":
            yield Stage("generating")
            with timings.measured("generate"):
                written = yield from writer.write(question, found, language_of(question), cancel)
        with timings.measured("answer"):
            answer = self._envelope.written(question, found, writer.name, written)
        if not answer.citations:
            yield Delta(answer.answer)
        yield replace(answer, timings_ms=timings.rounded())

    def _writer_for(self, mode: Mode) -> Writer | None:
        mode = self._default_mode if mode == "auto" else mode
        if mode == "llm" and not self._writer:
            raise ModeUnavailableError(
                "no LLM is configured; use the mode 'extractive' or 'auto', or set PINCITE_LLM"
            )
        return None if mode == "extractive" else self._writer


def _checked(question: Question) -> Question:
    text = clean_text(question.text).strip()
    if not text:
        raise InputError("the question is empty; ask something, for example: what did they decide?")
    if len(text) > LONGEST_QUESTION:
        raise InputError(
            f"the question has {len(text):,} characters; the most is {LONGEST_QUESTION:,}"
        )
    if question.language is not None:
        clean_language(question.language)
    return replace(question, text=text)


def _measured(
    work: Generator[Stage, None, Found], timings: Timings, cancel: threading.Event | None
) -> Generator[Stage, None, Found]:
    """Do work, looking before each of its stages whether anybody waits for it still."""
    found: Found | None = None

    def watched() -> Iterator[Stage]:
        nonlocal found
        found = yield from work

    for stage in watched():
        if cancel and cancel.is_set():
            raise CancelledError("nobody waits for the answer any longer")
        yield stage
    assert found
    timings.add(found.timings_ms)
    return found


def _pieces(answer: Answer) -> Iterator[Delta]:
    """Cut an answer's text before each statement."""
    cuts = [0, *(statement.start for statement in answer.statements[1:]), len(answer.answer)]
    yield from (Delta(answer.answer[start:end]) for start, end in pairwise(cuts))
