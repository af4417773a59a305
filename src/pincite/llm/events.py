"""The lines of a streamed chat completion: server-sent events, and what one says.

Source:
    "Server-sent events", HTML Living Standard; OpenAI API reference, "Chat completion chunk".
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pincite.errors import (
    LLMError,
    LLMIncompleteError,
    LLMOverloadedError,
    LLMProtocolError,
    LLMRefusedError,
)

DONE = "[DONE]"
# Far above what a complete answer of any sensible length takes, thoughts included.
MOST_BYTES = 8 * 2**20

_COMPLETE = frozenset({"stop", "eos", "eos_token", "end_turn", "stop_sequence"})
_CUT = frozenset({"length", "max_tokens", "model_length"})


class EventLines:
    """Cuts a response's bytes into the data of its events. Each ``data:`` line is one event."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._rest = b""
        self._most = most_bytes
        self.bytes_read = 0

    def feed(self, data: bytes) -> Iterator[str]:
        """Yield the data of the events that these bytes complete.

        Raises:
            LLMIncompleteError: If the response is longer than is allowed.
            LLMProtocolError: If it is not UTF-8.
        """
        self.bytes_read += len(data)
        if self.bytes_read > self._most:
            raise LLMIncompleteError(
                f"the LLM server did not end its answer within {self._most:,} bytes"
            )
        if b"\n" not in data:
            # Not joined to a line that is searched: a long line would cost its square.
            self._rest += data
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            yield from _event_data(line)

    def finish(self) -> Iterator[str]:
        """Yield the data of a last line without an end."""
        rest, self._rest = self._rest, b""
        yield from _event_data(rest)


def _event_data(line: bytes) -> Iterator[str]:
    field, _, value = line.strip().partition(b":")
    if field not in {b"data", b"error"} or not value.strip():
        return
    try:
        text = value.decode().strip()
    except UnicodeDecodeError as exc:
        raise LLMProtocolError(f"the LLM server sent bytes that are no UTF-8: {exc}") from exc
    yield text if field == b"data" else f'{{"error": {text}}}'


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one event adds: text, and why the text ends, if it does."""

    text: str
    finish: str | None
    has_choice: bool


def chunk_of(data: str) -> Chunk:
    """Read the data of one event.

    Raises:
        LLMProtocolError: If it is no chunk of a chat completion.
        LLMOverloadedError: If it says that the server failed.
    """
    try:
        found: Any = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise LLMProtocolError(f"the LLM server sent invalid JSON: {data[:80]!r}") from exc
    if not isinstance(found, dict):
        raise LLMProtocolError(f"the LLM server sent {data[:80]!r}, wanted a JSON object")
    if found.get("error"):
        raise LLMOverloadedError(f"the LLM server failed while it answered: {message_of(found)}")
    choices = found.get("choices")
    if choices is not None and not isinstance(choices, list):
        raise LLMProtocolError(f"the LLM server sent {data[:80]!r}, wanted a list of choices")
    if not choices:
        return Chunk("", None, has_choice=False)
    match choices[0]:
        case {"delta": {**delta}, **choice}:
            content, finish = delta.get("content"), choice.get("finish_reason")
        case {"finish_reason": finish}:
            content = ""
        case _:
            raise LLMProtocolError(f"the LLM server sent {data[:80]!r}, wanted a choice's delta")
    if not isinstance(content, str | None) or not isinstance(finish, str | None):
        raise LLMProtocolError(f"the LLM server sent {data[:80]!r}, wanted text")
    return Chunk(content or "", finish or None, has_choice=True)


def message_of(body: object) -> str:
    """Return the message of an error's JSON body, on one line and not long."""
    error = body.get("error", body) if isinstance(body, dict) else body
    text = error.get("message", error) if isinstance(error, dict) else error
    return " ".join(str(text).split())[:300]


def ending_error(finish: str, max_tokens: int) -> LLMError | None:
    """Return the error that an ending is, or None if the text is complete."""
    if finish in _COMPLETE:
        return None
    if finish in _CUT:
        return LLMIncompleteError(
            f"the model's answer was cut off at its limit of {max_tokens} tokens, thoughts"
            " included: set PINCITE_LLM_MAX_TOKENS higher, or switch its thinking off (docs/llm.md)"
        )
    if finish == "content_filter":
        return LLMRefusedError("the LLM server's content filter stopped the answer")
    if finish == "insufficient_system_resource":
        return LLMOverloadedError("the LLM server ran out of resources while it answered")
    return LLMProtocolError(f"the LLM server ended its answer with {finish!r}, wanted 'stop'")
