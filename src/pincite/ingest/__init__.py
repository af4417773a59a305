"""From a source to text, passages and sentences."""
