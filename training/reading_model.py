"""What ``reader.py`` trains: the bundled model with low-rank adapters and a head for reading."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from adapters import HEADS, products, stack

RANK = 16


class LowRank(nn.Module):
    """A frozen matrix with a trained low-rank change beside it."""

    def __init__(self, frozen: nn.Linear) -> None:
        """Start without any change."""
        super().__init__()
        self.frozen = frozen
        size = frozen.in_features
        self.down = nn.Parameter(torch.randn(size, RANK) / size**0.5)
        self.up = nn.Parameter(torch.zeros(RANK, frozen.out_features))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the product with the changed matrix."""
        changed: torch.Tensor = self.frozen(x) + (x @ self.down) @ self.up
        return changed


class ReadingModel(nn.Module):
    """The bundled model with adapters, a row for the passage's tokens and a head."""

    def __init__(self, bert: Any) -> None:
        """Freeze the model, which is changed in place; start the adapters."""
        super().__init__()
        self.bert = bert.requires_grad_(requires_grad=False)
        width = bert.config.hidden_size
        for product in products():
            place, _, last = product.place.rpartition(".")
            parent = bert.get_submodule(place)
            setattr(parent, last, LowRank(getattr(parent, last)))
        self.segment = nn.Parameter(torch.zeros(width))
        self.head = nn.Linear(width, HEADS)
        nn.init.zeros_(self.head.bias)

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, segments: torch.Tensor
    ) -> torch.Tensor:
        """Return the logits, shape (texts, tokens, 2)."""
        rows = self.bert.embeddings.word_embeddings(ids) + segments[..., None] * self.segment
        hidden = self.bert(inputs_embeds=rows, attention_mask=mask).last_hidden_state
        logits: torch.Tensor = self.head(hidden).float()
        return logits

    def halve(self) -> None:
        """Keep the frozen matrices in 16 bits, as autocast would cast them anew for each batch."""
        for product in products():
            self.bert.get_submodule(product.place).frozen.to(torch.bfloat16)

    def trained(self) -> dict[str, torch.Tensor]:
        """Return the trained tensors by name."""
        return {name: p.detach() for name, p in self.named_parameters() if p.requires_grad}


def packed(values: dict[str, torch.Tensor]) -> dict[str, NDArray[Any]]:
    """Return the arrays of ``reader.npz``: the pairs stacked as the graph takes them, in 8 bits."""
    stacks: dict[str, list[NDArray[np.float32]]] = {}
    for product in products():
        pair = [values[f"bert.{product.place}.{half}"].numpy() for half in ("down", "up")]
        names = stack(len(values["segment"]), len(pair[0]), pair[1].shape[1])
        for name, matrix in zip(names, pair, strict=True):
            stacks.setdefault(name, []).append(matrix)
    arrays: dict[str, NDArray[Any]] = {}
    for name, matrices in stacks.items():
        joined = np.stack(matrices).astype(np.float32)
        # One scale for each of the RANK directions.
        axis = 1 if name.startswith("down") else 2
        scale = np.abs(joined).max(axis=axis, keepdims=True) / 127
        arrays[name] = np.round(joined / scale).astype(np.int8)
        arrays[f"{name}/scale"] = scale.astype(np.float32)
    arrays["segment"] = values["segment"].numpy()
    arrays["head"] = np.ascontiguousarray(values["head.weight"].numpy().T)
    arrays["head.bias"] = values["head.bias"].numpy()
    return arrays
