"""The bundled model's token vectors as a lexicon of both languages."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pincite.embed.bundled import GRAPH, REINSTALL, read_model_folder
from pincite.embed.encoder import Matrix
from pincite.embed.graph import TextGraph
from pincite.embed.onnx_constants import constants
from pincite.errors import ModelFilesError

# Two tokens of this cosine or less have nothing in common, those of the second mean the same.
# Chosen on the development sets (docs/evaluation.md).
STRANGE, SAME = 0.2, 0.6

# What training/quantise.py stores: a token's row is the book lines that its codes name, one after
# another; a static row is what a matrix makes of the word row, and its own on top.
_WORDS = ("words.codes", "words.books")
_STATIC = ("static.codes", "static.books")
_MATRIX, _LENGTHS = "static.matrix", "static.lengths"
_TEXTS_KEPT = 20_000
# Below it rounding alone decides where a row points.
_SHORTEST = 1e-6

Ids = NDArray[np.int64]


class OnnxLexicon:
    """A ``Lexicon`` of the model's static part, whose rows were trained to meet their translations.

    A word is a token; the length of its row is its weight, as it was in training. Nothing is run:
    the rows are read from the graph's file, each once. Safe to use from several threads.

    Source:
        Khattab and Zaharia, "ColBERT", SIGIR 2020, for the best match of each of a question's
        tokens (max-sim). Its use across languages, on vectors without context, is ours.
    """

    def __init__(self, graph: TextGraph) -> None:
        """Read the token tables of a model folder.

        Raises:
            ModelFilesError: If a file was altered since it was loaded, or holds no such tables.
        """
        model = read_model_folder(graph.folder)[1][GRAPH]
        try:
            found = constants(model, (*_WORDS, *_STATIC, _MATRIX, _LENGTHS))
            self._words = [found[name] for name in _WORDS]
            self._static = [found[name] for name in _STATIC]
            self._matrix = found[_MATRIX].astype(np.float32)
            self._weights = found[_LENGTHS].astype(np.float32)[:, 0]
        except (ValueError, KeyError, IndexError) as exc:
            raise ModelFilesError(
                f"{graph.folder / GRAPH} holds no token tables: {exc}; {REINSTALL}"
            ) from exc
        self._graph = graph
        self._read: dict[int, NDArray[np.float16]] = {}
        self._tokens = lru_cache(maxsize=_TEXTS_KEPT)(self._find_tokens)

    def shares(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the share of the question's words in each text, as ``Lexicon.shares`` says.

        Cosines from ``STRANGE`` to ``SAME`` count from 0 to 1. For m distinct tokens in the
        question and n in all texts together m * n * d multiply-adds.

        Raises:
            EncoderError: If a text is not valid Unicode.
        """
        asked = self._tokens(question)
        weights = self._weights[asked]
        shares = np.zeros(len(texts), dtype=np.float32)
        held = [self._tokens(text) for text in texts]
        filled = [i for i, tokens in enumerate(held) if tokens.size]
        if not filled or not weights.any():
            return shares
        each = np.concatenate([held[i] for i in filled])
        tokens, place = np.unique(each, return_inverse=True)
        cosines = self._rows(asked) @ self._rows(tokens).T
        alike = np.clip((cosines - STRANGE) / (SAME - STRANGE), 0, 1)
        starts = np.cumsum([0, *(held[i].size for i in filled[:-1])])
        best = np.maximum.reduceat(alike[:, place], starts, axis=1)
        shares[filled] = weights @ best / weights.sum()
        return shares

    def _find_tokens(self, text: str) -> Ids:
        tokens = self._graph.tokens(self._graph.fold(text))
        return np.unique(np.array(tokens.ids, dtype=np.int64))

    def _rows(self, ids: Ids) -> Matrix:
        """Return the tokens' directions, shape (n, d), unit rows."""
        wanted = ids.tolist()
        if new := [i for i in wanted if i not in self._read]:
            rows = _decoded(self._words, new) @ self._matrix + _decoded(self._static, new)
            rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _SHORTEST)
            self._read.update(zip(new, rows.astype(np.float16), strict=True))
        return np.array([self._read[i] for i in wanted]).astype(np.float32)


@lru_cache(maxsize=1)
def lexicon_of(graph: TextGraph) -> OnnxLexicon:
    """Return a graph's lexicon; libraries that share an encoder share its tables.

    Raises:
        ModelFilesError: As ``OnnxLexicon`` does.
    """
    return OnnxLexicon(graph)


def _decoded(table: Sequence[NDArray[np.generic]], ids: Sequence[int]) -> Matrix:
    codes, books = table
    lines = codes[ids].astype(np.int64) + 256 * np.arange(codes.shape[1])
    rows: Matrix = np.take(books, lines, axis=0).reshape(len(ids), -1).astype(np.float32)
    return rows
