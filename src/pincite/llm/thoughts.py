"""Takes a reasoning model's thoughts out of the text it writes."""

from pincite.errors import LLMIncompleteError, LLMProtocolError

THINK, THOUGHT = "<think>", "</think>"


class Thoughts:
    """Leaves ``<think>…</think>`` blocks out of a text that comes in pieces."""

    def __init__(self, *, thinking: bool = False) -> None:
        """Begin outside a block, or inside where the prompt has opened one."""
        self._thinking = thinking
        self._held = ""
        self._anything = False

    def feed(self, piece: str) -> str:
        """Return what can be shown of the text so far and was not returned yet.

        Raises:
            LLMProtocolError: If a block ends that never began: the text before was a thought.
        """
        self._held += piece
        shown = ""
        while True:
            mark = THOUGHT if self._thinking else THINK
            before, found, after = self._held.partition(mark)
            if not found:
                break
            shown += self._shown(before)
            self._held = after
            self._thinking = not self._thinking
        # The end may be the beginning of a mark: it waits for the next piece.
        kept = max(_overlap(self._held, THINK), _overlap(self._held, THOUGHT))
        cut = len(self._held) - kept
        shown += self._shown(self._held[:cut])
        self._held = self._held[cut:]
        return shown

    def finish(self) -> str:
        """Return what was held back, once the text is complete.

        Raises:
            LLMIncompleteError: If the text ended inside a block.
            LLMProtocolError: If nothing can be shown of it but blanks.
        """
        if self._thinking:
            raise LLMIncompleteError("the model stopped while it was still thinking")
        held, self._held = self._held, ""
        if not (self._anything or held.strip()):
            raise LLMProtocolError("the model wrote nothing")
        return held

    def _shown(self, text: str) -> str:
        if self._thinking:
            return ""
        if THOUGHT in text:
            raise LLMProtocolError(
                "the model's thoughts come mixed with its answer: start its server with a"
                " reasoning parser (vLLM: --reasoning-parser; llama.cpp: --reasoning-format"
                " deepseek), or switch thinking off"
            )
        self._anything = self._anything or bool(text.strip())
        return text


def _overlap(text: str, mark: str) -> int:
    """Return the length of the longest beginning of ``mark`` that ``text`` ends with."""
    longest = min(len(text), len(mark) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(mark[:n])), 0)
