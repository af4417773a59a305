"""OnnxEncoder on a tiny model made on the spot, and on the bundled one."""

from pathlib import Path

import numpy as np
import pytest

from pincite.embed.bundled import bundled_folder
from pincite.embed.encoder import Encoder
from pincite.embed.onnx import OnnxEncoder
from pincite.errors import EncoderError, ModelFilesError
from tests.embed.encoder_suite import EncoderSuite
from tests.embed.tiny import (
    DIMENSION,
    MAX_LENGTH,
    NAN,
    VOCABULARY,
    ZERO,
    tiny_graph,
    token_vectors,
    write_model_folder,
)


@pytest.fixture(scope="module")
def bundled() -> OnnxEncoder:
    return OnnxEncoder(bundled_folder(), threads=2)


def prompts(query: str, passage: str) -> dict[str, object]:
    return {"query_prompt": query, "passage_prompt": passage}


class TestTinyModel(EncoderSuite):
    @pytest.fixture
    def encoder(self, model_folder: Path) -> Encoder:
        return OnnxEncoder(model_folder, threads=3)


class TestBundledModel(EncoderSuite):
    @pytest.fixture
    def encoder(self, bundled: OnnxEncoder) -> Encoder:
        return bundled

    def test_translations_are_nearer_than_other_texts(self, encoder: Encoder) -> None:
        questions = encoder.encode_queries(["法院是怎么判的？", "what did the court rule?"])
        texts = ["The court ruled against Xiaomi.", "It will rain in Paris tomorrow."]
        cosines = questions @ encoder.encode_passages(texts).T
        assert (cosines[:, 0] > cosines[:, 1] + 0.2).all()


def test_a_row_is_the_mean_of_the_token_vectors(model_folder: Path) -> None:
    table = token_vectors()
    tokens = ["[CLS]", "a", "b", "小", "[SEP]"]
    mean = table[[VOCABULARY.index(token) for token in tokens]].mean(axis=0)
    row = OnnxEncoder(model_folder).encode_passages(["ab 小"])[0]
    assert np.allclose(row, mean / np.linalg.norm(mean), atol=1e-6)


def test_the_spec_leaves_room_for_special_tokens_and_prompts(tmp_path: Path) -> None:
    folder = write_model_folder(tmp_path, changes=prompts("query: ", "p: "))
    spec = OnnxEncoder(folder).spec
    assert (spec.name, spec.revision, spec.dimension) == ("tiny", "abc", DIMENSION)
    assert spec.max_length == MAX_LENGTH - 2 - len("query:")


def test_prompts_are_put_before_the_texts(tmp_path: Path) -> None:
    plain = OnnxEncoder(write_model_folder(tmp_path / "plain"))
    prompted = OnnxEncoder(write_model_folder(tmp_path / "prompted", changes=prompts("q: ", "p: ")))
    wanted = plain.encode_passages(["q: abc", "p: abc"])
    assert np.array_equal(prompted.encode_queries(["abc"]), wanted[:1])
    assert np.array_equal(prompted.encode_passages(["abc"]), wanted[1:])


def test_folding_makes_scripts_and_widths_one(tmp_path: Path) -> None:
    folded = OnnxEncoder(write_model_folder(tmp_path / "folded", changes={"fold": "t2s"}))
    rows = folded.encode_passages(["后小ab", "後小ａｂ"])
    assert np.array_equal(rows[0], rows[1])
    assert folded.count_tokens(["後小ａｂ"]) == [4]
    raw = OnnxEncoder(write_model_folder(tmp_path / "raw")).encode_passages(["后小ab", "後小ａｂ"])
    assert not np.allclose(raw[0], raw[1])


def test_token_types_are_fed_where_the_graph_has_them(tmp_path: Path) -> None:
    plain = OnnxEncoder(write_model_folder(tmp_path / "plain"))
    typed = OnnxEncoder(write_model_folder(tmp_path / "typed", graph=tiny_graph(types=True)))
    assert np.array_equal(plain.encode_queries(["abc"]), typed.encode_queries(["abc"]))


@pytest.mark.parametrize("text", [NAN, ZERO])
def test_a_vector_without_direction_is_refused(model_folder: Path, text: str) -> None:
    with pytest.raises(EncoderError, match=f"tiny.*{text}"):
        OnnxEncoder(model_folder).encode_passages(["abc", text])


def test_a_lone_surrogate_is_refused(model_folder: Path) -> None:
    encoder = OnnxEncoder(model_folder)
    with pytest.raises(EncoderError, match=r"U\+D800 at 1"):
        encoder.encode_queries(["a\ud800"])
    with pytest.raises(EncoderError, match=r"U\+D800 at 1"):
        encoder.count_tokens(["a\ud800"])


def test_threads_must_be_positive(model_folder: Path) -> None:
    with pytest.raises(ValueError, match="threads is 0"):
        OnnxEncoder(model_folder, threads=0)


def test_an_altered_file_is_refused_with_both_digests(model_folder: Path) -> None:
    graph = model_folder / "onnx" / "model.onnx"
    data = bytearray(graph.read_bytes())
    data[-1] ^= 1
    graph.write_bytes(data)
    with pytest.raises(
        ModelFilesError, match=r"model\.onnx is altered: SHA-256 \w{64}, wanted \w{64}"
    ):
        OnnxEncoder(model_folder)


def test_a_missing_file_is_named(model_folder: Path) -> None:
    (model_folder / "tokenizer.json").unlink()
    with pytest.raises(ModelFilesError, match=r"tokenizer\.json is missing; .*pip install"):
        OnnxEncoder(model_folder)
    with pytest.raises(ModelFilesError, match=r"manifest\.json is missing"):
        OnnxEncoder(model_folder / "nowhere")


def test_an_unlisted_file_is_refused_save_documents(model_folder: Path) -> None:
    (model_folder / "README.md").write_text("about", encoding="utf-8")
    (model_folder / ".DS_Store").write_bytes(b"x")
    OnnxEncoder(model_folder)
    (model_folder / "onnx" / "model.onnx.data").write_bytes(b"x")
    with pytest.raises(ModelFilesError, match=r"onnx/model\.onnx\.data, which manifest\.json"):
        OnnxEncoder(model_folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dimension": 9}, r"shape \(8,\), its manifest says \(9,\)"),
        ({"dimension": 0}, "positive integers"),
        ({"max_length": "24"}, "positive integers"),
        ({"max_length": 2}, "no room"),
        ({"pooling": "cls"}, "pooling 'cls', wanted 'mean'"),
        ({"normalize": False}, "normalize False, wanted true"),
        ({"fold": "s2t"}, "fold 's2t'"),
        ({"name": None}, "wanted strings"),
        ({"surprise": 1}, "not a model manifest: .*surprise"),
        ({"files": {}}, r"lists no tokenizer\.json"),
        ({"files": []}, "not a model manifest"),
        ({"files": {"../x": {"sha256": ""}}}, "outside its folder"),
    ],
)
def test_a_wrong_manifest_is_refused(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ModelFilesError, match=message):
        OnnxEncoder(write_model_folder(tmp_path, changes=changes))


def test_garbage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFilesError, match=r"failed loading .*model\.onnx"):
        OnnxEncoder(write_model_folder(tmp_path / "graph", graph=b"garbage"))
    with pytest.raises(ModelFilesError, match=r"takes .* and gives .*wanted"):
        OnnxEncoder(write_model_folder(tmp_path / "output", graph=tiny_graph(output="other")))
    folder = write_model_folder(tmp_path / "manifest")
    (folder / "manifest.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ModelFilesError, match="not a model manifest"):
        OnnxEncoder(folder)
