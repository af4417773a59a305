"""Tiny models made on the spot: a tokenizer of characters, an ONNX graph, a model folder."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Sequence, Split, WhitespaceSplit
from tokenizers.processors import TemplateProcessing

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
NAN, ZERO = "†", "‡"
VOCABULARY = [*SPECIAL, *"abcdefghijklmnopqrstuvwxyz0123456789:小米汽车法院双马後后", NAN, ZERO]
DIMENSION = 8
MAX_LENGTH = 24
# The inputs of a graph that reads: their shapes, and those of their defaults.
OPTIONAL: dict[str, tuple[list[int | str], tuple[int, ...]]] = {
    "segments": (["texts", "tokens", 1], (1, 1, 1)),
    "down": ([DIMENSION, "rank"], (DIMENSION, 0)),
    "up": (["rank", 2], (0, 2)),
}


def character_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(WordLevel({t: i for i, t in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Sequence([WhitespaceSplit(), Split(Regex("."), "isolated")])
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def token_vectors() -> NDArray[np.float32]:
    """Return the tiny model's token vectors, shape (vocabulary, 8)."""
    table = np.random.default_rng(7).standard_normal((len(VOCABULARY), DIMENSION))
    table[VOCABULARY.index(NAN)] = np.nan
    table[VOCABULARY.index(ZERO)] = -(table[2] + table[3])
    return table.astype(np.float32)


def tiny_graph(
    *, types: bool = False, output: str = "last_hidden_state", reads: bool = False
) -> bytes:
    """Return an ONNX graph that looks each token's vector up.

    One that ``reads`` has optional inputs: ``reading`` is (vectors * segments) @ down @ up.
    """
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if types else [])]
    shape = ["batch", "sequence"]
    nodes = [
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Gather", ["table", "input_ids"], ["vectors"]),
        helper.make_node("Mul", ["vectors", "column"], [output if not types else "masked"]),
    ]
    if types:
        nodes += [
            helper.make_node("Cast", ["token_type_ids"], ["types"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["types", "last"], ["type"]),
            helper.make_node("Add", ["masked", "type"], [output]),
        ]
    optional = OPTIONAL if reads else {}
    if reads:
        nodes += [
            helper.make_node("Mul", ["vectors", "segments"], ["marked"]),
            helper.make_node("MatMul", ["marked", "down"], ["low"]),
            helper.make_node("MatMul", ["low", "up"], ["reading"]),
        ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            *(helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in names),
            *(_float(name, sizes) for name, (sizes, _) in optional.items()),
        ],
        [
            _float(output, [*shape, DIMENSION]),
            *([_float("reading", [*shape, 2])] if reads else []),
        ],
        [
            *(
                numpy_helper.from_array(np.zeros(default, np.float32), name)
                for name, (_, default) in optional.items()
            ),
            numpy_helper.from_array(token_vectors(), "table"),
            numpy_helper.from_array(np.array([-1], dtype=np.int64), "last"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _float(name: str, shape: list[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def write_model_folder(
    folder: Path,
    *,
    graph: bytes | None = None,
    reader: bytes | None = None,
    changes: dict[str, object] | None = None,
) -> Path:
    """Write a model folder that OnnxEncoder loads; ``changes`` replace manifest fields."""
    files = {
        "tokenizer.json": character_tokenizer().to_str().encode(),
        "onnx/model.onnx": tiny_graph() if graph is None else graph,
        **({} if reader is None else {"reader.npz": reader}),
    }
    manifest: dict[str, object] = {
        "name": "tiny",
        "revision": "abc",
        "dimension": DIMENSION,
        "max_length": MAX_LENGTH,
        "pooling": "mean",
        "normalize": True,
        "fold": "none",
        "query_prompt": "",
        "passage_prompt": "",
        "files": {
            path: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for path, data in files.items()
        },
        **(changes or {}),
    }
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
