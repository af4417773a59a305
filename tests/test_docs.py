"""The documents tell the truth."""

import re
from pathlib import Path

import pincite
from pincite.cli.main import main
from pincite.settings import Settings

ROOT = Path(__file__).parents[1]


def test_every_setting_is_documented_and_none_is_invented() -> None:
    documented = re.findall(r"`PINCITE_([A-Z_]+)`", (ROOT / "docs/settings.md").read_text())
    assert sorted(documented) == sorted(name.upper() for name in Settings.model_fields)


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert isinstance(main.commands, dict)
    for name in main.list_commands(None):  # type: ignore[arg-type]
        assert f"pincite {name}" in readme, name


def test_the_changelog_starts_with_the_present_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    found = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert found is not None
    assert found[1] == pincite.__version__


def test_the_package_version_is_the_projects() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    assert f'version = "{pincite.__version__}"' in project


def test_no_file_is_past_three_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ("src", "tests", "training", "bench")
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert long == {}
