"""The library: SQLite holds documents, passages and vectors; it is the truth."""
