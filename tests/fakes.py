"""Small stand-ins that go through the real interfaces."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from pincite.embed.encoder import EncoderSpec, Matrix, Progress
from pincite.errors import EmptyDocumentError, SourceNotFoundError
from pincite.library.embedding import SplitDocument, embed
from pincite.library.store import LibrarySpec
from pincite.library.writer import NewDocument
from pincite.records import Chunk, ParsedDocument, RawSource, Span
from pincite.text import index_terms


class HashEncoder:
    """An ``Encoder``: a hashed bag of words, so that texts that share words are similar."""

    def __init__(self, dimension: int = 64, name: str = "hash", max_length: int = 512) -> None:
        self.spec = EncoderSpec(name, "1", dimension, max_length)
        self.embedded = 0

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        self.embedded += len(texts)
        if progress and texts:
            progress(len(texts))
        return self._encode(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(index_terms(text)) for text in texts]

    def _encode(self, texts: Sequence[str]) -> Matrix:
        rows = [
            np.sum([self._direction(term) for term in index_terms(text) or [text]], axis=0)
            for text in texts
        ]
        matrix: Matrix = np.array(rows, dtype=np.float32).reshape(-1, self.spec.dimension)
        matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
        return matrix

    def _direction(self, term: str) -> Matrix:
        seed = int.from_bytes(hashlib.sha256(term.encode()).digest()[:8])
        return np.random.default_rng(seed).standard_normal(self.spec.dimension, dtype=np.float32)


class ParagraphSplitter:
    """A splitter: passages are paragraphs, sentences end in a full stop."""

    def split(self, text: str) -> list[Chunk]:
        return [
            Chunk(
                match.start(),
                match.end(),
                "",
                tuple(
                    Span(match.start() + s.start(), match.start() + s.end())
                    for s in re.finditer(r"[^.。\s][^.。]*[.。]?", match.group())
                ),
            )
            for match in re.finditer(r"\S(?:.|\n(?!\n))*", text)
        ]


class TextLoader:
    """A loader of UTF-8 text files, whose title is their first line."""

    def __init__(self) -> None:
        self.parsed: list[str] = []

    def fetch(self, source: str) -> RawSource:
        path = Path(source)
        if not path.is_file():
            raise SourceNotFoundError(f"{source}: there is no such file")
        return self.wrap(source, path.read_bytes())

    @staticmethod
    def wrap(source: str, data: bytes) -> RawSource:
        return RawSource(source, Path(source).name, data, hashlib.sha256(data).hexdigest())

    def parse(self, raw: RawSource) -> ParsedDocument:
        self.parsed.append(raw.source)
        text = raw.data.decode().strip()
        if not text:
            raise EmptyDocumentError(f"{raw.source}: no text")
        return parsed_document(text)


def parsed_document(text: str, title: str | None = None) -> ParsedDocument:
    """A plain text document; its title is its first line if none is given."""
    return ParsedDocument(title or text.splitlines()[0][:40], text, None, "en", "text/plain")


def library_spec(encoder: HashEncoder) -> LibrarySpec:
    return LibrarySpec(encoder.spec, splitter_version=1, passage_tokens=200)


def new_document(
    source: str, text: str, encoder: HashEncoder, *, sentence_vectors: bool = True
) -> NewDocument:
    """A document ready to be stored, its passages the paragraphs of ``text``."""
    parsed = parsed_document(text, title=Path(source).stem)
    split = SplitDocument(parsed.title, text, ParagraphSplitter().split(text))
    (embedded,) = embed([split], encoder, sentence_vectors=sentence_vectors)
    digest = hashlib.sha256(f"{source} {text}".encode()).hexdigest()
    return NewDocument(source, digest, parsed, embedded)


def bytes_under(folders: Iterable[Path]) -> bytes:
    """All that the files under these folders hold."""
    return b"".join(p.read_bytes() for f in folders for p in sorted(f.rglob("*")) if p.is_file())
