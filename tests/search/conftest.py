"""A small library and its index cache to test on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pincite.library.store import Library
from pincite.search.cache import IndexCache
from tests.fakes import HashEncoder, library_spec


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder(16)


@pytest.fixture
def library(tmp_path: Path, encoder: HashEncoder) -> Iterator[Library]:
    with Library.create(tmp_path / "home", library_spec(encoder)) as made:
        yield made


@pytest.fixture
def cache(library: Library) -> IndexCache:
    return IndexCache(library.home / "index")
