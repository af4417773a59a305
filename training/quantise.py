"""Store an exported graph's weights in 8 bits, with little loss.

The embedding table gets one scale per row. The other matrices get one scale per
output column; their inputs are quantised at run time. A few channels of those
inputs are ten times larger than the rest and would use up the 8-bit range, so they
are multiplied in float32 beside the 8-bit product (LLM.int8()).

Source:
    Dettmers et al., "LLM.int8(): 8-bit Matrix Multiplication for Transformers at
    Scale", arXiv:2208.07339, section 3.2.
"""

import logging
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

OUTLIER_FACTOR = 3.0

Floats = NDArray[np.float32]


def quantise_rows(table: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return int8 rows and their scales, shape (rows, 1), symmetric about zero."""
    scales = np.abs(table).max(axis=1, keepdims=True) / 127
    scales = np.maximum(scales, 1e-12).astype(np.float32)
    return np.round(table / scales).astype(np.int8), scales


def quantise_embedding(model: onnx.ModelProto) -> None:
    """Replace the word table's Gather by a Gather of int8 rows times their scales."""
    graph = model.graph
    table = max(graph.initializer, key=lambda tensor: int(np.prod(tensor.dims)))
    rows, scales = quantise_rows(numpy_helper.to_array(table))
    nodes = []
    for node in graph.node:
        if node.op_type != "Gather" or node.input[0] != table.name:
            nodes.append(node)
            continue
        ids, out = node.input[1], node.output[0]
        nodes += [
            helper.make_node("Gather", ["word_rows", ids], [f"{out}_int8"]),
            helper.make_node("Gather", ["word_scales", ids], [f"{out}_scale"]),
            helper.make_node("Cast", [f"{out}_int8"], [f"{out}_float"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Mul", [f"{out}_float", f"{out}_scale"], [out]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.remove(table)
    graph.initializer.append(numpy_helper.from_array(rows, "word_rows"))
    graph.initializer.append(numpy_helper.from_array(scales, "word_scales"))


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
    quantise_embedding(model)
    onnx.checker.check_model(model)
    onnx.save(model, target)
