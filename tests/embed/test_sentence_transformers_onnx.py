"""The bundled folder is a sentence-transformers model too, and gives that program our vectors."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from sentence_transformers.util import import_from_string
from transformers import AutoTokenizer

from pincite.embed.bundled import GRAPH, bundled_folder
from pincite.embed.encoder import Matrix
from pincite.embed.onnx import OnnxEncoder

PYTHON = os.environ.get("SENTENCE_TRANSFORMERS_PYTHON")
TEXTS = [
    "what did the court rule?",
    "法院是怎么判的？",
    "法院是怎麼判的？ＡＢＣ１２３",
    "Xiaomi sold 258,000 cars in Q3 2025, up 27.5 % 🚗.",
    "",
    "The court ruled against Xiaomi. 法院判决小米双倍返还定金。 " * 40,
]
# Both run the same graph on the same tokens: only the last digits of the mean may differ.
TOLERANCE = 1e-6


@pytest.fixture(scope="module")
def ours() -> Matrix:
    return OnnxEncoder(bundled_folder()).encode_passages(TEXTS)


def modules() -> list[Any]:
    """Load the modules that modules.json names; of the first, which needs optimum, the class."""
    entries = json.loads((bundled_folder() / "modules.json").read_text(encoding="utf-8"))
    kinds: list[Any] = [import_from_string(entry["type"]) for entry in entries]
    rest = zip(kinds[1:], entries[1:], strict=True)
    folder = str(bundled_folder())
    return [kinds[0], *(kind.load(folder, subfolder=entry["path"]) for kind, entry in rest)]


def test_its_modules_make_our_vectors_of_the_token_vectors(ours: Matrix) -> None:
    folder = str(bundled_folder())
    transformer, *rest = modules()
    assert transformer is Transformer
    assert [type(module) for module in rest] == [Pooling, Normalize]
    longest = transformer.load_config(folder)["max_seq_length"]
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    session = onnxruntime.InferenceSession(bundled_folder() / GRAPH)
    taken = {entry.name for entry in session.get_inputs()}
    rows = []
    for text in TEXTS:
        tokens = tokenizer(text, truncation=True, max_length=longest, return_tensors="np")
        feed = {name: value for name, value in tokens.items() if name in taken}
        (hidden,) = session.run(["last_hidden_state"], feed)
        features = {
            "token_embeddings": torch.from_numpy(hidden),
            "attention_mask": torch.from_numpy(tokens["attention_mask"]),
        }
        for module in rest:
            features = module(features)
        rows.append(features["sentence_embedding"][0].numpy())
    assert np.allclose(np.stack(rows), ours, rtol=0, atol=TOLERANCE)


def test_its_configuration_says_what_the_graph_gives() -> None:
    pooling = modules()[1]
    assert pooling.pooling_output_dimension == OnnxEncoder(bundled_folder()).spec.dimension


@pytest.mark.skipif(not PYTHON, reason="needs optimum-onnx: make test-st")
def test_the_program_itself_gives_our_vectors(ours: Matrix) -> None:
    script = Path(__file__).with_name("sentence_transformers_vectors.py")
    done = subprocess.run(
        [str(PYTHON), str(script), str(bundled_folder())],
        input=json.dumps(TEXTS),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert np.allclose(json.loads(done.stdout), ours, rtol=0, atol=TOLERANCE)
