"""Any sentence-transformers model, by name or path, run on PyTorch. Needs the extra "models"."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from pincite.embed.encoder import EncoderSpec, Matrix, Progress
from pincite.embed.prompts import prompts_for
from pincite.errors import EncoderError, MissingExtraError

try:
    import torch
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar
except ImportError as exc:
    raise MissingExtraError(
        f"a model run on PyTorch needs the extra 'models' ({exc}): "
        "pip install 'pincite[models]', or leave --encoder at 'bundled', PINCITE_RERANKER at "
        "'none' and PINCITE_LLM not at 'transformers'"
    ) from exc

# What the hub, the configuration, the weights and the device raise.
LOADING_ERRORS = (
    OSError,
    ValueError,
    RuntimeError,
    ImportError,
    LookupError,
    TypeError,
    AttributeError,
    SafetensorError,
)
_BATCH_TOKENS = 8192
_BATCH_TEXTS = 64
_UNBOUNDED = 512
_CONTENT = frozenset({".json", ".safetensors", ".txt", ".model"})
_PICKLED = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl"})


class SentenceTransformerEncoder:
    """A sentence-transformers model: its own pooling, unit rows, its family's prompts.

    Weights are read from safetensors only and run in float32; code in the model's repository is
    never run. Texts of similar length share a batch, whose padding changes a row by less than
    1e-6. One call runs at a time: questions on one thread, passages on ``threads``.
    """

    def __init__(
        self,
        name_or_path: str,
        *,
        revision: str | None = None,
        device: str = "auto",
        threads: int = 0,
    ) -> None:
        """Load a model.

        Args:
            name_or_path: A folder, or a model's name on the Hugging Face Hub.
            revision: Commit, tag or branch of a named model.
            device: "auto" (cuda, else mps, else cpu) or a PyTorch device.
            threads: CPU threads for passages; 0 leaves PyTorch's own number.

        Raises:
            EncoderError: If the model cannot be found, loaded, or has no safetensors weights.
        """
        local = local_folder(name_or_path)
        if local:
            refuse_pickles(local)
        self._name = name_or_path
        self._threads = threads or torch.get_num_threads()
        self._lock = Lock()
        self._model = _load(name_or_path, revision, pick_device(device))
        self._prompts = prompts_for(name_or_path, self._model.prompts)
        dimension = self._encoded([""], self._prompts.query).shape[1]
        self._spec = EncoderSpec(
            name_or_path,
            content_hash(local) if local else _commit(self._model, revision),
            dimension,
            self._room(),
        )

    @property
    def spec(self) -> EncoderSpec:
        """The model's identity and sizes; ``revision`` is a commit, or a local folder's hash."""
        return self._spec

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Embed questions: shape (n, d), float32, unit rows, in the order given.

        Raises:
            EncoderError: If the model fails or gives no direction for a text.
        """
        return self._encode(texts, self._prompts.query, 1, None)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        """Embed passages or sentences: shape (n, d), float32, unit rows, in the order given.

        Args:
            texts: Longer ones are truncated to the model's maximum.
            progress: Called with the number of texts newly done, after each batch.

        Raises:
            EncoderError: If the model fails or gives no direction for a text.
        """
        return self._encode(texts, self._prompts.passage, self._threads, progress)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens, special tokens and prompt left out."""
        if not texts:
            return []
        with self._lock:
            found = self._model.tokenizer(
                list(texts), add_special_tokens=False, truncation=False, verbose=False
            )
        return [len(ids) for ids in found["input_ids"]]

    def _room(self) -> int:
        tokenizer = self._model.tokenizer
        longest = self._model.max_seq_length or _UNBOUNDED
        prompts = self.count_tokens([self._prompts.query, self._prompts.passage])
        room = longest - tokenizer.num_special_tokens_to_add(pair=False) - max(prompts)
        if room < 1:
            raise EncoderError(
                f"model {self._name} takes {longest} tokens, which its prompts use up"
            )
        return int(room)

    def _encode(
        self, texts: Sequence[str], prompt: str, threads: int, progress: Progress | None
    ) -> Matrix:
        rows = np.empty((len(texts), self._spec.dimension), dtype=np.float32)
        stripped = [text if text.strip() else "" for text in texts]
        for batch in _batches([min(n, self._spec.max_length) for n in self.count_tokens(stripped)]):
            with self._lock:
                torch.set_num_threads(threads)
                rows[batch] = self._encoded([stripped[i] for i in batch], prompt)
            if progress:
                progress(len(batch))
        self._check(rows, texts)
        return rows

    def _encoded(self, texts: list[str], prompt: str) -> Matrix:
        try:
            rows: Matrix = self._model.encode(
                texts,
                prompt=prompt,
                batch_size=len(texts),
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        except RuntimeError as exc:
            raise EncoderError(f"model {self._name} failed: {exc}") from exc
        return rows.astype(np.float32, copy=False)

    def _check(self, rows: Matrix, texts: Sequence[str]) -> None:
        norms = np.linalg.norm(rows, axis=1)
        bad = np.flatnonzero(~(np.abs(norms - 1) < 1e-3))
        if bad.size:
            raise EncoderError(
                f"model {self._name} gave a vector of length {norms[bad[0]]} for "
                f"{texts[bad[0]][:80]!r}; wanted 1"
            )


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Yield indices, the longest texts first, bounded by texts and by padded tokens."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        longest = lengths[batch[0]] if batch else 0
        if batch and (len(batch) == _BATCH_TEXTS or longest * (len(batch) + 1) > _BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def local_folder(name_or_path: str) -> Path | None:
    """Return the folder that is named, or None for a name on the Hugging Face Hub.

    Raises:
        EncoderError: If it can only be a folder and there is none.
    """
    path = Path(name_or_path).expanduser()
    if path.is_dir():
        return path
    if path.is_absolute() or name_or_path.startswith((".", "~")) or name_or_path.count("/") > 1:
        raise EncoderError(
            f"model folder {name_or_path} does not exist; give a folder that a "
            "sentence-transformers model was saved to, or a model name such as intfloat/e5-small"
        )
    return None


def refuse_pickles(folder: Path) -> None:
    """Refuse weights that only a pickle holds: reading one can run any code."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in _PICKLED and not any(path.parent.glob("*.safetensors")):
            raise EncoderError(
                f"model folder {folder} holds its weights as {path.relative_to(folder)}, a pickle; "
                "wanted safetensors: save the model again with safe_serialization=True"
            )


def content_hash(folder: Path) -> str:
    """Return the SHA-256, 16 hex digits, of the folder's configuration and weights."""
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in _CONTENT):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return total.hexdigest()[:16]


def _commit(model: SentenceTransformer, revision: str | None) -> str:
    inner = model.transformers_model
    found = getattr(inner.config, "_commit_hash", None) if inner else None
    return found or model.model_card_data.base_model_revision or revision or "unknown"


def pick_device(wanted: str) -> str:
    """Return the PyTorch device for a setting.

    Raises:
        EncoderError: If PyTorch does not know it.
    """
    if wanted == "auto":
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        return str(torch.device(wanted))
    except RuntimeError as exc:
        raise EncoderError(
            f"device {wanted!r} is unknown to PyTorch; wanted auto, cpu, cuda or mps"
        ) from exc


def _load(name: str, revision: str | None, device: str) -> SentenceTransformer:
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(
            str(Path(name).expanduser()) if local_folder(name) else name,
            device=device,
            revision=revision,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True, "dtype": torch.float32},
        )
    except LOADING_ERRORS as exc:
        reason = str(exc).strip().splitlines()
        raise EncoderError(
            f"model {name} could not be loaded on {device}: "
            f"{reason[0].rstrip('.') if reason else type(exc).__name__}. If it cannot be "
            "downloaded here, give the path of a folder it was saved to; its weights must be "
            "safetensors and it must need no code of its own"
        ) from exc
