"""How well a sentence supports an answer, as a calibrated probability."""
