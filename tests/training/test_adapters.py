"""The adapters in the graph do what those of the PyTorch model do, on a tiny BERT."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

WIDTH, WIDE, RANK = 16, 40, 16
IDS = np.array([[2, 5, 6, 3, 9, 10, 11, 12, 3]], dtype=np.int64)
SEGMENTS = np.array([[0, 0, 0, 0, 1, 1, 1, 1, 1]], dtype=np.float32)
Feed = dict[str, NDArray[Any]]


@pytest.fixture
def bert() -> Any:
    torch.manual_seed(3)
    config = transformers.BertConfig(
        vocab_size=30,
        hidden_size=WIDTH,
        intermediate_size=WIDE,
        num_hidden_layers=6,
        num_attention_heads=2,
        max_position_embeddings=32,
        attn_implementation="eager",
    )
    model = transformers.BertModel(config, add_pooling_layer=False).eval()
    for name, values in model.named_parameters():
        # As it starts, a BERT hardly depends on what is put in.
        if "LayerNorm" not in name:
            values.data.normal_(0, 0.3)
    return model


@pytest.fixture
def plain(bert: Any, script: Callable[[str], Any], tmp_path: Path) -> onnx.ModelProto:
    """The graph of the tiny BERT before anything is added to it."""
    graph = script("graph")
    static = torch.randn(bert.config.vocab_size, WIDTH)
    graph.export_onnx(graph.TextEmbeddings(bert, static), tmp_path / "plain.onnx")
    return onnx.load(tmp_path / "plain.onnx")


@pytest.fixture
def session(plain: onnx.ModelProto, script: Callable[[str], Any]) -> onnxruntime.InferenceSession:
    """The graph with the optional inputs."""
    model = onnx.ModelProto()
    model.CopyFrom(plain)
    script("adapters").add_adapters(model)
    return started(model)


def started(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


def run(session: onnxruntime.InferenceSession, output: str, fed: Feed) -> NDArray[np.float32]:
    found: NDArray[np.float32] = session.run(
        [output], {"input_ids": IDS, "attention_mask": np.ones_like(IDS), **fed}
    )[0]
    return found


def unpacked(arrays: Feed) -> Feed:
    """Return what is fed: the arrays of reader.npz, the 8-bit ones multiplied by their scale."""
    return {
        name: (values * arrays.get(f"{name}/scale", np.float32(1))).astype(np.float32)
        for name, values in arrays.items()
        if not name.endswith("/scale") and name != "head.bias"
    }


def test_fed_adapters_give_what_the_trained_model_gives(
    bert: Any, session: onnxruntime.InferenceSession, script: Callable[[str], Any]
) -> None:
    reading = script("reading_model")
    model = reading.ReadingModel(bert).eval()
    for values in model.trained().values():
        values.normal_(0, 0.3)
    arrays = reading.packed(model.trained())
    fed = unpacked(arrays)
    # The model is given what the 8 bits keep, so that both compute with the same numbers.
    adapters = script("adapters")
    number = dict.fromkeys(("down", "down.wide", "up", "up.wide"), 0)
    for product in adapters.products():
        pair = model.bert.get_submodule(product.place)
        names = adapters.stack(WIDTH, *pair.down.shape[:1], *pair.up.shape[1:])
        for name, values in zip(names, (pair.down, pair.up), strict=True):
            kept = torch.from_numpy(fed[name][number[name]])
            assert torch.allclose(values, kept, atol=0.01)
            values.data.copy_(kept)
            number[name] += 1
    assert number == {"down": 30, "down.wide": 6, "up": 30, "up.wide": 6}
    found = run(session, "reading", {**fed, "segments": SEGMENTS[..., None]}) + arrays["head.bias"]
    with torch.no_grad():
        ids, segments = torch.from_numpy(IDS), torch.from_numpy(SEGMENTS)
        wanted = model(ids, torch.ones_like(ids), segments).numpy()
    assert np.abs(wanted).max() > 0.5
    assert np.allclose(found, wanted, atol=1e-4)


def test_without_them_the_output_is_what_it_was(
    plain: onnx.ModelProto, session: onnxruntime.InferenceSession
) -> None:
    wanted = run(started(plain), "last_hidden_state", {})
    assert np.array_equal(run(session, "last_hidden_state", {}), wanted)
    assert not run(session, "reading", {}).any()


@pytest.mark.parametrize("part", ["down", "down.wide"])
def test_each_stack_of_adapters_changes_the_output(
    session: onnxruntime.InferenceSession, part: str
) -> None:
    random = np.random.default_rng(1)
    shapes = {i.name: i.shape for i in session.get_overridable_initializers()}
    fed = {
        name: random.normal(0, 0.3, [RANK if size == "rank" else size for size in shapes[name]])
        for name in ("down", "down.wide", "up", "up.wide")
    }
    every = run(session, "last_hidden_state", {n: v.astype(np.float32) for n, v in fed.items()})
    fed[part] = np.zeros_like(fed[part])
    some = run(session, "last_hidden_state", {n: v.astype(np.float32) for n, v in fed.items()})
    assert np.abs(every - some).max() > 0.01
    assert np.abs(some - run(session, "last_hidden_state", {})).max() > 0.01
