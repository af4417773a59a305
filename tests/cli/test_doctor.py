"""What ``pincite doctor`` finds and tells."""

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pincite.cli import checks
from pincite.cli.checks import Check, all_checks
from pincite.embed.bundled import bundled_folder
from pincite.llm import ollama
from pincite.settings import Settings
from tests.llm.behaviours import nowhere, says
from tests.llm.scripted import MODEL, scripted
from tests.program import run_pincite


@pytest.fixture(autouse=True)
def no_ollama(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ollama, "ADDRESS", address_of(nowhere()))


def address_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


def found(home: Path, **settings: Any) -> dict[str, Check]:
    return {check.name: check for check in all_checks(Settings(home=home, **settings))}


def test_a_sound_library_has_no_fault(seeded_home: Path) -> None:
    done = run_pincite("doctor", home=seeded_home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ library" in done.stdout
    assert "2 documents" in done.stdout
    assert "✗" not in done.stdout
    assert "network" in done.stdout


def test_the_json_has_the_same_and_the_exit_code_tells_of_a_fault(seeded_home: Path) -> None:
    environment = {
        "PINCITE_LLM": "openai",
        "PINCITE_LLM_BASE_URL": nowhere(),
        "PINCITE_LLM_MODEL": "m",
    }
    done = run_pincite("doctor", "--json", home=seeded_home, environment=environment)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["ok"] is False
    faults = [check for check in report["checks"] if check["state"] == "fault"]
    assert [check["name"] for check in faults] == ["language model"]
    assert "start it" in faults[0]["found"]


def test_every_missing_and_altered_model_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(bundled_folder(), folder)
    (folder / "tokenizer.json").unlink()
    with (folder / "reader.npz").open("ab") as file:
        file.write(b"x")
    monkeypatch.setattr(checks, "bundled_folder", lambda: folder)
    faults = [check for check in all_checks(Settings(home=tmp_path)) if check.state == "fault"]
    assert [check.name for check in faults] == ["model files"] * 2
    assert "reader.npz is altered" in faults[0].found
    assert "tokenizer.json is missing" in faults[1].found


def test_libraries_that_are_missing_damaged_or_of_another_model(
    tmp_path: Path, seeded_home: Path
) -> None:
    assert found(tmp_path)["library"].state == "warning"
    home = tmp_path / "copy"
    shutil.copytree(seeded_home, home)
    shutil.rmtree(home / "index")
    looked = found(home, encoder="some/model", encoder_revision="abc")
    assert "none on disk" in looked["indexes"].found
    assert looked["library's model"].state == "fault"
    assert "some/model@abc" in looked["library's model"].found
    assert looked["embedding"].state == "warning"
    assert "download of some/model" in looked["network"].found
    assert not (home / "index").exists()
    for file in home.glob("*.sqlite*"):
        file.write_bytes(b"no database")
    assert found(home)["library"].state == "fault"


def test_the_configured_language_model_is_asked(tmp_path: Path) -> None:
    with scripted([says("yes")]) as server:
        settings = {"llm": "openai", "llm_base_url": server.base_url}
        assert found(tmp_path, llm_model=MODEL, **settings)["language model"].state == "ok"
        other = found(tmp_path, llm_model="other", **settings)["language model"]
        assert other.state == "fault"
        assert f"it has: {MODEL}" in other.found
    for settings in ({}, {"llm_model": "m"}, {"llm_model": "m", "llm_base_url": "nonsense"}):
        looked = found(tmp_path, llm="openai", **settings)["language model"]
        assert looked.state == "fault"
        assert "PINCITE_LLM_" in looked.found


def test_a_running_ollama_is_offered_and_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "ollama" not in found(tmp_path)
    with scripted([says("yes")], models=["nomic-embed-text", "qwen3:8b"]) as server:
        monkeypatch.setattr(ollama, "ADDRESS", address_of(server.base_url))
        offered = found(tmp_path)
        assert offered["language model"].found.startswith("none")
        assert offered["ollama"].next.startswith(
            f"export PINCITE_LLM=openai PINCITE_LLM_BASE_URL={server.base_url}"
            " PINCITE_LLM_MODEL=qwen3:8b "
        )
        configured = found(
            tmp_path, llm="openai", llm_base_url=server.base_url, llm_model="qwen3:8b"
        )
        assert "ollama" not in configured
        assert "OLLAMA_CONTEXT_LENGTH=8192" in configured["context"].next
        assert not server.requests
