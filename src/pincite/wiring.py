"""The one place that chooses back-ends and puts a workspace together."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pincite.answer.assistant import Assistant
from pincite.answer.confidence.calibration import Calibration, CalibrationStatus, calibration_in_use
from pincite.answer.verification.statement_model import StatementModel
from pincite.answer.writing import Writer
from pincite.embed.bundled import bundled_folder, bundled_reader
from pincite.embed.encoder import Encoder, EncoderSpec
from pincite.embed.lexicon import Lexicon
from pincite.embed.reader import Reader
from pincite.errors import InputError
from pincite.ingest.load import Loader
from pincite.ingest.split import SPLITTER_VERSION, Splitter
from pincite.library.reindex import Reindex
from pincite.library.schema import LibrarySpec
from pincite.library.store import Library
from pincite.llm.breaker import Breaker
from pincite.llm.model import CheckedModel, LanguageModel, Limits
from pincite.retrieve.rerank import Reranker
from pincite.retrieve.retriever import Retriever
from pincite.search.cache import IndexCache, SearchIndexes
from pincite.settings import BUNDLED, NO_RERANKER, Settings
from pincite.workspace import Workspace

if TYPE_CHECKING:
    from pincite.embed.onnx import OnnxEncoder

Watch = Callable[[LanguageModel], LanguageModel]


def make_encoder(settings: Settings) -> Encoder:
    """Load the embedding model that the settings name.

    Raises:
        EncoderError: If its files are missing or altered, or an extra is not installed.
    """
    if settings.encoder == BUNDLED:
        from pincite.embed.onnx import OnnxEncoder

        return OnnxEncoder(bundled_folder(), threads=_threads(settings))
    from pincite.embed.sentence_transformer import SentenceTransformerEncoder

    return SentenceTransformerEncoder(
        settings.encoder,
        revision=settings.encoder_revision,
        device=settings.device,
        threads=_threads(settings),
    )


def make_reader(settings: Settings, encoder: Encoder) -> Reader | None:
    """Make the reader that the settings name, of the encoder's model where that is the same.

    Raises:
        ModelFilesError: If the bundled model's files are missing or altered.
    """
    if settings.reader == "none":
        return None
    from pincite.embed.onnx_reader import OnnxReader

    return OnnxReader(_bundled(settings, encoder))


def calibration(settings: Settings, encoder: EncoderSpec) -> Calibration:
    """Return the calibration with which the library in ``settings.home`` answers.

    Raises:
        ModelFilesError: If the bundled model's files are missing or altered.
    """
    return calibration_in_use(settings.home, encoder, _reader(settings))


def make_reranker(settings: Settings) -> Reranker | None:
    """Load the reranker that the settings name, if they name one.

    Raises:
        EncoderError: If it cannot be loaded, or an extra is not installed.
    """
    if settings.reranker == NO_RERANKER:
        return None
    from pincite.retrieve.cross_encoder import CrossEncoderReranker

    return CrossEncoderReranker(
        settings.reranker,
        revision=settings.reranker_revision,
        device=settings.device,
        threads=_threads(settings),
    )


def make_llm(settings: Settings) -> LanguageModel | None:
    """Make the language model that the settings name, if they name one.

    A model behind a server is not connected to yet; one in this process is loaded, which takes
    seconds. Either is paused for a while after several failures in a row.

    Raises:
        InputError: If a setting that it needs is missing or wrong.
        LLMError: If a model in this process cannot be loaded.
        MissingExtraError: If an extra is not installed.
    """
    if settings.llm == "none":
        return None
    return Breaker(
        _llm(settings),
        failures=settings.llm_pause_after,
        pause_seconds=settings.llm_pause_seconds,
    )


def check_llm(settings: Settings) -> str:
    """Try the language model that the settings name, and tell in a few words that it works.

    Raises:
        InputError: If a setting that it needs is missing or wrong.
        LLMError: If it cannot be used; the message says what to do.
        MissingExtraError: If an extra is not installed.
    """
    model = _llm(settings)
    try:
        return model.check()
    finally:
        model.close()


def open_workspace(
    settings: Settings,
    encoder: Encoder | None = None,
    *,
    create: bool = False,
    watch_llm: Watch = lambda llm: llm,
) -> Workspace:
    """Open the library in ``settings.home``, or make a new one there if ``create``.

    Args:
        settings: Name the library and the embedding model.
        encoder: The model, if it is loaded already.
        create: Whether to make a library where there is none.
        watch_llm: Wraps the language model, to see how it is used.

    Raises:
        LibraryMissingError: If there is none and ``create`` is false.
        LibraryCorruptError: If it is damaged.
    """
    if create and not Library.exists(settings.home):
        encoder = encoder or make_encoder(settings)
        Library.create(settings.home, _spec(encoder, settings.passage_tokens)).close()
    library = Library.open(settings.home)
    return _workspace(settings, library, lambda: encoder or make_encoder(settings), watch_llm)


def index_fault(settings: Settings, library: Library) -> str | None:
    """Tell why the search indexes on disk are not the library's present ones, if they are not."""
    return IndexCache(settings.home / "index").fault(library)


@contextmanager
def temporary_workspace(settings: Settings, encoder: Encoder | None = None) -> Iterator[Workspace]:
    """Yield an empty library in a folder that is deleted afterwards."""
    with TemporaryDirectory(prefix="pincite-") as folder:
        elsewhere = settings.model_copy(update={"home": Path(folder) / "home"})
        with open_workspace(elsewhere, encoder, create=True) as workspace:
            yield workspace


def reindex(settings: Settings, progress: Callable[[int, int], None]) -> Workspace:
    """Split and embed every stored document again with the encoder that the settings name.

    Args:
        settings: Name the library, the encoder and the passages' length.
        progress: Told the documents done and their number, after each.
    """
    library, encoder = Library.open(settings.home), make_encoder(settings)
    spec = _spec(encoder, settings.passage_tokens)
    splitter = Splitter(encoder.count_tokens, spec.passage_tokens)
    Reindex(library, encoder, splitter).run(spec, progress)
    workspace = _workspace(settings, library, lambda: encoder, lambda llm: llm)
    workspace.indexes()
    return workspace


def _bundled(settings: Settings, loaded: Encoder) -> "OnnxEncoder":
    from pincite.embed.onnx import OnnxEncoder, shared_encoder

    if isinstance(loaded, OnnxEncoder):
        return loaded
    return shared_encoder(bundled_folder(), _threads(settings))


def _lexicon(settings: Settings, encoder: Encoder) -> Lexicon:
    from pincite.embed.onnx_lexicon import lexicon_of

    return lexicon_of(_bundled(settings, encoder).graph)


def _llm(settings: Settings) -> CheckedModel:
    if not settings.llm_model:
        raise InputError(f"PINCITE_LLM={settings.llm} needs PINCITE_LLM_MODEL; see docs/llm.md")
    return _served(settings) if settings.llm == "openai" else _in_process(settings)


def _served(settings: Settings) -> CheckedModel:
    if not settings.llm_base_url:
        raise InputError(
            "PINCITE_LLM=openai needs PINCITE_LLM_BASE_URL, such as http://127.0.0.1:11434/v1 for"
            " Ollama; see docs/llm.md"
        )
    from pincite.llm.openai import OpenAIModel

    key = settings.llm_api_key
    return OpenAIModel(
        settings.llm_base_url,
        settings.llm_model or "",
        api_key=key.get_secret_value() if key else None,
        limits=_limits(settings),
        extra=settings.llm_extra,
    )


def _in_process(settings: Settings) -> CheckedModel:
    from pincite.llm.transformers import TransformersModel

    return TransformersModel(
        settings.llm_model or "",
        revision=settings.llm_revision,
        device=settings.device,
        threads=_threads(settings),
        limits=_limits(settings),
        extra=settings.llm_extra,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        context_tokens=settings.llm_context_tokens,
        max_tokens=settings.llm_max_tokens,
        temperature=settings.llm_temperature,
        connect_seconds=settings.llm_connect_seconds,
        first_token_seconds=settings.llm_first_token_seconds,
        token_seconds=settings.llm_token_seconds,
        total_seconds=settings.llm_total_seconds,
        retries=settings.llm_retries,
    )


def _threads(settings: Settings) -> int:
    return settings.threads or min(4, os.cpu_count() or 1)


def _reader(settings: Settings) -> str:
    return "" if settings.reader == "none" else bundled_reader()


def _spec(encoder: Encoder, passage_tokens: int) -> LibrarySpec:
    # What is embedded is title, headings and passage: leave room for the first two.
    room = encoder.spec.max_length * 3 // 4
    return LibrarySpec(encoder.spec, SPLITTER_VERSION, min(passage_tokens, room))


def _workspace(
    settings: Settings, library: Library, encoder: Callable[[], Encoder], watch_llm: Watch
) -> Workspace:
    def retriever(indexes: Callable[[], SearchIndexes], encoder: Encoder) -> Retriever:
        return Retriever(
            library,
            indexes,
            encoder,
            make_reranker(settings),
            passages_reranked=settings.rerank_passages,
            lexicon=cache(lambda: _lexicon(settings, encoder)),
        )

    def assistant(retriever: Retriever) -> Assistant:
        reader = make_reader(settings, retriever.encoder)
        fitted = calibration(settings, retriever.encoder.spec)
        llm = make_llm(settings)
        writer = Writer(watch_llm(llm), retriever, StatementModel.load()) if llm else None
        return Assistant(retriever, fitted, settings.mode, reader, writer)

    def calibrated() -> CalibrationStatus:
        encoder = library.spec.encoder
        return calibration(settings, encoder).status(encoder.name, _reader(settings))

    return Workspace(
        library,
        IndexCache(settings.home / "index"),
        make_encoder=encoder,
        make_loader=lambda: Loader(max_bytes=settings.max_upload_mb * 2**20),
        make_retriever=retriever,
        make_assistant=assistant,
        calibration=calibrated,
    )
