"""What a large language model is to the rest of Pincite."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from pincite.records import Message


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a model may write, and how long it may take.

    Tokens: ``context_tokens`` for prompt and continuation together, ``max_tokens`` for one
    continuation. Seconds: to connect, until the first token, between two tokens, and in all.
    ``retries`` counts further attempts before the first token; a server that wants to be left
    alone for longer than ``longest_wait`` is not asked again.
    """

    context_tokens: int = 8192
    max_tokens: int = 1024
    temperature: float = 0.0
    connect_seconds: float = 5.0
    first_token_seconds: float = 60.0
    token_seconds: float = 20.0
    total_seconds: float = 180.0
    retries: int = 3
    first_wait: float = 0.25
    longest_wait: float = 10.0

    @property
    def most_characters(self) -> int:
        """The longest text that a continuation of ``max_tokens`` can have, generously."""
        return 16 * self.max_tokens


class LanguageModel(Protocol):
    """Writes a continuation of a conversation. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """What answers show as their model."""
        ...

    @property
    def context_tokens(self) -> int:
        """The most tokens that prompt and continuation may have together."""
        ...

    @property
    def max_tokens(self) -> int:
        """The most tokens that one continuation has."""
        ...

    def count_tokens(self, text: str) -> int:
        """Count a text's tokens, never too few."""
        ...

    def stream(
        self, messages: Sequence[Message], cancel: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the continuation's text piece by piece, as it is written.

        A reasoning model's thoughts are left out.

        Args:
            messages: The prompt, a system message first.
            cancel: Once set, the model is told to stop within two seconds.

        Raises:
            LLMError: If the model fails or its continuation is not known to be complete; what was
                yielded before is then no answer.
            CancelledError: If ``cancel`` was set.
        """
        ...

    def close(self) -> None:
        """Give back what the model holds; it is not used afterwards."""
        ...


class CheckedModel(LanguageModel, Protocol):
    """A language model that can be tried."""

    def check(self) -> str:
        """Tell in a few words that the model can be used, having tried it.

        Raises:
            LLMError: If it cannot be used; the message says what to do.
        """
        ...
