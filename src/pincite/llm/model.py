"""What a large language model is to the rest of Pincite."""

import threading
from collections.abc import Iterator, Sequence
from typing import Protocol

from pincite.records import Message


class LanguageModel(Protocol):
    """Writes a continuation of a conversation. Safe to use from several threads.

    ``name`` is what answers show as their model; ``context_tokens`` the most tokens that prompt
    and continuation may have together; ``max_tokens`` the most that one continuation has.
    """

    name: str
    context_tokens: int
    max_tokens: int

    def count_tokens(self, text: str) -> int:
        """Count a text's tokens, never too few."""
        ...

    def stream(
        self, messages: Sequence[Message], cancel: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the continuation's text piece by piece, as it is written.

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
