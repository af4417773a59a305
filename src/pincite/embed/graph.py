"""A model folder run by ONNX Runtime and ``tokenizers``, without PyTorch."""

import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors
from tokenizers import Encoding, Tokenizer

from pincite.embed.bundled import GRAPH, READER, REINSTALL, TOKENIZER, read_model_folder
from pincite.embed.encoder import Matrix
from pincite.errors import EncoderError, ModelFilesError
from pincite.text import to_simplified

VECTORS = "last_hidden_state"
_REQUIRED_INPUTS = frozenset({"input_ids", "attention_mask"})
_INPUTS = _REQUIRED_INPUTS | {"token_type_ids"}
_ERRORS_ONLY = 3
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


class TextGraph:
    """A checked model folder: its manifest, tokenizer and graph. Safe to use from several threads.

    Each text is run alone and on one thread. A model quantised to int8 scales its activations by
    the largest in the tensor, so that in a padded batch a text's vectors depend on its neighbours:
    measured on the bundled model, the cosine between the two rows of one text falls to 0.983. Alone
    they are equal bit for bit, and no slower.

    Attributes:
        folder: Where the files are.
        manifest: What the folder says of its model.
        fold: What the manifest wants done to a text before it is encoded.
        reader: The bytes of reader.npz, None if there is none.
    """

    def __init__(self, folder: Path) -> None:
        """Check and load a model folder.

        Args:
            folder: Holds manifest.json, tokenizer.json, onnx/model.onnx, perhaps reader.npz.

        Raises:
            ModelFilesError: If a file is missing, altered or not listed, or is no such model.
        """
        self.folder = folder
        self.manifest, files = read_model_folder(folder)
        self.fold: Callable[[str], str] = (
            _to_simplified_half_width if self.manifest.fold == "t2s" else _unchanged
        )
        # One for all uses, which costs 0.25 s to load; so it does not truncate by itself.
        self._tokenizer = _tokenizer(files[TOKENIZER], folder)
        self._session = _session(files[GRAPH], folder)
        self._inputs = _input_names(self._session, folder)
        self.reader = files.get(READER)

    @property
    def special_tokens(self) -> int:
        """How many tokens the tokenizer adds to a text."""
        return int(self._tokenizer.num_special_tokens_to_add(False))

    @property
    def optional_inputs(self) -> dict[str, list[int | str]]:
        """The inputs that need not be fed, with their shapes; a name stands for any size."""
        return {i.name: list(i.shape) for i in self._session.get_overridable_initializers()}

    def token_id(self, token: str) -> int:
        """Return a special token's number.

        Raises:
            ModelFilesError: If the tokenizer has none.
        """
        found: int | None = self._tokenizer.token_to_id(token)
        if found is None:
            raise ModelFilesError(f"{self.folder / TOKENIZER} has no token {token}; {REINSTALL}")
        return found

    def token_ids(self, texts: Sequence[str], prompt: str) -> list[list[int]]:
        """Return each text's tokens behind a prompt, special ones included, truncated."""
        prompted = [prompt + self.fold(text if text.strip() else "") for text in texts]
        _refuse_surrogates(prompted)
        room = max(0, self.manifest.max_length - self.special_tokens)
        found = self._tokenizer.encode_batch_fast(prompted, add_special_tokens=False)
        for encoding in found:
            encoding.truncate(room)
        return [self._tokenizer.post_process(encoding).ids for encoding in found]

    def tokens(self, text: str) -> Encoding:
        """Return a text's tokens with their offsets in it: all of them, special ones left out.

        The text is taken as it is: folding would move the offsets.
        """
        _refuse_surrogates([text])
        return self._tokenizer.encode(text, add_special_tokens=False)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens, special ones left out."""
        folded = [self.fold(text) for text in texts]
        _refuse_surrogates(folded)
        found = self._tokenizer.encode_batch_fast(folded, add_special_tokens=False)
        return [len(encoding.ids) for encoding in found]

    def run(
        self, ids: Sequence[int], output: str = VECTORS, fed: Mapping[str, Matrix] | None = None
    ) -> Matrix:
        """Run the graph on one text.

        Args:
            ids: The text's tokens, special ones included.
            output: The graph's output wanted.
            fed: Optional inputs by name.

        Returns:
            That output for the text, shape (tokens, width), float32.

        Raises:
            EncoderError: If ONNX Runtime cannot.
        """
        tokens: NDArray[np.int64] = np.array([ids], dtype=np.int64)
        feed = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), **(fed or {})}
        if "token_type_ids" in self._inputs:
            feed["token_type_ids"] = np.zeros_like(tokens)
        with _runtime_errors(f"running {self.folder}", EncoderError):
            found: Matrix = self._session.run([output], feed)[0][0]
        return found


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
    # It warns of every input that need not be fed.
    options.log_severity_level = _ERRORS_ONLY
    with _runtime_errors(f"loading {folder / GRAPH}", ModelFilesError):
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _input_names(session: onnxruntime.InferenceSession, folder: Path) -> set[str]:
    inputs = {entry.name for entry in session.get_inputs()}
    outputs = {entry.name for entry in session.get_outputs()}
    if not _REQUIRED_INPUTS <= inputs <= _INPUTS or VECTORS not in outputs:
        raise ModelFilesError(
            f"{folder / GRAPH} takes {sorted(inputs)} and gives {sorted(outputs)}; wanted "
            f"{sorted(_REQUIRED_INPUTS)}, perhaps token_type_ids, and {VECTORS}"
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
