"""OnnxLexicon on the bundled model: which words of a question occur in texts, translated or not."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pincite.embed.bundled import bundled_folder
from pincite.embed.encoder import Matrix
from pincite.embed.graph import TextGraph
from pincite.embed.onnx_lexicon import SAME, STRANGE, OnnxLexicon
from pincite.errors import ModelFilesError

QUESTION = "Why was the bridge closed after the flood?"
TEXTS = (
    "洪水过后，大桥因为桥墩受损而关闭。",
    "洪水過後，大橋因為橋墩受損而關閉。",
    "博物馆将在周末展出青铜器。",
    "The bridge was closed after the flood damaged a pier.",
    "",
    "🚢",
)


@pytest.fixture(scope="module")
def graph() -> TextGraph:
    return TextGraph(bundled_folder())


@pytest.fixture(scope="module")
def lexicon(graph: TextGraph) -> OnnxLexicon:
    return OnnxLexicon(graph)


def slow_share(graph: TextGraph, question: str, text: str) -> float:
    """Compute the share, word by word, from the static columns that the graph itself gives."""

    def rows(text: str) -> Matrix:
        found: Matrix = graph.run(sorted(set(graph.tokens(text).ids)))[:, 384:]
        return found

    asked, held = rows(question), rows(text)
    share, total = 0.0, 0.0
    for word in asked:
        weight = float(np.linalg.norm(word))
        best = max(float(word @ one / weight / np.linalg.norm(one)) for one in held)
        share += weight * min(1.0, max(0.0, (best - STRANGE) / (SAME - STRANGE)))
        total += weight
    return share / total


def test_translated_words_occur(lexicon: OnnxLexicon) -> None:
    simplified, traditional, other, same, empty, picture = lexicon.shares(QUESTION, TEXTS)
    assert same > simplified > other + 0.2
    assert traditional == pytest.approx(simplified, abs=0.05)
    assert empty == 0
    assert picture == 0
    assert lexicon.shares("大桥为什么关闭？", [TEXTS[3], TEXTS[2]])[0] > 0.5


def test_a_text_holds_all_words_of_itself(lexicon: OnnxLexicon) -> None:
    assert lexicon.shares(QUESTION, [QUESTION])[0] == pytest.approx(1)
    assert lexicon.shares("", TEXTS).tolist() == [0] * len(TEXTS)
    assert lexicon.shares(QUESTION, []).shape == (0,)


def test_they_are_those_of_the_graphs_own_vectors(graph: TextGraph, lexicon: OnnxLexicon) -> None:
    # A word's weight is the stored length; the graph's rows are nearly, not quite that long.
    slow = [slow_share(graph, QUESTION, text) for text in TEXTS[:4]]
    assert lexicon.shares(QUESTION, TEXTS[:4]).tolist() == pytest.approx(slow, abs=0.04)


def test_a_share_depends_on_no_other_text_and_no_thread(graph: TextGraph) -> None:
    fresh = OnnxLexicon(graph)

    def shares(texts: Sequence[str]) -> list[float]:
        found: list[float] = fresh.shares(QUESTION, texts).tolist()
        return found

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(shares, [TEXTS] * 8))
    alone = [share for text in TEXTS for share in shares([text])]
    assert together == pytest.approx(np.array([alone] * 8), abs=1e-6)


def test_a_model_without_token_tables_is_refused(model_folder: Path) -> None:
    with pytest.raises(ModelFilesError, match=r"holds no token tables: .*words.codes"):
        OnnxLexicon(TextGraph(model_folder))
