"""Fixtures of the embedding tests."""

from pathlib import Path

import pytest

from tests.embed.tiny import write_model_folder


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A small model folder, free to be spoilt."""
    return write_model_folder(tmp_path / "model")
