"""Large language models: what they are asked and how they fail."""
