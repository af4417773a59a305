"""A small library to test on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pincite.library.store import Library
from tests.fakes import HashEncoder, library_spec


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder(16)


@pytest.fixture
def library(tmp_path: Path, encoder: HashEncoder) -> Iterator[Library]:
    with Library.create(tmp_path / "home", library_spec(encoder)) as made:
        yield made
