"""The bundled model with its second set of weights, which reads a question with a passage."""

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pincite.embed.bundled import READER
from pincite.embed.encoder import Matrix
from pincite.embed.onnx import OnnxEncoder
from pincite.embed.reader import Page
from pincite.errors import ModelFilesError
from pincite.records import Span

# Tokens read of each part; what training/reader.py was trained with.
QUESTION_TOKENS, HEADING_TOKENS, PASSAGE_TOKENS = 48, 24, 192
# A sentence that no token of is read, and the least and most of any other.
BOUND = 12.0
_OUTPUT, _SEGMENTS = "reading", "segments"
_HEAD_BIAS = "head.bias"


@dataclass(frozen=True, slots=True)
class _Window:
    """As many tokens as are read at once: those of ``page``, from ``first`` to before ``end``."""

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
        self._weights, self._bias = _weights(encoder)
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
        heading = self._ids(page.heading, HEADING_TOKENS) if page.heading.strip() else []
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


def _weights(encoder: OnnxEncoder) -> tuple[dict[str, Matrix], Matrix]:
    """Read the inputs that make the graph a reader, and the bias of its head.

    A name with ``/scale`` beside it is stored in 8 bits, to be multiplied by that.
    """
    graph = encoder.graph
    place = graph.folder / READER
    if graph.reader is None:
        raise ModelFilesError(f"{graph.folder} holds no {READER}: this model cannot read")
    try:
        with np.load(io.BytesIO(graph.reader), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (ValueError, OSError) as exc:
        raise ModelFilesError(f"{place} holds no reader: {exc}") from exc
    found = {
        name: (values * arrays.get(f"{name}/scale", np.float32(1))).astype(np.float32)
        for name, values in arrays.items()
        if not name.endswith("/scale")
    }
    wanted = {n: shape for n, shape in graph.optional_inputs.items() if n != _SEGMENTS}
    bias = found.pop(_HEAD_BIAS, None)
    fits = found.keys() == wanted.keys() and all(_fits(found[n], wanted[n]) for n in wanted)
    if bias is None or not fits:
        raise ModelFilesError(
            f"{place} holds {sorted(found)}, the graph takes {sorted(wanted)} of other shapes"
        )
    return found, bias


def _fits(values: Matrix, shape: Sequence[int | str]) -> bool:
    sizes = zip(values.shape, shape, strict=False)
    return values.ndim == len(shape) and all(n == d or isinstance(d, str) for n, d in sizes)
