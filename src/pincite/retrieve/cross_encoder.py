"""Any cross-encoder, by name or path, as a reranker. Needs the extra "models"."""

import logging
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from time import perf_counter

import numpy as np

from pincite.embed.sentence_transformer import (
    LOADING_ERRORS,
    content_hash,
    local_folder,
    pick_device,
    refuse_pickles,
)
from pincite.errors import EncoderError

# The extra's absence was told by the import above.
import torch  # isort: skip
from sentence_transformers import CrossEncoder  # isort: skip
from transformers.utils.logging import disable_progress_bar  # isort: skip

_log = logging.getLogger(__name__)
_BATCH = 16


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder that gives each question and text one score.

    Weights are read from safetensors only and run in float32; code in the model's repository is
    never run. One call runs at a time.

    Source:
        Nogueira and Cho, "Passage Re-ranking with BERT", arXiv:1901.04085.
    """

    def __init__(
        self,
        name_or_path: str,
        *,
        revision: str | None = None,
        device: str = "auto",
        threads: int = 1,
    ) -> None:
        """Load a model; the log tells, since it takes seconds.

        Args:
            name_or_path: A folder, or a model's name on the Hugging Face Hub.
            revision: Commit, tag or branch of a named model.
            device: "auto" (cuda, else mps, else cpu) or a PyTorch device.
            threads: CPU threads of a call.

        Raises:
            EncoderError: If the model cannot be found or loaded, has no safetensors weights, or
                gives more than one score.
        """
        local = local_folder(name_or_path)
        if local:
            refuse_pickles(local)
        self._given = name_or_path
        self._threads = threads
        self._lock = Lock()
        _log.info("loading the reranker %s", name_or_path)
        started = perf_counter()
        self._model = _load(name_or_path, local, revision, pick_device(device))
        _log.info("the reranker is ready after %.1f s", perf_counter() - started)
        labels = self._model.num_labels
        if labels != 1:
            raise EncoderError(
                f"model {name_or_path} gives {labels} scores to a text, wanted 1: it is a"
                " classifier and no reranker; name a cross-encoder such as BAAI/bge-reranker-base"
            )
        commit = getattr(self._model.config, "_commit_hash", None) or revision or "unknown"
        self._name = f"{name_or_path}@{content_hash(local) if local else commit}"

    @property
    def name(self) -> str:
        """The model's name and revision; a folder's revision is the hash of its content."""
        return self._name

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return the model's score for each text, higher for better.

        Args:
            question: Any text.
            texts: Any number; what a pair is longer than the model's maximum is cut off the text.

        Raises:
            EncoderError: If the model fails or a score is not a number.
        """
        if not texts:
            return []
        with self._lock:
            torch.set_num_threads(self._threads)
            try:
                scores = self._model.predict(
                    [(question, text) for text in texts],
                    batch_size=_BATCH,
                    show_progress_bar=False,
                )
            except RuntimeError as exc:
                raise EncoderError(f"reranker {self._given} failed: {exc}") from exc
        if not np.isfinite(scores).all():
            raise EncoderError(f"reranker {self._given} gave a score that is no number")
        return [float(score) for score in scores]


def _load(name: str, local: Path | None, revision: str | None, device: str) -> CrossEncoder:
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model: CrossEncoder = CrossEncoder(
            str(local) if local else name,
            device=device,
            revision=revision,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True, "dtype": torch.float32},
        )
        return model
    except LOADING_ERRORS as exc:
        reason = str(exc).strip().splitlines()
        raise EncoderError(
            f"reranker {name} could not be loaded on {device}:"
            f" {reason[0] if reason else type(exc).__name__}. If it cannot be downloaded here, set"
            " PINCITE_RERANKER to the folder it was saved to, or to 'none'; its weights must be"
            " safetensors and it must need no code of its own"
        ) from exc
