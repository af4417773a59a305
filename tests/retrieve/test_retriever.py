"""Ranked passages from a small library."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from pincite.embed.lexicon import Lexicon
from pincite.explanation import Filters
from pincite.retrieve.fuse import LEXICAL_WEIGHT
from pincite.retrieve.retriever import Retriever
from pincite.text import content_terms
from pincite.workspace import Workspace


@pytest.mark.parametrize("leg", ["dense", "lexical", "fused"])
def test_each_leg_finds_the_passage_and_tells_its_rank(workspace: Workspace, leg: str) -> None:
    hits = workspace.search("price of butter at the bakery", 3, leg)  # type: ignore[arg-type]
    assert hits[0].document.source == "bakery"
    assert (hits[0].dense_rank is None) == (leg == "lexical")
    assert (hits[0].lexical_rank is None) == (leg == "dense")
    assert hits[0].coverage > hits[-1].coverage or len(hits) == 1
    assert [hit.fused for hit in hits] == sorted((hit.fused for hit in hits), reverse=True)


def test_across_languages_the_dense_leg_decides(workspace: Workspace) -> None:
    hits = workspace.search("Why was the opening of the museum postponed?", 3)
    assert hits[0].document.source == "museum"
    assert hits[0].lexical_rank is None


def test_a_hit_is_the_stored_passage(workspace: Workspace) -> None:
    for hit in workspace.search("ferry", 5):
        text = workspace.document(hit.document.id).text
        assert text[hit.passage.start : hit.passage.end] == hit.passage.text


def test_the_retrieval_keeps_the_questions_terms(workspace: Workspace) -> None:
    question = "How much is a night ticket?"
    retrieval = workspace.retriever.search(question, 2)
    assert list(retrieval.idf) == content_terms(question)
    assert retrieval.generation == workspace.library.generation
    assert len(retrieval.hits) == 2


class Asked:
    """A ``Lexicon`` in which every text holds the same; it keeps what it is asked."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def shares(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return np.full(len(texts), 0.5, dtype=np.float32)


def test_only_passages_in_another_language_are_looked_up(workspace: Workspace) -> None:
    lexicon, loaded = Asked(), []

    def load() -> Lexicon:
        loaded.append(lexicon)
        return lexicon

    retriever = Retriever(workspace.library, workspace.indexes, workspace.encoder, lexicon=load)
    question = "How much is a night ticket?"
    english = retriever.search(question, 5, filters=Filters(languages=("en",)))
    retriever.search(question, 5, "dense")
    assert not loaded
    for hit in english.hits:
        assert hit.fused == pytest.approx(hit.cosine + LEXICAL_WEIGHT * hit.coverage)
    retriever.search(question, 5)
    assert lexicon.texts
    assert all("市立博物馆" in text for text in lexicon.texts)


def test_a_translated_word_lifts_a_passage_over_one_that_lacks_it(workspace: Workspace) -> None:
    question = "博物馆为什么推迟开放？渡轮票价是多少？"
    found = {hit.passage.id: hit for hit in workspace.search(question, 20)}
    alone = Retriever(workspace.library, workspace.indexes, workspace.encoder)
    without = {hit.passage.id: hit for hit in alone.retrieve(question, 20)}

    def gain(source: str) -> float:
        ids = [i for i, hit in found.items() if hit.document.source == source]
        return max(found[i].fused - without[i].fused for i in ids)

    assert gain("ferry") > gain("bakery")
    assert gain("museum") == 0
