"""Ranked passages from a small library."""

import pytest

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
