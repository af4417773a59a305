"""Questions made up for fitting: random features, of which the first tells what answers."""

import numpy as np

from pincite.answer.confidence.fitting import Example
from pincite.answer.confidence.support import READING, SENTENCE

WIDTH = len(SENTENCE) + len(READING)


def examples(seed: int, number: int = 60, sign: float = 1.0) -> list[Example]:
    """Questions, half of them answerable, whose right sentence stands out in the first feature.

    It does so by being large, or with ``sign`` -1 by being small.
    """
    random = np.random.default_rng(seed)
    found = []
    for place in range(number):
        rows = random.normal(size=(6, WIDTH))
        kind = ("answerable", "answerable", "near", "far")[place % 4]
        labels = np.zeros(6, dtype=np.int64)
        if kind == "answerable":
            best = int((sign * rows[:, 0]).argmax())
            rows[best, 0] += sign * random.normal(1.5, 1.0)
            labels[best] = 1
        found.append(Example(rows, labels, kind))
    return found
