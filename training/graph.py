"""Build the extended model in PyTorch and export it to ONNX."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import BertModel

from base import base_folder, read_pieces


def base_model(base: Path | None) -> BertModel:
    """Return MiniLM as it is."""
    model: Any = BertModel.from_pretrained(
        base_folder(base), add_pooling_layer=False, attn_implementation="eager"
    )
    result: BertModel = model.eval()
    return result


def extended_model(base: Path | None, work: Path, rows_file: Path | None = None) -> BertModel:
    """Return MiniLM with the Chinese rows of `rows_file` in its embedding table."""
    model: Any = base_model(base)
    ids, _ = read_pieces(work)
    rows = torch.from_numpy(np.load(rows_file or work / "rows.npy"))
    old = model.embeddings.word_embeddings.weight.detach()
    table = torch.zeros(max(int(ids.max()) + 1, len(old)), old.shape[1])
    table[: len(old)] = old
    table[torch.from_numpy(ids)] = rows
    model.embeddings.word_embeddings = nn.Embedding.from_pretrained(table, padding_idx=0)
    model.config.vocab_size = len(table)
    result: BertModel = model
    return result


# How long the static part of a text's vector is beside the transformer's part.
STATIC_SHARE = 0.9
_SHORTEST = 1e-6


class TextEmbeddings(nn.Module):
    """Token vectors whose plain mean over the attention mask is the text's unit vector.

    The first columns are the transformer's, the last ones the static part's. Each part
    is divided by the length of its own mean, which pooling outside could not do.
    """

    def __init__(self, model: BertModel, static: torch.Tensor | None) -> None:
        """Join both parts; without `static` the transformer's output is left as it is."""
        super().__init__()
        self.model = model
        self.static = None if static is None else nn.Embedding.from_pretrained(static)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return the token vectors, shape (texts, tokens, dimension)."""
        hidden: torch.Tensor = self.model(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state
        if self.static is None:
            return hidden
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        count = mask.sum(dim=1, keepdim=True)

        def scaled(tokens: torch.Tensor) -> torch.Tensor:
            mean = (tokens * mask).sum(dim=1, keepdim=True) / count
            length = mean.square().sum(dim=2, keepdim=True).sqrt()
            return tokens / length.clamp(min=_SHORTEST)

        whole = (1 + STATIC_SHARE**2) ** 0.5
        parts = (scaled(hidden) / whole, scaled(self.static(input_ids)) * (STATIC_SHARE / whole))
        return torch.cat(parts, dim=2)


def export_onnx(model: nn.Module, path: Path) -> None:
    """Write the model as ONNX: input_ids and attention_mask to last_hidden_state."""
    example = torch.ones(2, 7, dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model.eval(),
            (example, example),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["last_hidden_state"],
            dynamic_axes={
                name: {0: "batch", 1: "sequence"}
                for name in ("input_ids", "attention_mask", "last_hidden_state")
            },
            opset_version=17,
            dynamo=False,
        )
