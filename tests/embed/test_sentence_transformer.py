"""SentenceTransformerEncoder on small models made on the spot."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from pincite.embed.encoder import Encoder
from pincite.embed.sentence_transformer import SentenceTransformerEncoder
from pincite.errors import EncoderError
from tests.embed.encoder_suite import TEXTS, EncoderSuite
from tests.embed.tiny import VOCABULARY, character_tokenizer

MAX_LENGTH = 40


def save_model(folder: Path, prompts: dict[str, str] | None = None) -> Path:
    """Save a random BERT of 32 dimensions as a sentence-transformers model."""
    torch.manual_seed(7)
    bert = BertModel(
        BertConfig(
            vocab_size=len(VOCABULARY),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
        )
    )
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=character_tokenizer(),
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=MAX_LENGTH,
    )
    plain = folder / "plain"
    bert.save_pretrained(plain)
    tokenizer.save_pretrained(plain)
    transformer = Transformer(str(plain), max_seq_length=MAX_LENGTH)
    model = SentenceTransformer(modules=[transformer, Pooling(32)], prompts=prompts)
    saved = folder / "saved"
    model.save(str(saved), create_model_card=False)
    return saved


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def loaded(saved: Path) -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(str(saved), device="cpu", threads=2)


class TestSentenceTransformer(EncoderSuite):
    tolerance = 1e-6

    @pytest.fixture
    def encoder(self, loaded: SentenceTransformerEncoder) -> Encoder:
        return loaded


def test_rows_are_those_of_the_library_itself(
    saved: Path, loaded: SentenceTransformerEncoder
) -> None:
    wanted = SentenceTransformer(str(saved), device="cpu").encode(TEXTS, normalize_embeddings=True)
    assert np.allclose(loaded.encode_passages(TEXTS), wanted, atol=1e-6)
    assert np.allclose(loaded.encode_queries(TEXTS), wanted, atol=1e-6)


def test_the_spec_says_what_the_model_is(saved: Path, loaded: SentenceTransformerEncoder) -> None:
    assert loaded.spec.name == str(saved)
    assert loaded.spec.dimension == 32
    assert loaded.spec.max_length == MAX_LENGTH - 2


def test_the_revision_of_a_folder_changes_with_its_content(tmp_path: Path) -> None:
    folder = save_model(tmp_path)
    first = SentenceTransformerEncoder(str(folder)).spec.revision
    assert SentenceTransformerEncoder(str(folder)).spec.revision == first
    (folder / "README.md").write_text("about", encoding="utf-8")
    assert SentenceTransformerEncoder(str(folder)).spec.revision == first
    config = folder / "config_sentence_transformers.json"
    config.write_text(config.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert SentenceTransformerEncoder(str(folder)).spec.revision != first


def test_the_family_s_prompts_are_applied(saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "multilingual-e5-tiny"
    folder.symlink_to(saved, target_is_directory=True)
    encoder = SentenceTransformerEncoder(str(folder), device="cpu")
    plain = SentenceTransformer(str(saved), device="cpu")
    wanted = plain.encode(["query: ab", "passage: ab"], normalize_embeddings=True)
    assert np.allclose(encoder.encode_queries(["ab"]), wanted[:1], atol=1e-6)
    assert np.allclose(encoder.encode_passages(["ab"]), wanted[1:], atol=1e-6)
    assert encoder.spec.max_length == MAX_LENGTH - 2 - len("passage:")


def test_the_model_s_own_prompts_are_applied(tmp_path: Path) -> None:
    folder = save_model(tmp_path, {"query": "q: ", "document": "d: "})
    encoder = SentenceTransformerEncoder(str(folder), device="cpu")
    plain = SentenceTransformer(str(folder), device="cpu")
    wanted = plain.encode(["q: ab", "d: ab"], prompt="", normalize_embeddings=True)
    assert np.allclose(encoder.encode_queries(["ab"]), wanted[:1], atol=1e-6)
    assert np.allclose(encoder.encode_passages(["ab"]), wanted[1:], atol=1e-6)


def test_pickled_weights_are_refused(saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    folder.mkdir()
    for file in saved.iterdir():
        if file.is_file() and file.suffix != ".safetensors":
            (folder / file.name).write_bytes(file.read_bytes())
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(EncoderError, match=r"pytorch_model\.bin, a pickle; wanted safetensors"):
        SentenceTransformerEncoder(str(folder))


def test_code_in_the_model_s_folder_is_not_run(tmp_path: Path) -> None:
    folder = save_model(tmp_path)
    (folder / "evil.py").write_text("raise SystemExit('evil code was run')", encoding="utf-8")
    modules = folder / "modules.json"
    text = modules.read_text(encoding="utf-8")
    start = text.index("sentence_transformers.")
    modules.write_text(
        text[:start] + "evil.Pooling" + text[text.index('"', start) :], encoding="utf-8"
    )
    with pytest.raises(EncoderError, match=r"could not be loaded on cpu: .*[^.]\. If it cannot"):
        SentenceTransformerEncoder(str(folder))


def test_a_missing_folder_and_a_wrong_device_are_named(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"model folder .*nowhere does not exist"):
        SentenceTransformerEncoder(str(tmp_path / "nowhere"))
    with pytest.raises(EncoderError, match=r"device 'toaster' is unknown"):
        SentenceTransformerEncoder(str(saved), device="toaster")


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_named_model_that_cannot_be_had_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(EncoderError, match=r"^model acme/no-such-model could not be .*path of a"):
        SentenceTransformerEncoder("acme/no-such-model", device="cpu")


def test_a_missing_extra_is_named() -> None:
    code = """
import sys
sys.modules["torch"] = None
from pincite.errors import MissingExtraError
try:
    import pincite.embed.sentence_transformer
except MissingExtraError as error:
    print(error)
"""
    assert "pip install 'pincite[models]'" in run_python(code)


def test_the_bundled_model_needs_no_torch() -> None:
    code = """
import sys
from pincite.embed.bundled import bundled_folder
from pincite.embed.onnx import OnnxEncoder
assert OnnxEncoder(bundled_folder()).encode_queries(["hello"]).shape[0] == 1
heavy = {"torch", "sentence_transformers", "transformers"} & set(sys.modules)
print(sorted(heavy))
"""
    assert run_python(code) == "[]\n"
