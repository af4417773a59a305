"""Turning split documents into passages with vectors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pincite.embed.encoder import Encoder, Matrix, Progress
from pincite.library.writer import EmbeddedChunks
from pincite.records import Chunk, Span


@dataclass(frozen=True, slots=True)
class SplitDocument:
    """A document's text with the passages it was cut into."""

    title: str
    text: str
    chunks: Sequence[Chunk]


def embedding_text(title: str, heading: str, text: str) -> str:
    """The text that is embedded for a passage: it with the title and the headings above it."""
    # A title that stands in the text is the first of its headings.
    named = "" if heading.startswith(title) else title
    return "\n".join(part for part in (named, heading, text) if part)


def embed(
    documents: Sequence[SplitDocument],
    encoder: Encoder,
    *,
    sentence_vectors: bool = True,
    progress: Progress | None = None,
) -> list[EmbeddedChunks]:
    """Embed documents' passages, and their sentences by themselves, in one call of the encoder.

    Args:
        documents: Split documents, in any number.
        encoder: The embedding model.
        sentence_vectors: Whether to embed the sentences too.
        progress: Told the number of texts newly embedded, after each batch.
    """
    passages = [
        _passage_text(document, chunk) for document in documents for chunk in document.chunks
    ]
    sentences = [
        document.text[span.start : span.end]
        for document in documents
        for span in _spans(document.chunks)
        if sentence_vectors
    ]
    vectors = encoder.encode_passages([*passages, *sentences], progress)
    rest, sentence_rows = vectors[: len(passages)], vectors[len(passages) :]
    embedded = []
    for document in documents:
        mine, rest = _cut(rest, len(document.chunks))
        rows: list[Matrix] | None = None
        if sentence_vectors:
            counts = [len(chunk.sentences) for chunk in document.chunks]
            own, sentence_rows = _cut(sentence_rows, sum(counts))
            rows = np.split(own, np.cumsum(counts)[:-1])
        embedded.append(EmbeddedChunks(document.chunks, mine, rows))
    return embedded


def _passage_text(document: SplitDocument, chunk: Chunk) -> str:
    return embedding_text(document.title, chunk.heading, document.text[chunk.start : chunk.end])


def _spans(chunks: Sequence[Chunk]) -> list[Span]:
    return [span for chunk in chunks for span in chunk.sentences]


def _cut(rows: Matrix, number: int) -> tuple[Matrix, Matrix]:
    return rows[:number], rows[number:]
