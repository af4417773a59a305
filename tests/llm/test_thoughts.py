"""Thoughts are left out, however the text is cut into pieces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pincite.errors import LLMIncompleteError, LLMProtocolError
from pincite.llm.thoughts import Thoughts

TEXT = "<think>Is 3 <4? </thin</think>Yes <b>3</b> <thin<think>ok</think>k <4> [1]. <"
SHOWN = "Yes <b>3</b> <think <4> [1]. <"


def shown(pieces: list[str], *, thinking: bool = False) -> str:
    thoughts = Thoughts(thinking=thinking)
    return "".join([*map(thoughts.feed, pieces), thoughts.finish()])


@given(st.lists(st.integers(0, len(TEXT)), max_size=12))
def test_in_any_pieces(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(TEXT)]
    assert shown([TEXT[a:b] for a, b in pairwise(ends)]) == SHOWN


def test_the_prompt_may_have_begun_a_thought() -> None:
    assert shown(["well…</th", "ink>Yes."], thinking=True) == "Yes."


def test_what_is_no_answer() -> None:
    with pytest.raises(LLMIncompleteError, match="still thinking"):
        shown(["<think>well…"])
    with pytest.raises(LLMProtocolError, match="reasoning parser"):
        shown(["well…</think>Yes."])
    with pytest.raises(LLMProtocolError, match="wrote nothing"):
        shown(["<think>well…</think> \n"])
