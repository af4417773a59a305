"""What every embedding model offers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """What a library must know of the model that made its vectors.

    ``max_length`` is in tokens and leaves room for the model's special tokens and prompt.
    """

    name: str
    revision: str
    dimension: int
    max_length: int


class Encoder(Protocol):
    """Texts to unit vectors. Deterministic: equal texts give equal rows, whatever the batch."""

    @property
    def spec(self) -> EncoderSpec:
        """The model's identity and sizes."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Embed questions: shape (n, d), float32, unit rows, in the order given."""
        ...

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        """Embed passages or sentences: shape (n, d), float32, unit rows, in the order given.

        ``progress`` is called with the number of texts newly done, after each batch.
        """
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens, special tokens and prompt left out."""
        ...
