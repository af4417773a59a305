"""Store an exported graph's weights in 8 bits or less, with little loss.

The two tables with a row for each token are product-quantised: a row's direction is cut
into runs of a few columns, each run stored as the number of the nearest of 256 means.
Runs of two columns (4 bits a weight) cost the transformer a cosine of 0.002. Of a static
row only that is stored which a linear map of the word row does not say already. The other
matrices get one scale per output column; their inputs are quantised at run time. A few
channels of those inputs are ten times larger than the rest and would use up the 8-bit
range, so they are multiplied in float32 beside the 8-bit product (LLM.int8()).

Source:
    Jégou et al., "Product Quantization for Nearest Neighbor Search", IEEE TPAMI 33 (2011).
    Dettmers et al., "LLM.int8(): 8-bit Matrix Multiplication for Transformers at
    Scale", arXiv:2208.07339, section 3.2.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from tqdm import tqdm

from adapters import add_adapters

OUTLIER_FACTOR = 3.0
# A table with fewer rows is not one of tokens.
LEAST_TOKENS = 30_000
# Columns stored in one byte.
WORD_WIDTH, STATIC_WIDTH = 2, 6
SEED = 13

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Coded:
    """Unit rows stored as one byte for each run of columns.

    Attributes:
        codes: uint8, shape (rows, runs).
        books: The means, shape (runs * 256, width); code c of run r is line 256 * r + c.
    """

    codes: NDArray[np.uint8]
    books: Floats

    def rows(self) -> Floats:
        """Return the rows as the graph will read them, shape (rows, runs * width)."""
        lines = self.codes + 256 * np.arange(self.codes.shape[1])
        found: Floats = self.books.astype(np.float16)[lines].astype(np.float32)
        return found.reshape(len(lines), -1)


def coded(rows: Floats, width: int) -> Coded:
    """Find 256 means for each run of `width` columns, and each row's nearest ones."""
    codes = np.zeros((len(rows), rows.shape[1] // width), dtype=np.uint8)
    books: list[Any] = []
    for run in tqdm(range(codes.shape[1]), desc="codebooks", mininterval=5):
        part = np.ascontiguousarray(rows[:, run * width : (run + 1) * width])
        means = faiss.Kmeans(width, 256, niter=20, seed=SEED, max_points_per_centroid=len(part))
        means.train(part)
        codes[:, run] = means.index.search(part, 1)[1][:, 0]
        books.append(means.centroids)
    return Coded(codes, np.concatenate(books).astype(np.float32))


def unit_rows(table: onnx.TensorProto) -> tuple[Floats, Floats]:
    """Return a table's rows at length 1 (or 0), and their lengths, shape (rows, 1)."""
    rows = numpy_helper.to_array(table)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.maximum(lengths, 1e-12), lengths.astype(np.float32)


def linear_map(words: Floats, static: Floats, lengths: Floats) -> Floats:
    """Return the matrix that makes the static rows of the word rows best, least squares."""
    used = lengths[:, 0] > 0
    matrix: Floats = np.linalg.lstsq(words[used], static[used], rcond=None)[0].astype(np.float16)
    return matrix


class Tables:
    """Replaces the Gathers of the two tables with a row for each token."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        """Find the two tables: that of words, and the static part's."""
        found = [t for t in graph.initializer if t.dims and t.dims[0] >= LEAST_TOKENS]
        self.graph = graph
        self.words, self.static = sorted(found, key=lambda t: "static" in t.name)

    def quantise(self) -> None:
        """Store both; what the word rows say of a static row is not stored twice."""
        words, word_lengths = unit_rows(self.words)
        static, static_lengths = unit_rows(self.static)
        word_codes = coded(words, WORD_WIDTH)
        matrix = linear_map(word_codes.rows(), static, static_lengths)
        rest = static - word_codes.rows() @ matrix.astype(np.float32)
        rest[static_lengths[:, 0] == 0] = 0
        self._constants("words", word_codes, word_lengths)
        self._constants("static", coded(rest, STATIC_WIDTH), static_lengths)
        self._add("static.matrix", matrix)
        nodes: list[onnx.NodeProto] = []
        # The word rows come first in the graph's order whichever is exported first.
        for node in self.graph.node:
            if node.op_type == "Gather" and node.input[0] == self.words.name:
                nodes += self._rows("words", node.input[1])
                nodes += self._scaled("words", "words.unit", node.input[1], node.output[0])
        for node in self.graph.node:
            table = node.input[0] if node.op_type == "Gather" else ""
            if table == self.static.name:
                nodes += self._rows("static", node.input[1])
                nodes += [
                    _cast("static.matrix", "static.map"),
                    helper.make_node("MatMul", ["words.unit", "static.map"], ["static.guess"]),
                    helper.make_node("Add", ["static.guess", "static.unit"], ["static.sum"]),
                ]
                nodes += self._scaled("static", "static.sum", node.input[1], node.output[0])
            elif table != self.words.name:
                nodes.append(node)
        del self.graph.node[:]
        self.graph.node.extend(nodes)
        self.graph.initializer.remove(self.words)
        self.graph.initializer.remove(self.static)

    def _add(self, name: str, values: NDArray[Any]) -> None:
        self.graph.initializer.append(numpy_helper.from_array(values, name))

    def _constants(self, name: str, stored: Coded, lengths: Floats) -> None:
        # pincite.embed.onnx_lexicon reads these, and the matrix, by their names.
        self._add(f"{name}.codes", stored.codes)
        self._add(f"{name}.lengths", lengths.astype(np.float16))
        self._add(f"{name}.books", stored.books.astype(np.float16))
        self._add(f"{name}.lines", 256 * np.arange(stored.codes.shape[1], dtype=np.int32))
        width = stored.codes.shape[1] * stored.books.shape[1]
        self._add(f"{name}.shape", np.array([0, 0, width], dtype=np.int64))

    @staticmethod
    def _rows(name: str, ids: str) -> list[onnx.NodeProto]:
        """Return the nodes that read the coded rows of `ids` into ``<name>.unit``."""
        node = helper.make_node
        return [
            node("Gather", [f"{name}.codes", ids], [f"{name}.bytes"]),
            node("Cast", [f"{name}.bytes"], [f"{name}.numbers"], to=onnx.TensorProto.INT32),
            node("Add", [f"{name}.numbers", f"{name}.lines"], [f"{name}.found"]),
            node("Gather", [f"{name}.books", f"{name}.found"], [f"{name}.runs"]),
            node("Reshape", [f"{name}.runs", f"{name}.shape"], [f"{name}.half"]),
            _cast(f"{name}.half", f"{name}.unit"),
        ]

    @staticmethod
    def _scaled(name: str, rows: str, ids: str, out: str) -> list[onnx.NodeProto]:
        node = helper.make_node
        return [
            node("Gather", [f"{name}.lengths", ids], [f"{name}.halflength"]),
            _cast(f"{name}.halflength", f"{name}.length"),
            node("Mul", [rows, f"{name}.length"], [out]),
        ]


def halve_positions(graph: onnx.GraphProto) -> None:
    """Store the position rows in 16 bits."""
    (rows,) = [t for t in graph.initializer if "position_embeddings" in t.name]
    values = numpy_helper.to_array(rows).astype(np.float16)
    graph.node.insert(0, _cast(f"{rows.name}.half", rows.name))
    graph.initializer.append(numpy_helper.from_array(values, f"{rows.name}.half"))
    graph.initializer.remove(rows)


def _cast(value: str, out: str) -> onnx.NodeProto:
    return helper.make_node("Cast", [value], [out], to=onnx.TensorProto.FLOAT)


def weight_products(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Return the MatMul nodes whose second factor is a constant."""
    constants = {tensor.name for tensor in graph.initializer}
    return [n for n in graph.node if n.op_type == "MatMul" and n.input[1] in constants]


def channel_peaks(source: Path, tokenizer: Tokenizer, texts: list[str]) -> dict[str, Floats]:
    """Return each product input's largest magnitude per channel over some texts."""
    model = onnx.load(source)
    names = sorted({node.input[0] for node in weight_products(model.graph)})
    for name in names:
        model.graph.output.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    peaks: dict[str, Floats] = {}
    for text in texts:
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        for name, values in zip(names, session.run(names, feed), strict=True):
            peak = np.abs(values).max(axis=(0, 1))
            peaks[name] = np.maximum(peaks.get(name, peak), peak)
    return peaks


def split_outliers(model: onnx.ModelProto, peaks: dict[str, Floats]) -> list[str]:
    """Give the outlier channels of each product their own small MatMul.

    Returns:
        The names of the added nodes, which stay in float32.
    """
    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    products = {node.output[0] for node in weight_products(graph)}
    nodes: list[onnx.NodeProto] = []
    kept: list[str] = []
    split: set[str] = set()
    for node in graph.node:
        value = node.input[0] if node.output and node.output[0] in products else ""
        large = np.flatnonzero(
            peaks[value] > OUTLIER_FACTOR * np.median(peaks[value]) if value else []
        )
        if not len(large):
            nodes.append(node)
            continue
        if value not in split:
            split.add(value)
            mask = np.ones(len(peaks[value]), dtype=np.float32)
            mask[large] = 0
            graph.initializer.append(numpy_helper.from_array(mask, f"{value}_mask"))
            graph.initializer.append(numpy_helper.from_array(large, f"{value}_channels"))
            nodes += [
                helper.make_node("Mul", [value, f"{value}_mask"], [f"{value}_small"]),
                helper.make_node(
                    "Gather", [value, f"{value}_channels"], [f"{value}_large"], axis=2
                ),
            ]
        weight, out = node.input[1], node.output[0]
        matrix = numpy_helper.to_array(tensors[weight]).copy()
        graph.initializer.append(numpy_helper.from_array(matrix[large], f"{weight}_large"))
        matrix[large] = 0
        tensors[weight].CopyFrom(numpy_helper.from_array(matrix, weight))
        kept.append(f"{out}_float32")
        parts = [f"{out}_small", f"{out}_large"]
        nodes += [
            helper.make_node("MatMul", [f"{value}_small", weight], parts[:1], name=f"{out}_8bit"),
            helper.make_node(
                "MatMul", [f"{value}_large", f"{weight}_large"], parts[1:], name=kept[-1]
            ),
            helper.make_node("Add", parts, [out]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
    return kept


def quantise(source: Path, target: Path, tokenizer: Tokenizer, texts: list[str]) -> None:
    """Write the 8-bit form of `source` to `target`; `texts` show the outlier channels."""
    logging.getLogger().setLevel(logging.ERROR)
    model = onnx.load(source)
    kept = split_outliers(model, channel_peaks(source, tokenizer, texts))
    quantize_dynamic(
        model,
        target,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul"],
        nodes_to_exclude=kept,
        extra_options={"MatMulConstBOnly": True},
    )
    model = onnx.load(target)
    Tables(model.graph).quantise()
    halve_positions(model.graph)
    add_adapters(model)
    onnx.checker.check_model(model)
    onnx.save(model, target)
