"""Answers that a language model writes, of which only verified statements are kept."""

import re
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from pincite.answer.conversation.followup import rewritten
from pincite.answer.finding import Found
from pincite.answer.messages import messages_for
from pincite.answer.prompt import Prompt, answer_prompt, rewrite_prompt
from pincite.answer.prompt_texts import NO_ANSWER
from pincite.answer.verification.statement_model import StatementModel
from pincite.answer.verification.statements import Drafted, StatementReader
from pincite.answer.verification.verified import VerifiedAnswer
from pincite.answer.verification.verify import Verifier
from pincite.llm.model import LanguageModel
from pincite.records import Delta, Question
from pincite.retrieve.retriever import Retriever

# The agreed token, whatever a model puts round it, and the same in words. "It gave no answer" is a
# statement like any other.
_NONE = re.compile(rf".*{NO_ANSWER}.*|\W*no[ -]?answer\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Written:
    """A model's answer; ``text`` is that of ``verified`` and what is said of those removed."""

    text: str
    verified: VerifiedAnswer
    prompt: Prompt


class Writer:
    """Has a language model answer from retrieved passages. Safe to use from several threads."""

    def __init__(self, llm: LanguageModel, retriever: Retriever, support: StatementModel) -> None:
        self._llm = llm
        self._encoder = retriever.encoder
        self._library = retriever.library
        self._support = support

    @property
    def name(self) -> str:
        """What answers show as their model."""
        return self._llm.name

    def close(self) -> None:
        """Give back what the model holds."""
        self._llm.close()

    def standalone(self, question: Question, cancel: threading.Event | None) -> str:
        """Return a question so that it can be understood without its history.

        Raises:
            LLMError: If the model fails.
            CancelledError: If ``cancel`` was set.
        """
        if not question.history:
            return question.text
        prompt = rewrite_prompt(question.history, question.text, self._llm)
        return rewritten("".join(self._llm.stream(prompt, cancel)), question.text)

    def write(
        self, question: Question, found: Found, language: str, cancel: threading.Event | None
    ) -> Generator[Delta, None, Written]:
        """Yield the pieces of the answer as its statements are verified; return what became of it.

        Raises:
            LLMError: If the model fails; the pieces are void then.
            CancelledError: If ``cancel`` was set.
        """
        hits = found.retrieval.hits
        prompt = answer_prompt(found.text, question.history, hits, language, self._llm)
        vectors = self._library.sentence_vectors([hit.passage.id for hit in prompt.hits])
        verifier = Verifier(self._support, self._encoder, prompt.hits, vectors)
        verified = VerifiedAnswer(verifier, self._library.document)
        for drafted in self._drafted(prompt, cancel):
            if piece := verified.add(drafted):
                yield Delta(piece)
        note = ""
        if verified.statements and verified.removed:
            note = f"\n\n{messages_for(language).left_out(len(verified.removed))}"
            yield Delta(note)
        return Written(verified.text + note, verified, prompt)

    def _drafted(self, prompt: Prompt, cancel: threading.Event | None) -> Iterator[Drafted]:
        reader = StatementReader(len(prompt.hits))
        for piece in self._llm.stream(prompt.messages, cancel):
            yield from filter(_states, reader.feed(piece))
        yield from filter(_states, reader.finish())


def _states(drafted: Drafted) -> bool:
    return not _NONE.fullmatch(drafted.text)
