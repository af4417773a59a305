"""Indexes made by an earlier version's rules for terms."""

from pathlib import Path

import pytest

from pincite.library.store import Library
from pincite.search.cache import IndexCache
from tests.fakes import HashEncoder
from tests.search.test_cache import expected, put, results


def test_indexes_made_by_other_rules_for_terms_are_built_again(
    library: Library,
    encoder: HashEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    put(library, encoder, 1, 2, 3)
    wanted = expected(library, encoder, tmp_path)
    with monkeypatch.context() as older:
        older.setattr("pincite.search.cache.TERMS_VERSION", 1)
        older.setattr("pincite.search.lexical.index_terms", lambda text: ["old"])
        assert results(IndexCache(library.home / "index").current(library), encoder) != wanted
    assert results(IndexCache(library.home / "index").current(library), encoder) == wanted
    assert "their terms are of version 1" in caplog.text
