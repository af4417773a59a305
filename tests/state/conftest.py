from collections.abc import Iterator
from pathlib import Path

import pytest

from pincite.state.store import State


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "home") as made:
        yield made
