"""OnnxReader on a tiny model: its scores against slow ones, and the folders it refuses."""

import io
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pincite.embed.encoder import Matrix
from pincite.embed.onnx import OnnxEncoder
from pincite.embed.onnx_reader import BOUND, PASSAGE_TOKENS, OnnxReader
from pincite.embed.reader import Page
from pincite.errors import ModelFilesError
from pincite.records import Span
from tests.embed.tiny import DIMENSION, VOCABULARY, tiny_graph, token_vectors, write_model_folder

Arrays = dict[str, NDArray[Any]]
RANK = 3


def arrays(**changed: Any) -> Arrays:
    """Return what a reader.npz for the tiny graph holds; None takes an array out."""
    random = np.random.default_rng(5)
    found: dict[str, Any] = {
        "down": random.integers(-127, 128, (DIMENSION, RANK)).astype(np.int8),
        "down/scale": np.array([[0.01, 0.005, 0.02]], np.float32),
        "up": random.standard_normal((RANK, 2)).astype(np.float32),
        "head.bias": np.array([0.3, -0.2], np.float32),
        **{name.replace("_", "."): values for name, values in changed.items()},
    }
    return {name: values for name, values in found.items() if values is not None}


def npz(stored: Arrays) -> bytes:
    data = io.BytesIO()
    np.savez(data, **stored)  # type: ignore[arg-type]
    return data.getvalue()


def npy(values: NDArray[Any]) -> bytes:
    data = io.BytesIO()
    np.save(data, values)
    return data.getvalue()


def opened(folder: Path, reader: bytes | None, **changes: object) -> OnnxReader:
    graph = tiny_graph(reads=True)
    changes = {"reader": "r1", **changes}
    return OnnxReader(
        OnnxEncoder(write_model_folder(folder, graph=graph, reader=reader, changes=changes))
    )


@pytest.fixture
def reader(tmp_path: Path) -> OnnxReader:
    return opened(tmp_path, npz(arrays()))


def token_logits(characters: str) -> Matrix:
    stored = arrays()
    head = (stored["down"] * stored["down/scale"]) @ stored["up"]
    ids = [VOCABULARY.index(c) if c in VOCABULARY else 1 for c in characters if not c.isspace()]
    logits: Matrix = token_vectors()[ids] @ head + stored["head.bias"]
    return logits


def slow_scores(characters: str) -> list[float]:
    """Score a sentence by looking at every answer in it."""
    logits = token_logits(characters)
    n = range(len(logits))
    best = max((logits[i, 0] + logits[j, 1]) / 2 for i in n for j in n if i <= j)
    every = np.log(np.exp(logits).sum(axis=0)).mean()
    return [float(best), float(every)]


def random_page(random: Random) -> Page:
    """Return a page of several windows; what stands between its sentences is in none."""
    text, spans = "", []
    while len(text) < 3 * PASSAGE_TOKENS:
        text += random.choice(["\n- ", "", "## abc\n\n", "🚗e\u0301", "    "])
        length = random.randint(1, PASSAGE_TOKENS // 4)
        sentence = "".join(random.choices("abcxyz小米 🚗\u0301", k=length)).strip()
        if sentence.strip():
            spans.append(Span(len(text), len(text) + len(sentence)))
            text += sentence
    return Page("heading", text, tuple(spans))


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_every_answer_in_a_sentence(reader: OnnxReader, seed: int) -> None:
    page = random_page(Random(seed))
    (found,) = reader.read("what", [page])
    wanted = [slow_scores(page.text[span.start : span.end]) for span in page.sentences]
    assert len(wanted) > 5
    assert np.allclose(found, wanted, atol=1e-4)


def test_a_sentence_longer_than_a_window_has_the_best_of_its_parts(reader: OnnxReader) -> None:
    random = Random(1)
    text = "".join(random.choices("abcxyz小米", k=2 * PASSAGE_TOKENS + 20))
    last = "".join(random.choices("abcxyz小米", k=40))
    spans = (Span(0, len(text)), Span(len(text), len(text) + len(last)))
    (found,) = reader.read("what", [Page("", text + last, spans)])
    parts = [text[i : i + PASSAGE_TOKENS] for i in range(0, len(text), PASSAGE_TOKENS)]
    wanted = [np.max([slow_scores(part) for part in parts], axis=0), slow_scores(last)]
    assert np.allclose(found, wanted, atol=1e-4)


@pytest.mark.parametrize("place", [0, 1, PASSAGE_TOKENS - 1, PASSAGE_TOKENS, 450, 499])
def test_every_token_of_a_long_sentence_counts(reader: OnnxReader, place: int) -> None:
    alone = {c: slow_scores(c)[0] for c in "abcdefghijklmnopqrstuvwxyz"}
    best, worst = max(alone, key=alone.__getitem__), min(alone, key=alone.__getitem__)
    text = worst * place + best + worst * (499 - place)
    (found,) = reader.read("what", [Page("", text, (Span(0, len(text)),))])
    assert found[0, 0] > alone[best] - 1e-4 > alone[worst] + 1


@pytest.mark.parametrize(("bias", "bound"), [(1e4, BOUND), (-1e4, -BOUND)])
def test_scores_are_bounded(tmp_path: Path, bias: float, bound: float) -> None:
    reader = opened(tmp_path, npz(arrays(head_bias=np.full(2, bias, np.float32))))
    (found,) = reader.read("what", [Page("", "abc x", (Span(0, 3), Span(4, 5)))])
    assert found.tolist() == [[bound, bound]] * 2


def test_its_revision_is_the_manifests(reader: OnnxReader) -> None:
    assert reader.revision == "r1"


GARBAGE: Sequence[bytes] = [
    b"",
    b"garbage",
    npz(arrays())[:-40],
    npz(arrays()).replace(b"\x93NUMPY", b"\x93numpy"),
    npy(np.zeros(3)),
    npz(arrays(up=np.array(["text"]))),
    npz(arrays(down_scale=None, up=np.array([{}], dtype=object))),
    npz({**arrays(), "down/scale": np.ones((5, 1), np.float32)}),
]


@pytest.mark.parametrize("data", GARBAGE)
def test_garbage_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ModelFilesError, match=r"reader\.npz holds no reader: .*pip install"):
        opened(tmp_path, data)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"up": None}, r"it holds \['down', 'head\.bias'\], wanted \['down', 'head\.bias', 'up'\]"),
        ({"head_bias": None}, r"it holds \['down', 'up'\]"),
        ({"surprise": np.zeros(2)}, r"it holds .*'surprise'"),
        ({"up": np.zeros((RANK, 3))}, r"up has shape \(3, 3\), wanted \(3, 2\)"),
        ({"up": np.zeros((RANK + 1, 2))}, r"up has shape \(4, 2\), wanted \(3, 2\)"),
        ({"up": np.zeros(2)}, r"up has shape \(2,\), wanted \(3, 2\)"),
        ({"up": np.full((RANK, 2), np.nan)}, "up holds numbers that are not finite"),
        ({"head_bias": np.zeros(3)}, r"head\.bias has shape \(3,\), wanted \(2,\)"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    tmp_path: Path, changed: dict[str, Any], message: str
) -> None:
    wanted = rf"reader\.npz does not fit onnx/model\.onnx: {message}.*; .*pip install"
    with pytest.raises(ModelFilesError, match=wanted):
        opened(tmp_path, npz(arrays(**changed)))


def test_a_model_that_cannot_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ModelFilesError, match=r"holds no reader\.npz, .*pip install.*PINCITE_READER=none"
    ):
        opened(tmp_path / "without", None)
    plain = write_model_folder(tmp_path / "plain", reader=npz(arrays()))
    with pytest.raises(ModelFilesError, match=r"does not fit .*wanted \['head\.bias'\]"):
        OnnxReader(OnnxEncoder(plain))
    with pytest.raises(ModelFilesError, match=r"wants its texts folded, .*give it a tokenizer"):
        opened(tmp_path / "folded", npz(arrays()), fold="t2s")


def test_an_altered_reader_is_refused(tmp_path: Path) -> None:
    opened(tmp_path, npz(arrays()))
    (tmp_path / "reader.npz").write_bytes(npz(arrays(up=np.zeros((RANK, 2)))))
    with pytest.raises(ModelFilesError, match=r"reader\.npz is altered: .*pip install"):
        OnnxEncoder(tmp_path)
