"""Build the extended model in PyTorch and export it to ONNX."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import BertModel

from base import base_folder
from initialise import read_pieces


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


class _TokenEmbeddings(nn.Module):
    def __init__(self, model: BertModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = self.model(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state
        return output


def export_onnx(model: BertModel, path: Path) -> None:
    """Write the model as ONNX: input_ids and attention_mask to last_hidden_state."""
    example = torch.ones(2, 7, dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _TokenEmbeddings(model),
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
