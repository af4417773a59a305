"""What questions ask for, and which texts hold it."""

from typing import get_args

import pytest

from pincite.quantities.asked import asked_kind, holds
from pincite.quantities.find import Kind
from tests.quantities.test_find import rows


@pytest.mark.parametrize(("question", "kind"), rows("asked.tsv"))
def test_the_kind_that_a_question_asks_for(question: str, kind: str) -> None:
    assert (asked_kind(question) or "-") == kind


@pytest.mark.parametrize(("kind", "wanted", "text"), rows("holds.tsv"))
def test_whether_a_text_holds_an_answer_of_the_kind(kind: Kind, wanted: str, text: str) -> None:
    assert kind in get_args(Kind)
    assert holds(kind, text) == (wanted == "yes")
