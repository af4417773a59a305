"""The bundled kind of model: ONNX Runtime and a tokenizer, no PyTorch."""

import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors
from tokenizers import Tokenizer

from pincite.embed.bundled import GRAPH, TOKENIZER, read_model_folder
from pincite.embed.encoder import EncoderSpec, Matrix, Progress
from pincite.errors import EncoderError, ModelFilesError
from pincite.text import to_simplified

_OUTPUT = "last_hidden_state"
_REQUIRED_INPUTS = frozenset({"input_ids", "attention_mask"})
_INPUTS = _REQUIRED_INPUTS | {"token_type_ids"}
_SLICE = 64
# Below it rounding alone decides where a vector points.
_SHORTEST = 1e-6
_RUNTIME_ERRORS = (
    ort_errors.EPFail,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


def _to_simplified_half_width(text: str) -> str:
    return to_simplified(unicodedata.normalize("NFKC", text))


def _unchanged(text: str) -> str:
    return text


@contextmanager
def _runtime_errors(doing: str, error: type[EncoderError]) -> Iterator[None]:
    try:
        yield
    except _RUNTIME_ERRORS as exc:
        raise error(f"ONNX Runtime failed {doing}: {exc}") from exc


class OnnxEncoder:
    """A model folder run on the CPU: the mean of the last layer's tokens, made a unit row.

    Each text is run alone, on one thread, and ``threads`` texts at once. A model quantised to
    int8 scales its activations by the largest in the tensor, so that in a padded batch a text's
    row depends on its neighbours: measured on the bundled model, the cosine between the two rows
    of one text falls to 0.983. Alone the rows are equal bit for bit, and no slower.
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
        manifest, files = read_model_folder(folder)
        self._folder = folder
        self._threads = threads
        self._query_prompt = manifest.query_prompt
        self._passage_prompt = manifest.passage_prompt
        self._fold: Callable[[str], str] = (
            _to_simplified_half_width if manifest.fold == "t2s" else _unchanged
        )
        self._counter = _tokenizer(files[TOKENIZER], folder)
        self._tokenizer = _tokenizer(files[TOKENIZER], folder)
        self._tokenizer.enable_truncation(manifest.max_length)
        self._session = _session(files[GRAPH], folder)
        self._inputs = _input_names(self._session, folder)
        prompt_tokens = max(self.count_tokens([self._query_prompt, self._passage_prompt]))
        taken = self._tokenizer.num_special_tokens_to_add(False) + prompt_tokens
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
        return self._encode(texts, self._query_prompt, None)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        """Embed passages or sentences: shape (n, d), float32, unit rows, in the order given.

        Args:
            texts: Longer ones are truncated to the model's maximum.
            progress: Called with the number of texts newly done, every 64 texts.

        Raises:
            EncoderError: If a text is not valid Unicode or the model gives no direction for it.
        """
        return self._encode(texts, self._passage_prompt, progress)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens, special tokens and prompt left out."""
        folded = [self._fold(text) for text in texts]
        _refuse_surrogates(folded)
        found = self._counter.encode_batch_fast(folded, add_special_tokens=False)
        return [len(encoding.ids) for encoding in found]

    def _encode(self, texts: Sequence[str], prompt: str, progress: Progress | None) -> Matrix:
        rows = np.empty((len(texts), self._spec.dimension), dtype=np.float32)
        with ThreadPoolExecutor(self._threads) as pool:
            for first in range(0, len(texts), _SLICE):
                part = texts[first : first + _SLICE]
                ids = self._token_ids(part, prompt)
                # A single question, the common case, pays for no thread.
                done = map(self._row, ids) if len(ids) == 1 else pool.map(self._row, ids)
                for i, row in enumerate(done, start=first):
                    rows[i] = row
                if progress:
                    progress(len(part))
        _check_rows(rows, texts, self._spec.name)
        unit: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def _token_ids(self, texts: Sequence[str], prompt: str) -> list[list[int]]:
        prompted = [prompt + self._fold(text if text.strip() else "") for text in texts]
        _refuse_surrogates(prompted)
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(prompted)]

    def _row(self, ids: list[int]) -> Matrix:
        """Return the mean of one text's token vectors, shape (d,), not yet of unit length."""
        tokens = np.array([ids], dtype=np.int64)
        feed = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
        if "token_type_ids" in self._inputs:
            feed["token_type_ids"] = np.zeros_like(tokens)
        with _runtime_errors(f"running {self._folder}", EncoderError):
            hidden: Matrix = self._session.run([_OUTPUT], feed)[0]
        mean: Matrix = hidden[0].mean(axis=0, dtype=np.float32)
        return mean

    def _check_sizes(self) -> None:
        if self._spec.max_length < 1:
            raise ModelFilesError(f"{self._folder}: prompts leave no room in max_length tokens")
        ids = self._token_ids([""], "")[0]
        if not ids:
            raise ModelFilesError(f"{self._folder / TOKENIZER} adds no special tokens to a text")
        found = self._row(ids).shape
        if found != (self._spec.dimension,):
            raise ModelFilesError(
                f"{self._folder / GRAPH} gives vectors of shape {found}, "
                f"its manifest says ({self._spec.dimension},)"
            )


def _tokenizer(data: bytes, folder: Path) -> Tokenizer:
    """Load a tokenizer without truncation or padding."""
    try:
        missing = {"model", "normalizer", "added_tokens"} - set(json.loads(data))
    except ValueError as exc:
        raise ModelFilesError(f"{folder / TOKENIZER} is not a tokenizer: {exc}") from exc
    if missing:
        raise ModelFilesError(
            f"{folder / TOKENIZER} is not a tokenizer: it lacks {sorted(missing)}"
        )
    tokenizer = Tokenizer.from_buffer(data)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _session(graph: bytes, folder: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    with _runtime_errors(f"loading {folder / GRAPH}", ModelFilesError):
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _input_names(session: onnxruntime.InferenceSession, folder: Path) -> set[str]:
    inputs = {entry.name for entry in session.get_inputs()}
    outputs = {entry.name for entry in session.get_outputs()}
    if not _REQUIRED_INPUTS <= inputs <= _INPUTS or _OUTPUT not in outputs:
        raise ModelFilesError(
            f"{folder / GRAPH} takes {sorted(inputs)} and gives {sorted(outputs)}; wanted "
            f"{sorted(_REQUIRED_INPUTS)}, perhaps token_type_ids, and {_OUTPUT}"
        )
    return inputs


def _refuse_surrogates(texts: Sequence[str]) -> None:
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError as exc:
            raise EncoderError(
                f"a text holds the lone surrogate U+{ord(text[exc.start]):04X} at {exc.start}, "
                "which is not valid Unicode; remove it before encoding"
            ) from exc


def _check_rows(rows: Matrix, texts: Sequence[str], name: str) -> None:
    norms = np.linalg.norm(rows, axis=1)
    bad = np.flatnonzero(~(np.isfinite(norms) & (norms > _SHORTEST)))
    if bad.size:
        raise EncoderError(
            f"model {name} gave a vector of length {norms[bad[0]]} for {texts[bad[0]][:80]!r}; "
            "wanted a finite one above 0"
        )
