"""The one place that chooses back-ends and puts a workspace together."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pincite.embed.encoder import Encoder
from pincite.settings import BUNDLED, Settings
from pincite.workspace import Workspace


def make_encoder(settings: Settings) -> Encoder:
    """Load the embedding model that the settings name.

    Raises:
        EncoderError: If its files are missing or altered, or an extra is not installed.
    """
    threads = settings.threads or min(4, os.cpu_count() or 1)
    if settings.encoder == BUNDLED:
        from pincite.embed.bundled import bundled_folder
        from pincite.embed.onnx import OnnxEncoder

        return OnnxEncoder(bundled_folder(), threads=threads)
    from pincite.embed.sentence_transformer import SentenceTransformerEncoder

    return SentenceTransformerEncoder(
        settings.encoder,
        revision=settings.encoder_revision,
        device=settings.device,
        threads=threads,
    )


def _library_spec(encoder: Encoder, passage_tokens: int) -> LibrarySpec:
    # The embedding text is title, headings and passage: leave room for the first two.
    body = min(passage_tokens, encoder.spec.max_length * 3 // 4)
    return LibrarySpec(encoder.spec, splitter_version=SPLITTER_VERSION, passage_tokens=body)


def _workspace(settings: Settings, library: Library, encoder: Encoder | None) -> Workspace:
    return Workspace(
        library,
        IndexCache(settings.index_folder),
        make_encoder=lambda: encoder or make_encoder(settings),
        make_loader=lambda: Loader(max_bytes=settings.max_upload_mb * 2**20),
        make_assistant=lambda retriever: Assistant(retriever, default_mode=settings.mode),
    )


def open_workspace(settings: Settings, *, create: bool = False) -> Workspace:
    """Open the library in ``settings.home``, or make a new one there if ``create``.

    Raises:
        LibraryMissingError: If there is none and ``create`` is false.
        LibraryCorruptError: If it is damaged.
    """
    if create and not Library.exists(settings.home):
        encoder = make_encoder(settings)
        library = Library.create(settings.home, _library_spec(encoder, settings.passage_tokens))
        return _workspace(settings, library, encoder)
    return _workspace(settings, Library.open(settings.home), None)


@contextmanager
def temporary_workspace(settings: Settings) -> Iterator[Workspace]:
    """Yield an empty library in a folder that is deleted afterwards."""
    with TemporaryDirectory(prefix="pincite-") as folder:
        elsewhere = settings.model_copy(update={"home": Path(folder)})
        with open_workspace(elsewhere, create=True) as workspace:
            yield workspace


def reindex(settings: Settings, progress: Callable[[int, int], None]) -> Workspace:
    """Split and embed every stored document again with the settings' encoder.

    Args:
        settings: Name the library and the encoder.
        progress: Told the documents done and their number.
    """
    encoder = make_encoder(settings)
    library = Library.open(settings.home)
    spec = _library_spec(encoder, settings.passage_tokens)
    Reindex(library, encoder, Splitter(encoder.count_tokens, spec.passage_tokens)).run(spec, progress)
    return _workspace(settings, library, encoder)
