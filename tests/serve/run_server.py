"""Run ``pincite serve ARGUMENTS`` on a library in memory; say when the library was closed."""

import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from tests.serve.memory import MemoryWorkspace, fill

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def _open_workspace(*_: object, **__: object) -> "Iterator[MemoryWorkspace]":
    memory = MemoryWorkspace()
    fill(memory)
    try:
        yield memory
    finally:
        sys.stdout.write("library closed\n")
        sys.stdout.flush()


if __name__ == "__main__":
    wiring = ModuleType("pincite.wiring")
    wiring.__dict__["open_workspace"] = _open_workspace
    sys.modules["pincite.wiring"] = wiring
    from pincite.cli import main

    main(["serve", *sys.argv[1:]])
