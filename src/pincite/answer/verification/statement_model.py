"""How probable it is that sentences support a statement: the fitted weights."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pincite.answer.confidence.support import Logistic
from pincite.answer.verification.comparison import BETWEEN, WITHIN

WEIGHTS = Path(__file__).with_name("statement_support.json")


@dataclass(frozen=True, slots=True)
class Scale:
    """What features say of support: a logistic model, and the probability from which it counts.

    ``english`` is that threshold for English statements, ``other`` for all others.
    """

    logistic: Logistic
    english: float
    other: float

    def threshold(self, language: str) -> float:
        """Return the probability from which a statement in a language is supported."""
        return self.english if language == "en" else self.other


@dataclass(frozen=True, slots=True)
class StatementModel:
    """How probable it is that sentences support a statement, from the features of both.

    ``encoder`` names what it was fitted to; ``within`` is for sentences of the statement's
    language, ``between`` for those of the other.
    """

    encoder: str
    within: Scale
    between: Scale

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> "StatementModel":
        """Read the weights that ``training/statements.py`` wrote.

        Raises:
            ValueError: If they were fitted to other features, or a number makes no sense.
        """
        stored = json.loads(path.read_text(encoding="utf-8"))
        scales = [
            Scale(Logistic.load(stored[name], names), **stored[name]["threshold"])
            for name, names in (("within", WITHIN), ("between", BETWEEN))
        ]
        for scale in scales:
            finite = np.isfinite([*scale.logistic.weights, scale.logistic.bias]).all()
            if not (finite and 0 < scale.english < 1 and 0 < scale.other < 1):
                raise ValueError(f"weights must be finite and thresholds in (0, 1), found {stored}")
        return cls(stored["encoder"], *scales)
