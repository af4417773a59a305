"""The bundled kind of model: ONNX Runtime and a tokenizer, no PyTorch."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np

from pincite.embed.bundled import GRAPH, TOKENIZER
from pincite.embed.encoder import EncoderSpec, Matrix, Progress
from pincite.embed.graph import TextGraph
from pincite.errors import EncoderError, ModelFilesError

_SLICE = 64
# Below it rounding alone decides where a vector points.
_SHORTEST = 1e-6


class OnnxEncoder:
    """A model folder run on the CPU: the mean of the last layer's tokens, made a unit row.

    Each text is run alone, on one thread, and ``threads`` texts at once.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Check and load a model folder.

        Args:
            folder: Holds manifest.json, tokenizer.json, onnx/model.onnx.
            threads: Texts encoded at once, at least 1.

        Raises:
            ModelFilesError: If a file is missing, altered or not listed, or is no such model.
        """
        if threads < 1:
            raise ValueError(f"threads is {threads}, wanted at least 1")
        self.graph = TextGraph(folder)
        self.threads = threads
        self.count_tokens = self.graph.count_tokens
        manifest = self.graph.manifest
        prompt_tokens = max(self.count_tokens([manifest.query_prompt, manifest.passage_prompt]))
        taken = self.graph.special_tokens + prompt_tokens
        self._spec = EncoderSpec(
            manifest.name, manifest.revision, manifest.dimension, manifest.max_length - taken
        )
        self._check_sizes()

    @property
    def spec(self) -> EncoderSpec:
        """The model's identity and sizes."""
        return self._spec

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Embed questions: shape (n, d), float32, unit rows, in the order given.

        Raises:
            EncoderError: If a text is not valid Unicode or the model gives no direction for it.
        """
        return self._encode(texts, self.graph.manifest.query_prompt, None)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        """Embed passages or sentences: shape (n, d), float32, unit rows, in the order given.

        Args:
            texts: Longer ones are truncated to the model's maximum.
            progress: Called with the number of texts newly done, every 64 texts.

        Raises:
            EncoderError: If a text is not valid Unicode or the model gives no direction for it.
        """
        return self._encode(texts, self.graph.manifest.passage_prompt, progress)

    def _encode(self, texts: Sequence[str], prompt: str, progress: Progress | None) -> Matrix:
        rows = np.empty((len(texts), self._spec.dimension), dtype=np.float32)
        with ThreadPoolExecutor(self.threads) as pool:
            for first in range(0, len(texts), _SLICE):
                part = texts[first : first + _SLICE]
                ids = self.graph.token_ids(part, prompt)
                # A single question, the common case, pays for no thread.
                done = map(self._row, ids) if len(ids) == 1 else pool.map(self._row, ids)
                for i, row in enumerate(done, start=first):
                    rows[i] = row
                if progress:
                    progress(len(part))
        _check_rows(rows, texts, self._spec.name)
        unit: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def _row(self, ids: list[int]) -> Matrix:
        """Return the mean of one text's token vectors, shape (d,), not yet of unit length."""
        mean: Matrix = self.graph.run(ids).mean(axis=0, dtype=np.float32)
        return mean

    def _check_sizes(self) -> None:
        folder = self.graph.folder
        if self._spec.max_length < 1:
            raise ModelFilesError(f"{folder}: prompts leave no room in max_length tokens")
        ids = self.graph.token_ids([""], "")[0]
        if not ids:
            raise ModelFilesError(f"{folder / TOKENIZER} adds no special tokens to a text")
        found = self._row(ids).shape
        if found != (self._spec.dimension,):
            raise ModelFilesError(
                f"{folder / GRAPH} gives vectors of shape {found}, "
                f"its manifest says ({self._spec.dimension},)"
            )


def _check_rows(rows: Matrix, texts: Sequence[str], name: str) -> None:
    norms = np.linalg.norm(rows, axis=1)
    bad = np.flatnonzero(~(np.isfinite(norms) & (norms > _SHORTEST)))
    if bad.size:
        raise EncoderError(
            f"model {name} gave a vector of length {norms[bad[0]]} for {texts[bad[0]][:80]!r}; "
            "wanted a finite one above 0"
        )


@lru_cache(maxsize=1)
def shared_encoder(folder: Path, threads: int) -> OnnxEncoder:
    """Return a model folder's encoder, loaded once for all libraries that have another model.

    Raises:
        ModelFilesError: As ``OnnxEncoder`` does.
    """
    return OnnxEncoder(folder, threads=threads)
