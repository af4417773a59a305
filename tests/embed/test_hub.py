"""Whether a named model is here is told without the network."""

from pathlib import Path

import pytest
from huggingface_hub import constants

from pincite.embed.hub import is_here


def test_a_folder_a_cached_model_and_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    cached = tmp_path / "models--some--model"
    (cached / "snapshots" / "abc").mkdir(parents=True)
    (cached / "snapshots" / "abc" / "config.json").write_text("{}")
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("abc")
    assert is_here(str(tmp_path))
    assert is_here("some/model")
    assert is_here("some/model", "abc")
    assert not is_here("some/model", "def")
    assert not is_here("some/other")
    assert not is_here("/no/such/folder/of/a/model")
