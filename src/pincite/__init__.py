"""Pincite: answers about your articles, each sentence pinned to its passage."""

__version__ = "0.1.0"
