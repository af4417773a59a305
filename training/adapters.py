"""Give the graph a second task: adapters that a caller may feed, and a head for reading.

Beside each matrix of the transformer stands a low-rank pair (LoRA). The pairs are optional inputs
of the graph with nothing in them (rank 0): who feeds none gets the vectors of texts and multiplies
nothing. Who feeds the reader's weights (``reader.npz``) and the segments, 1 for the tokens of the
passage, gets in ``reading`` two numbers per token: how well an answer begins and ends there.

Source:
    Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", arXiv:2106.09685.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

HEADS = 2
LAYERS = 6
_FLOAT = onnx.TensorProto.FLOAT


@dataclass(frozen=True, slots=True)
class Product:
    """A matrix of the transformer: its place in the model, its input's and output's value."""

    place: str
    value: str
    out: str


def products(layers: int = LAYERS) -> Iterator[Product]:
    """Yield the transformer's matrices, in the order in which their adapters are stacked."""
    before = "/model/embeddings/LayerNorm/LayerNormalization_output_0"
    for number in range(layers):
        layer = f"/model/encoder/layer.{number}"
        inputs = {
            "attention.self.query": before,
            "attention.self.key": before,
            "attention.self.value": before,
            "attention.output.dense": f"{layer}/attention/self/Reshape_3_output_0",
            "intermediate.dense": f"{layer}/attention/output/LayerNorm/LayerNormalization_output_0",
            "output.dense": f"{layer}/intermediate/intermediate_act_fn/Mul_1_output_0",
        }
        for part, value in inputs.items():
            out = f"{layer}/{part.replace('.', '/')}/Add_output_0"
            yield Product(f"encoder.layer.{number}.{part}", value, out)
        before = f"{layer}/output/LayerNorm/LayerNormalization_output_0"


def stack(width: int, rows: int, columns: int) -> tuple[str, str]:
    """Return in which inputs the pair of a matrix of this shape is stacked."""
    return ("down" if rows == width else "down.wide", "up" if columns == width else "up.wide")


class _Graph:
    """A graph in which nodes are put behind the node that makes a value."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.graph = graph
        self.shapes = {t.name: list(t.dims) for t in graph.initializer}

    def optional(self, name: str, default: NDArray[Any], shape: Sequence[int | str]) -> None:
        """Add an input that need not be fed."""
        self.graph.input.append(helper.make_tensor_value_info(name, _FLOAT, shape))
        self.graph.initializer.append(numpy_helper.from_array(default, name))

    def behind(self, value: str, nodes: list[onnx.NodeProto]) -> None:
        """Rename a value to ``<value>_plain`` and let ``nodes`` make it from that."""
        at = next(i for i, node in enumerate(self.graph.node) if value in node.output)
        outputs = self.graph.node[at].output
        outputs[list(outputs).index(value)] = f"{value}_plain"
        for offset, node in enumerate(nodes, 1):
            self.graph.node.insert(at + offset, node)


def add_adapters(model: onnx.ModelProto) -> None:
    """Add the optional inputs, and the output ``reading``, shape (texts, tokens, 2)."""
    found = _Graph(model.graph)
    node = helper.make_node
    bias = {p.place: found.shapes[f"model.{p.place}.bias"][0] for p in products()}
    width, wide = bias["encoder.layer.0.output.dense"], bias["encoder.layer.0.intermediate.dense"]
    number = dict.fromkeys(("down", "down.wide", "up", "up.wide"), 0)
    for product in products():
        rows = wide if "intermediate" in product.value else width
        pair = stack(width, rows, bias[product.place])
        nodes, name = [], f"adapter/{product.place}"
        for half in pair:
            index = numpy_helper.from_array(np.array(number[half]), f"{name}/{half}/index")
            model.graph.initializer.append(index)
            nodes.append(node("Gather", [half, index.name], [f"{name}/{half}"], axis=0))
            number[half] += 1
        nodes += [
            node("MatMul", [product.value, f"{name}/{pair[0]}"], [f"{name}/low"]),
            node("MatMul", [f"{name}/low", f"{name}/{pair[1]}"], [f"{name}/change"]),
            node("Add", [f"{product.out}_plain", f"{name}/change"], [product.out]),
        ]
        found.behind(product.out, nodes)
    for half, count in number.items():
        size = wide if half.endswith("wide") else width
        shape = [count, size, 0] if half.startswith("down") else [count, 0, size]
        found.optional(half, np.zeros(shape, np.float32), [d or "rank" for d in shape])
    _segments(found, width)
    _head(found, width)
    # Worked out anew by whoever needs it, and 50 kB.
    del model.graph.value_info[:]
    onnx.checker.check_model(model)


def _segments(found: _Graph, width: int) -> None:
    """Add ``segment`` to the embeddings of the tokens that ``segments`` marks."""
    words = "/model/embeddings/word_embeddings/Gather_output_0"
    found.optional("segments", np.zeros((1, 1, 1), np.float32), ["texts", "tokens", 1])
    found.optional("segment", np.zeros(width, np.float32), [width])
    marked = helper.make_node("Mul", ["segments", "segment"], ["segments/rows"])
    added = helper.make_node("Add", [f"{words}_plain", "segments/rows"], [words])
    found.behind(words, [marked, added])


def _head(found: _Graph, width: int) -> None:
    last = [p.out for p in products()][-1].replace("dense/Add", "LayerNorm/LayerNormalization")
    found.optional("head", np.zeros((width, HEADS), np.float32), [width, HEADS])
    found.graph.node.append(helper.make_node("MatMul", [last, "head"], ["reading"]))
    out = helper.make_tensor_value_info("reading", _FLOAT, ["batch", "sequence", HEADS])
    found.graph.output.append(out)
