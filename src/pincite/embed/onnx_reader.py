"""The bundled model with its second set of weights, which reads a question with a passage."""

import io
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from pincite.embed.bundled import GRAPH, READER, REINSTALL
from pincite.embed.encoder import Matrix
from pincite.embed.graph import TextGraph
from pincite.embed.onnx import OnnxEncoder
from pincite.embed.reader import Page
from pincite.errors import ModelFilesError
from pincite.records import Span

# Tokens read of each part; what training/reader.py was trained with.
QUESTION_TOKENS, HEADING_TOKENS, PASSAGE_TOKENS = 48, 24, 192
# The least and the most that a sentence is given; one in which no token begins has the least.
BOUND = 12.0
_OUTPUT, _SEGMENTS = "reading", "segments"
_HEAD_BIAS = "head.bias"
# What zipfile and NumPy raise on bytes that hold no numbers.
_NO_ARRAYS = (BadZipFile, EOFError, OSError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class _Window:
    """As many tokens as are read at once: the heading's, a part of a page's, separators.

    Attributes:
        page: The page's number.
        ids: The tokens.
        before: How many of them stand before the part of the page.
        sentences: For each token of that part the number of its sentence, or -1.
    """

    page: int
    ids: list[int]
    before: int
    sentences: NDArray[np.int64]


class OnnxReader:
    """A ``Reader`` on ONNX Runtime: each question with one passage is run alone, on one thread."""

    def __init__(self, encoder: OnnxEncoder) -> None:
        """Take the model of an encoder, which need not be loaded twice.

        Raises:
            ModelFilesError: If its folder holds no reader, or one that does not fit its graph.
        """
        self._graph = encoder.graph
        self._threads = encoder.threads
        self._weights, self._bias = _weights(encoder.graph)
        self._begin = self._graph.token_id("[CLS]")
        self._part = self._graph.token_id("[SEP]")

    @property
    def revision(self) -> str:
        """The revision of the reader's weights."""
        return self._graph.manifest.reader

    def read(self, question: str, pages: Sequence[Page]) -> list[Matrix]:
        """Score each sentence of each page, as ``Reader.read`` says.

        Raises:
            EncoderError: If a text is not valid Unicode or the model cannot be run.
        """
        asked = [self._begin, *self._ids(question, QUESTION_TOKENS), self._part]
        windows = [w for number, page in enumerate(pages) for w in self._windows(number, page)]
        scores = [np.full((len(page.sentences), 2), -BOUND, dtype=np.float32) for page in pages]
        with ThreadPoolExecutor(self._threads) as pool:
            for window, found in zip(
                windows, pool.map(lambda w: self._logits(asked, w), windows), strict=True
            ):
                for number in np.unique(window.sentences[window.sentences >= 0]):
                    tokens = found[window.sentences == number]
                    row = scores[window.page][number]
                    np.maximum(row, _sentence_logits(tokens), out=row)
        return [np.minimum(score, BOUND) for score in scores]

    def _ids(self, text: str, most: int) -> list[int]:
        return list(self._graph.tokens(text).ids[:most])

    def _windows(self, number: int, page: Page) -> Iterator[_Window]:
        """Cut a page into windows of whole sentences, as long as each is short enough."""
        heading = self._ids(page.heading, HEADING_TOKENS)
        before = [*heading, self._part] if heading else []
        encoded = self._graph.tokens(page.text)
        owners = _owners(encoded.offsets, page.sentences)
        first = 0
        while first < len(owners):
            end = first + PASSAGE_TOKENS
            if end < len(owners):
                cut = end
                # Back to where a sentence begins, unless it is longer than a window.
                while cut > first and owners[cut] >= 0 and owners[cut] == owners[cut - 1]:
                    cut -= 1
                end = cut if cut > first else end
            if (owners[first:end] >= 0).any():
                ids = [*before, *encoded.ids[first:end], self._part]
                yield _Window(number, ids, len(before), owners[first:end])
            first = end

    def _logits(self, asked: list[int], window: _Window) -> Matrix:
        """Return the begin and end logits of a window's tokens of the passage, shape (n, 2)."""
        ids = [*asked, *window.ids]
        segments = np.ones((1, len(ids), 1), dtype=np.float32)
        segments[0, : len(asked)] = 0
        found = self._graph.run(ids, _OUTPUT, {**self._weights, _SEGMENTS: segments})
        first = len(asked) + window.before
        logits: Matrix = found[first : first + len(window.sentences)] + self._bias
        return logits


def _owners(offsets: Sequence[tuple[int, int]], sentences: Sequence[Span]) -> NDArray[np.int64]:
    """Return for each token the number of the sentence in which it begins, or -1."""
    starts = np.array([start for start, _ in offsets], dtype=np.int64)
    begins = np.array([span.start for span in sentences], dtype=np.int64)
    ends = np.array([span.end for span in sentences], dtype=np.int64)
    place = np.searchsorted(begins, starts, side="right") - 1
    inside = (place >= 0) & (starts < ends[place]) if len(ends) else np.zeros(len(starts), bool)
    owners: NDArray[np.int64] = np.where(inside, place, -1)
    return owners


def _sentence_logits(tokens: Matrix) -> tuple[float, float]:
    """Return the logits of the best answer and of all answers among a sentence's tokens."""
    begin, end = tokens[:, 0], tokens[:, 1]
    best = (np.maximum.accumulate(begin) + end).max() / 2
    every = (np.logaddexp.reduce(begin) + np.logaddexp.reduce(end)) / 2
    return float(best), float(every)


def _weights(graph: TextGraph) -> tuple[dict[str, Matrix], Matrix]:
    """Read the inputs that make the graph a reader, and the bias of its head."""
    if graph.reader is None:
        raise ModelFilesError(
            f"model folder {graph.folder} holds no {READER}, so it cannot read; {REINSTALL}, "
            "or answer without a reader (PINCITE_READER=none)"
        )
    if graph.manifest.fold != "none":
        raise ModelFilesError(
            f"model folder {graph.folder} wants its texts folded, which moves the offsets that a "
            "reader needs; give it a tokenizer that folds by itself"
        )
    found = _arrays(graph.reader, graph.folder / READER)
    if wrong := _misfit(found, graph.optional_inputs):
        raise ModelFilesError(f"{graph.folder / READER} does not fit {GRAPH}: {wrong}; {REINSTALL}")
    return found, found.pop(_HEAD_BIAS)


def _arrays(data: bytes, place: Path) -> dict[str, Matrix]:
    """Read an .npz file; a name with ``/scale`` beside it is to be multiplied by that."""
    try:
        with NpzFile(io.BytesIO(data), allow_pickle=False) as stored:
            return {
                name: (stored[name] * stored.get(f"{name}/scale", 1)).astype(np.float32)
                for name in stored.files
                if not name.endswith("/scale")
            }
    except _NO_ARRAYS as exc:
        raise ModelFilesError(f"{place} holds no reader: {exc}; {REINSTALL}") from exc


def _misfit(found: Mapping[str, Matrix], inputs: Mapping[str, Sequence[int | str]]) -> str | None:
    """Say why the arrays cannot be fed, if so; a name in a shape stands for one size in all."""
    wanted = {name: shape for name, shape in inputs.items() if name != _SEGMENTS}
    wanted[_HEAD_BIAS] = [2]
    if found.keys() != wanted.keys():
        return f"it holds {sorted(found)}, wanted {sorted(wanted)}"
    named: dict[int | str, int] = {}
    for name, shape in wanted.items():
        sizes = found[name].shape
        if len(sizes) == len(shape):
            named |= {d: n for d, n in zip(shape, sizes, strict=True) if d not in named}
        meant = tuple(d if isinstance(d, int) else named.get(d, d) for d in shape)
        if sizes != meant:
            return f"{name} has shape {sizes}, wanted {meant}"
        if not np.isfinite(found[name]).all():
            return f"{name} holds numbers that are not finite"
    return None
