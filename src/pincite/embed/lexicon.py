"""What a lexicon offers: whether a question's words occur in a text of another language."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Lexicon(Protocol):
    """Finds words by their meaning. A text's share depends on the others by rounding at most."""

    def shares(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return for each text the share in [0, 1] of the question's words that occur in it.

        A word that is not there itself occurs as far as the nearest word that is means the same,
        in whatever language. Words that mean little weigh little.
        """
        ...
