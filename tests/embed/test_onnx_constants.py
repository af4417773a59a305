"""Arrays read from ONNX files, against the onnx package."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pincite.embed.bundled import GRAPH, bundled_folder
from pincite.embed.onnx_constants import constants
from tests.embed.tiny import tiny_graph, token_vectors


def test_they_are_those_that_the_onnx_package_reads() -> None:
    path = bundled_folder() / GRAPH
    stored = {tensor.name: tensor for tensor in onnx.load(path).graph.initializer}
    names = ["words.codes", "static.books", "static.matrix", "static.lengths"]
    found = constants(path.read_bytes(), [*names, "no such array"])
    assert sorted(found) == sorted(names)
    for name in names:
        np.testing.assert_array_equal(found[name], numpy_helper.to_array(stored[name]))
        assert found[name].dtype == numpy_helper.to_array(stored[name]).dtype


def test_only_arrays_asked_for_are_read() -> None:
    (table,) = constants(tiny_graph(), ["table"]).values()
    np.testing.assert_array_equal(table, token_vectors())
    assert constants(tiny_graph(), []) == {}
    with pytest.raises(ValueError, match="last is of the element type 7"):
        constants(tiny_graph(), ["last"])


def test_a_shape_may_be_stored_number_by_number() -> None:
    tensor = numpy_helper.from_array(np.arange(6, dtype=np.float32).reshape(2, 3), "a")
    packed = tensor.SerializeToString()
    assert packed.startswith(b"\x08\x02\x08\x03")
    tensor = TensorProto.FromString(b"\x0a\x02\x02\x03" + packed[4:])
    graph = helper.make_graph([], "g", [], [], [tensor])
    data = helper.make_model(graph).SerializeToString()
    for model in (data, data.replace(packed, b"\x0a\x02\x02\x03" + packed[4:])):
        assert constants(model, ["a"])["a"].tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_what_is_cut_or_no_model_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match=r"no ONNX model|ends too early"):
        constants(tiny_graph()[:-cut], ["table"])
    with pytest.raises(ValueError, match=r"no ONNX model|ends too early"):
        constants(b"garbage", ["table"])
