"""A reranker moves the best passages, and only those."""

from collections.abc import Sequence

import pytest

from pincite.records import Question
from pincite.retrieve.retriever import Retriever
from pincite.settings import Settings
from pincite.workspace import Workspace


class Backwards:
    """A reranker that likes short texts."""

    name = "backwards@1"

    def __init__(self) -> None:
        self.judged: list[Sequence[str]] = []

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        self.judged.append(texts)
        return [-float(len(text)) for text in texts]


@pytest.fixture
def reranker() -> Backwards:
    return Backwards()


def with_reranker(workspace: Workspace, reranker: Backwards, passages: int) -> Retriever:
    return Retriever(
        workspace.library,
        workspace.indexes,
        workspace.encoder,
        reranker,
        passages_reranked=passages,
    )


def test_the_best_are_ranked_again_with_their_titles(
    workspace: Workspace, reranker: Backwards
) -> None:
    plain = workspace.retriever.retrieve("the price of butter", 5)
    retriever = with_reranker(workspace, reranker, 3)
    search = retriever.search("the price of butter", 5)
    assert {h.passage.id for h in search.hits[:3]} == {h.passage.id for h in plain[:3]}
    assert [h.passage.id for h in search.hits[3:]] == [h.passage.id for h in plain[3:]]
    scores = [h.rerank for h in search.hits]
    assert scores[3:] == [None] * len(scores[3:])
    assert scores[:3] == sorted(filter(None, scores), reverse=True)
    assert "Bakery chain closes shops" in reranker.judged[0][0]
    assert "rerank" in search.timings_ms


def test_it_may_lift_a_passage_into_the_ones_considered(
    workspace: Workspace, reranker: Backwards
) -> None:
    everything = with_reranker(workspace, reranker, 20).retrieve("ferry", 20)
    assert len(everything) > 2
    (first,) = with_reranker(workspace, reranker, 20).retrieve("ferry", 1)
    assert first.passage.id == everything[0].passage.id
    assert len(reranker.judged[-1]) == len(everything)


def test_single_legs_are_left_alone(workspace: Workspace, reranker: Backwards) -> None:
    retriever = with_reranker(workspace, reranker, 20)
    for leg in ("dense", "lexical"):
        hits = retriever.retrieve("ferry", 3, leg)
        assert all(hit.rerank is None for hit in hits)
    assert reranker.judged == []


def test_answers_name_the_reranker_and_have_another_id(
    workspace: Workspace, reranker: Backwards
) -> None:
    from pincite.answer.assistant import Assistant
    from pincite.answer.confidence.calibration import Calibration
    from pincite.answer.confidence.support import SupportModel
    from pincite.wiring import make_reader

    reader = make_reader(Settings(), workspace.retriever.encoder)
    assert reader
    model = SupportModel.load(reader=reader.revision)
    question = Question("what does the bakery blame?", explain=True)
    plain = workspace.ask(question)
    retriever = with_reranker(workspace, reranker, 20)
    answer = Assistant(retriever, Calibration(model), reader=reader).ask(question)
    assert answer.search is not None
    assert answer.search.reranker == "backwards@1"
    assert answer.id != plain.id
    assert answer.explain is not None
    assert all(row.rerank is not None for row in answer.explain)
    assert "rerank" in answer.timings_ms
    # The sentences of the same passages are judged as without it.
    if {r.passage_id for r in answer.explain} == {r.passage_id for r in plain.explain or []}:
        assert answer.confidence == plain.confidence
