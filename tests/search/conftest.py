"""The index cache of the small library."""

import pytest

from pincite.library.store import Library
from pincite.search.cache import IndexCache


@pytest.fixture
def cache(library: Library) -> IndexCache:
    return IndexCache(library.home / "index")
