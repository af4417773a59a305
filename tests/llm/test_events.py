"""Whatever a server sends is a chunk or a typed error, however it is cut into pieces."""

import json
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pincite.errors import LLMError, LLMIncompleteError
from pincite.llm.events import Chunk, EventLines, chunk_of, ending_error, message_of

STREAM = (
    ': a comment\r\nevent: x\ndata: {"a": "因为"}\r\n\r\ndata:{"b": 1}\n\nid: 7\ndata:\n\n'
    'error: {"code": 500}\n\ndata: [DONE]'
).encode()
DATA = ['{"a": "因为"}', '{"b": 1}', '{"error": {"code": 500}}', "[DONE]"]
WORDS = st.sampled_from(["choices", "delta", "content", "finish_reason", "error", "message", "x"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=3),
)


@given(st.lists(st.integers(0, len(STREAM)), max_size=9))
def test_the_data_of_events_in_any_pieces(cuts: list[int]) -> None:
    lines, found = EventLines(), list[str]()
    ends = [0, *sorted(cuts), len(STREAM)]
    for start, end in pairwise(ends):
        found += lines.feed(STREAM[start:end])
    assert [*found, *lines.finish()] == DATA


@given(st.binary(max_size=40).map(lambda end: b"data: " + end + b"\n\n"))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(LLMError):
        for found in EventLines().feed(data):
            chunk_of(found)


@given(VALUES)
def test_any_json_is_a_chunk_or_refused(value: Any) -> None:
    with suppress(LLMError):
        assert isinstance(chunk_of(json.dumps(value)), Chunk)
    assert len(message_of(value)) <= 300


def test_a_line_has_an_end() -> None:
    lines = EventLines(most_bytes=100)
    assert not list(lines.feed(b"x" * 100))
    with pytest.raises(LLMIncompleteError):
        list(lines.feed(b"x"))


@pytest.mark.parametrize("finish", ["length", "content_filter", "tool_calls", "STOP", "?"])
def test_only_a_known_ending_is_complete(finish: str) -> None:
    assert ending_error("stop", 9) is None
    assert isinstance(ending_error(finish, 9), LLMError)
