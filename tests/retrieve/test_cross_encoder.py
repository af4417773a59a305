"""Any cross-encoder as reranker, on tiny ones made on the spot."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from pincite.errors import EncoderError, MissingExtraError
from pincite.records import Question
from pincite.settings import Settings
from pincite.wiring import make_reranker, temporary_workspace
from tests.conftest import ARTICLES
from tests.embed.tiny import VOCABULARY, character_tokenizer

torch = pytest.importorskip("torch")


def save_model(folder: Path, *, labels: int = 1, pickled: bool = False) -> Path:
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
        num_labels=labels,  # type: ignore[call-arg]
        initializer_range=1.0,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    if pickled:
        (folder / "model.safetensors").unlink()
        torch.save({}, folder / "pytorch_model.bin")
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=character_tokenizer(),
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
    ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("reranker"))


def test_scores_depend_on_question_and_text_and_not_on_the_batch(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pincite")
    reranker = make_reranker(Settings(reranker=str(folder), device="cpu", threads=1))
    assert reranker is not None
    assert "loading the reranker" in caplog.text
    assert reranker.name.startswith(f"{folder}@")
    texts = ["car 1", "bus 22", "x" * 500, "", *(f"text {n}" for n in range(40))]
    scores = reranker.score("which car?", texts)
    assert len(scores) == len(texts)
    assert len(set(scores)) > 20
    assert reranker.score("which car?", texts[:1]) == pytest.approx(scores[:1], abs=1e-5)
    assert reranker.score("how far?", texts[:1]) != pytest.approx(scores[:1], abs=1e-7)
    assert reranker.score("which car?", []) == []
    assert torch.get_num_threads() == 1


def test_answers_are_made_with_it(folder: Path) -> None:
    from pincite.records import ParsedDocument

    settings = Settings(reranker=str(folder), device="cpu", threads=1)
    with temporary_workspace(settings) as workspace:
        workspace.add_parsed(
            (source, ParsedDocument(title, text, None, lang, "text/plain"))
            for source, (title, lang, text) in ARTICLES.items()
        )
        answer = workspace.ask(Question("what does the bakery blame?", explain=True))
    assert answer.search is not None
    assert answer.search.reranker is not None
    assert answer.search.reranker.startswith(str(folder))
    assert answer.explain
    ranked = [row.rerank for row in answer.explain if row.rerank is not None]
    assert ranked == sorted(ranked, reverse=True)
    assert len(ranked) == len(answer.explain)


def test_none_is_no_reranker() -> None:
    assert make_reranker(Settings()) is None


@pytest.mark.parametrize(
    ("labels", "pickled", "message"), [(3, False, "3 scores"), (1, True, "pickle")]
)
def test_what_is_no_reranker_is_refused(
    tmp_path: Path, labels: int, pickled: bool, message: str
) -> None:
    path = save_model(tmp_path / "model", labels=labels, pickled=pickled)
    with pytest.raises(EncoderError, match=message):
        make_reranker(Settings(reranker=str(path), device="cpu"))


def test_a_model_that_cannot_be_had_is_told_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError, match="does not exist"):
        make_reranker(Settings(reranker=str(tmp_path / "nowhere")))
    (tmp_path / "empty").mkdir()
    with pytest.raises(EncoderError, match="PINCITE_RERANKER"):
        make_reranker(Settings(reranker=str(tmp_path / "empty"), device="cpu"))


def test_without_the_extra_the_message_names_it() -> None:
    code = (
        "import sys; sys.modules['sentence_transformers'] = None\n"
        "from pincite.errors import MissingExtraError\n"
        "from pincite.settings import Settings\n"
        "from pincite.wiring import make_reranker\n"
        "try:\n    make_reranker(Settings(reranker='some/model'))\n"
        "except MissingExtraError as exc:\n    print(exc)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pincite[models]" in done.stdout, done.stderr
    assert issubclass(MissingExtraError, EncoderError)
