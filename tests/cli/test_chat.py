"""``pincite chat`` as a person uses it, line after line."""

import subprocess
import sys
from pathlib import Path


def test_a_conversation_in_the_terminal(seeded_home: Path) -> None:
    lines = [
        "/why",
        "what did the court rule?",
        "and why?",
        "/why",
        "/new",
        " ",
        "?" * 4001,
        "/nope",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pincite", "--home", str(seeded_home), "chat"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    shown = done.stdout
    assert "Nothing was asked yet." in shown
    assert "The court ruled against Xiaomi" in shown
    assert "→ what did the court rule? and why?" in shown
    assert "searched     " in shown
    assert shown.index("searched     ") < shown.index("A new conversation.")
    assert "4,001 characters" in shown
    assert "start a new conversation" in shown.split("4,001 characters")[1]
