"""Fixtures of the training tests."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parents[2] / "training"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Import one of the training scripts, which import one another by their bare names."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module
