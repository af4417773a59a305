"""What every command does."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from pincite.cli import main


def test_an_interrupt_has_an_exit_code_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pincite.wiring.open_workspace", interrupted)
    done = CliRunner().invoke(main, ["--home", str(tmp_path), "ask", "what did the court rule?"])
    assert (done.exit_code, done.stderr) == (130, "Interrupted.\n")
