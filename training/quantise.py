"""Store an exported graph's weights in 8 bits or less, with little loss.

The two tables with a row for each token are product-quantised: a row's direction is cut
into runs of a few columns, each run stored as the number of the nearest of 256 means.
Runs of two columns (4 bits a weight) cost the transformer a cosine of 0.002. The other
matrices get one scale per output column; their inputs are quantised at run time. A few
channels of those inputs are ten times larger than the rest and would use up the 8-bit
range, so they are multiplied in float32 beside the 8-bit product (LLM.int8()).

Source:
    Jégou et al., "Product Quantization for Nearest Neighbor Search", IEEE TPAMI 33 (2011).
    Dettmers et al., "LLM.int8(): 8-bit Matrix Multiplication for Transformers at
    Scale", arXiv:2208.07339, section 3.2.
"""

import logging
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

from base import DIMENSION

OUTLIER_FACTOR = 3.0
# A table with fewer rows is not one of tokens.
LEAST_TOKENS = 30_000
# Columns stored in one byte.
WORD_WIDTH, STATIC_WIDTH = 2, 4

Floats = NDArray[np.float32]


def product_quantised(
    rows: Floats, width: int, seed: int
) -> tuple[NDArray[np.uint8], Floats, Floats]:
    """Store rows as one byte for each run of `width` columns.

    Returns:
        The codes, uint8 of shape (rows, runs); the rows' lengths, shape (rows, 1); the
        codebooks, shape (runs * 256, width), code c of run r in line 256 * r + c.
    """
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.maximum(lengths, 1e-12)
    codes = np.zeros((len(rows), rows.shape[1] // width), dtype=np.uint8)
    books: list[Any] = []
    for run in tqdm(range(codes.shape[1]), desc="codebooks", mininterval=5):
        part = np.ascontiguousarray(unit[:, run * width : (run + 1) * width])
        means = faiss.Kmeans(width, 256, niter=20, seed=seed, max_points_per_centroid=len(part))
        means.train(part)
        codes[:, run] = means.index.search(part, 1)[1][:, 0]
        books.append(means.centroids)
    return codes, lengths.astype(np.float32), np.concatenate(books).astype(np.float32)


def quantise_table(graph: onnx.GraphProto, table: onnx.TensorProto, width: int, seed: int) -> None:
    """Replace a table's Gather by Gathers of its codes, codebooks and lengths."""
    rows = numpy_helper.to_array(table)
    codes, lengths, books = product_quantised(rows, width, seed)
    name = table.name
    constants: dict[str, NDArray[Any]] = {
        "codes": codes,
        "lengths": lengths.astype(np.float16),
        "books": books.astype(np.float16),
        "lines": 256 * np.arange(codes.shape[1], dtype=np.int32),
        "shape": np.array([0, 0, rows.shape[1]], dtype=np.int64),
    }
    node_of, to = helper.make_node, onnx.TensorProto
    nodes = []
    for node in graph.node:
        if node.op_type != "Gather" or node.input[0] != name:
            nodes.append(node)
            continue
        ids, out = node.input[1], node.output[0]
        nodes += [
            node_of("Gather", [f"{name}.codes", ids], [f"{out}_codes"]),
            node_of("Cast", [f"{out}_codes"], [f"{out}_numbers"], to=to.INT32),
            node_of("Add", [f"{out}_numbers", f"{name}.lines"], [f"{out}_lines"]),
            node_of("Gather", [f"{name}.books", f"{out}_lines"], [f"{out}_runs"]),
            node_of("Reshape", [f"{out}_runs", f"{name}.shape"], [f"{out}_half"]),
            node_of("Cast", [f"{out}_half"], [f"{out}_unit"], to=to.FLOAT),
            node_of("Gather", [f"{name}.lengths", ids], [f"{out}_halflength"]),
            node_of("Cast", [f"{out}_halflength"], [f"{out}_length"], to=to.FLOAT),
            node_of("Mul", [f"{out}_unit", f"{out}_length"], [out]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.remove(table)
    for part, values in constants.items():
        graph.initializer.append(numpy_helper.from_array(values, f"{name}.{part}"))


def quantise_tables(model: onnx.ModelProto, seed: int = 13) -> None:
    """Product-quantise the two tables with a row for each token."""
    tables = [t for t in model.graph.initializer if t.dims and t.dims[0] >= LEAST_TOKENS]
    for table in tables:
        width = WORD_WIDTH if table.dims[1] == DIMENSION else STATIC_WIDTH
        quantise_table(model.graph, table, width, seed)


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
    quantise_tables(model)
    onnx.checker.check_model(model)
    onnx.save(model, target)
