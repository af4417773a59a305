"""Question sets and retrieval data sets, measured."""
