"""A circuit breaker: a model that failed several times in a row is left alone for a while.

Source:
    Nygard, "Release It!", 2nd edition (2018), chapter 5.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from time import monotonic

from pincite.errors import (
    LLMError,
    LLMOverloadedError,
    LLMPausedError,
    LLMProtocolError,
    LLMTimeoutError,
    LLMUnreachableError,
)
from pincite.llm.model import LanguageModel
from pincite.records import Message

# What tells that the next question will fare no better. A refusal or a cut answer may be about
# this one prompt.
_FAILURES = (LLMUnreachableError, LLMTimeoutError, LLMOverloadedError, LLMProtocolError)


class Breaker:
    """A language model that is paused after ``failures`` in a row.

    After ``pause_seconds`` one question tries it again: if that fails too, the pause begins anew;
    meanwhile all others get ``LLMPausedError`` at once.
    """

    def __init__(
        self,
        model: LanguageModel,
        *,
        failures: int = 5,
        pause_seconds: float = 30.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._model = model
        self._most = failures
        self._pause = pause_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._last: LLMError | None = None
        self._paused_until: float | None = None
        self._trying = False

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def context_tokens(self) -> int:
        """The most tokens that prompt and continuation may have together."""
        return self._model.context_tokens

    @property
    def max_tokens(self) -> int:
        """The most tokens that one continuation has."""
        return self._model.max_tokens

    def count_tokens(self, text: str) -> int:
        """Count a text's tokens, never too few."""
        return self._model.count_tokens(text)

    def stream(
        self, messages: Sequence[Message], cancel: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the continuation as the model does.

        Raises:
            LLMPausedError: If the model is left alone now; it says for how long.
        """
        trial = self._enter()
        try:
            yield from self._model.stream(messages, cancel)
        except _FAILURES as exc:
            self._fail(exc)
            raise
        except LLMError:
            self._succeed()
            raise
        else:
            self._succeed()
        finally:
            # A caller that left has learnt nothing about the model.
            if trial:
                with self._lock:
                    self._trying = False

    def close(self) -> None:
        """Close the model."""
        self._model.close()

    def _enter(self) -> bool:
        """Tell whether this question tries a paused model again."""
        with self._lock:
            if self._paused_until is None:
                return False
            left = self._paused_until - self._clock()
            if left <= 0 and not self._trying:
                self._trying = True
                return True
            left = max(left, 1.0)
            raise LLMPausedError(
                f"the LLM failed {self._failed} times in a row and is asked again in {left:.0f} s;"
                f" the last time: {self._last}",
                seconds=left,
            )

    def _fail(self, error: LLMError) -> None:
        with self._lock:
            self._failed += 1
            self._last = error
            if self._failed >= self._most:
                self._paused_until = self._clock() + self._pause

    def _succeed(self) -> None:
        with self._lock:
            self._failed, self._last, self._paused_until = 0, None, None
