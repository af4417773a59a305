"""Run an exported model folder without PyTorch: tokenizer, ONNX Runtime, mean pooling."""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tqdm import tqdm

from base import MAX_LENGTH, plain_tokenizer

Vectors = NDArray[np.float32]


class OnnxEncoder:
    """Texts to unit vectors: mean of the token embeddings, then L2 normalisation."""

    def __init__(self, tokenizer: Path, model: Path, threads: int) -> None:
        """Load both files; `threads` is ONNX Runtime's intra-operator count."""
        self.tokenizer = plain_tokenizer(tokenizer)
        self.tokenizer.enable_truncation(MAX_LENGTH)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: list[str], tokens_per_batch: int = 4096, quiet: bool = True) -> Vectors:
        """Return one unit row per text, shape (n, dimension)."""
        encodings = self.tokenizer.encode_batch(texts)
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))
        dimension = self.session.get_outputs()[0].shape[2]
        vectors = np.zeros((len(texts), dimension), dtype=np.float32)
        with tqdm(total=len(texts), disable=quiet, desc="texts", mininterval=5) as progress:
            start = 0
            while start < len(order):
                end = start + 1
                while end < len(order) and (
                    len(encodings[order[end]].ids) * (end + 1 - start) <= tokens_per_batch
                ):
                    end += 1
                batch = order[start:end]
                vectors[batch] = self._forward([encodings[i].ids for i in batch])
                progress.update(len(batch))
                start = end
        return vectors

    def _forward(self, ids: list[list[int]]) -> Vectors:
        width = max(map(len, ids))
        input_ids = np.zeros((len(ids), width), dtype=np.int64)
        mask = np.zeros_like(input_ids)
        for row, line in enumerate(ids):
            input_ids[row, : len(line)] = line
            mask[row, : len(line)] = 1
        feed = {"input_ids": input_ids, "attention_mask": mask}
        hidden = self.session.run(["last_hidden_state"], feed)[0]
        pooled = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        unit: Vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit
