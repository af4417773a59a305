"""Features of sentences, and what the fitted model makes of them."""

from pathlib import Path

import numpy as np
import pytest

from pincite.answer.confidence.support import (
    READING,
    SENTENCE,
    WEIGHTS,
    SupportModel,
    candidates,
    question_names,
    ranked,
)
from pincite.workspace import Workspace


def feature(workspace: Workspace, question: str, name: str) -> list[float]:
    retrieval = workspace.retriever.search(question, 8)
    vectors = workspace.library.sentence_vectors([hit.passage.id for hit in retrieval.hits])
    return [c.features[SENTENCE.index(name)] for c in candidates(retrieval, vectors)]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Who is the director of Halvoren?", {"halvoren"}),
        ("What did the court rule?", set()),
        ("What is GPT-4?", {"gpt", "4", "gpt-4"}),
        ("海沃伦的SU7卖了多少？", {"su", "7", "su7"}),
        ("iPhone 好用吗？", {"iphon"}),
        ("谁赢了？", set()),
    ],
)
def test_names_are_what_is_capitalised_or_foreign(question: str, names: set[str]) -> None:
    assert question_names(question) == names


def test_a_name_that_no_article_has_is_missing(workspace: Workspace) -> None:
    assert set(feature(workspace, "Which shops will Kornfeld close?", "names_missing")) != {1.0}
    assert set(feature(workspace, "Which shops will Zanzara close?", "names_missing")) == {1.0}
    assert set(feature(workspace, "which shops will they close?", "names_missing")) == {0.0}


def test_a_year_that_no_article_has_is_missing(workspace: Workspace) -> None:
    assert set(feature(workspace, "What happened in 1731?", "stated_missing")) == {1.0}
    assert set(feature(workspace, "What happened?", "stated_missing")) == {0.0}


def test_readings_add_their_features_and_are_compared(workspace: Workspace) -> None:
    retrieval = workspace.retriever.search("Why was the opening postponed?", 8)
    ids = [hit.passage.id for hit in retrieval.hits]
    vectors = workspace.library.sentence_vectors(ids)
    scores = {
        hit.passage.id: np.full((len(hit.passage.sentences), 2), -1.0, dtype=np.float32)
        for hit in retrieval.hits
    }
    scores[ids[0]][0] = (3.0, 4.0)
    found = candidates(retrieval, vectors, scores)
    assert {len(c.features) for c in found} == {len(SENTENCE) + len(READING)}
    assert found[0].features[-3:].tolist() == [3.0, 4.0, 0.0]
    assert {tuple(c.features[-3:]) for c in found[1:]} == {(-1.0, -1.0, -4.0)}


def test_the_packaged_weights_fit_the_features(workspace: Workspace) -> None:
    read, unread = SupportModel.load(reader="any"), SupportModel.load()
    assert (read.reader != "", unread.reader) == (True, "")
    for model in (read, unread):
        assert 0 < model.floor < model.threshold < 1
        assert model.slope > 0
        assert model.confidence(3.0) > model.confidence(-3.0)
    retrieval = workspace.retriever.search("Why was the opening postponed?", 8)
    vectors = workspace.library.sentence_vectors([hit.passage.id for hit in retrieval.hits])
    odds = [value for value, _ in ranked(unread, candidates(retrieval, vectors))]
    assert odds == sorted(odds, reverse=True)


def test_weights_of_other_features_are_refused(tmp_path: Path) -> None:
    text = WEIGHTS.read_text(encoding="utf-8").replace('"cosine_above"', '"cosine_over"')
    path = tmp_path / "support.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="cosine_over"):
        SupportModel.load(path)
