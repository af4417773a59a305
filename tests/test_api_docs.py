"""docs/api.md: its tables are the code's, and its examples run against a real server."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from playwright.sync_api import Page

from pincite import errors
from pincite.errors import PinciteError
from pincite.explanation import Explanation, Fate, Searched, Thresholds
from pincite.records import Answer
from pincite.serve.api.schemas import AskRequest
from pincite.serve.problems import CODES, status_of
from pincite.state import errors as state_errors
from tests.browser import open_browser
from tests.program import ROOT

API = (ROOT / "docs/api.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(sh|python|js|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _examples(language: str) -> list[str]:
    found = [match[2] for match in _BLOCK.finditer(API) if match[1] == language]
    assert found
    return found


def _kinds(kind: type[PinciteError]) -> Iterator[type[PinciteError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ in {errors.__name__, state_errors.__name__}:
            yield from _kinds(child)


def test_every_code_is_documented_with_its_status_and_none_is_invented() -> None:
    documented = re.findall(r"^\| `(\w+)` \| (\d{3}) \| \S", API, re.MULTILINE)
    by_status = {code: status for status, code in CODES.items()}
    raised = {kind.code: status_of(kind("")) for kind in _kinds(PinciteError)}
    assert sorted(documented) == sorted((c, str(s)) for c, s in {**by_status, **raised}.items())


def test_every_endpoint_is_documented_and_none_is_invented(server: str) -> None:
    paths = httpx.get(f"{server}/openapi.json", trust_env=False).json()["paths"]
    there = [(method.upper(), path) for path, methods in paths.items() for method in methods]
    documented = re.findall(r"^\| `([A-Z]+) (/\S+)` \|", API, re.MULTILINE)
    assert sorted(documented) == sorted(there)


def test_every_field_is_documented() -> None:
    section = API[API.index("## Ask") : API.index("### As a stream")]
    named = set(re.findall(r"`(\w+)`", section))
    assert set(AskRequest.model_fields) <= named
    assert {field.name for field in fields(Answer)} - {"id", "language"} <= named


def test_every_field_and_code_of_an_explanation_is_documented() -> None:
    section = API[API.index("### Explained") : API.index("### As a stream")]
    named = set(re.findall(r"`(\w+)`", section))
    for record in (Explanation, Searched, Thresholds):
        assert {field.name for field in fields(record)} <= named
    codes = re.findall(r"^\| `(\w+)` \| \S", section.partition("| `code` |")[2], re.MULTILINE)
    assert sorted(codes) == sorted(get_args(Fate))


@pytest.mark.parametrize("example", _examples("sh"))
def test_the_shell_examples_run(server: str, tmp_path: Path, example: str) -> None:
    strict = 'set -euo pipefail; curl() { command curl --noproxy "*" --fail-with-body "$@"; }\n'
    said = _run("bash", "-c", strict + _on(server, example), folder=tmp_path)
    assert '"id":' in said or '"hits":' in said
    assert "event: error" not in said


@pytest.mark.parametrize("example", _examples("python"))
def test_the_python_examples_run(server: str, tmp_path: Path, example: str) -> None:
    said = _run(sys.executable, "-c", _on(server, example), folder=tmp_path)
    assert "answered" in said
    assert "court ruled against Xiaomi" in said


@pytest.mark.parametrize("example", _examples("js"))
def test_the_javascript_examples_run_in_a_page(page: Page, server: str, example: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate(f"async () => {{ {_on(server, example)} }}")
    assert _fits(" ".join(said))


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
@pytest.mark.parametrize("example", _examples("js"))
def test_the_javascript_examples_run_in_node(server: str, tmp_path: Path, example: str) -> None:
    script = tmp_path / "example.mjs"
    script.write_text(_on(server, example), encoding="utf-8")
    assert _fits(_run("node", str(script), folder=tmp_path))


def test_the_json_examples_are_json() -> None:
    for example in _examples("json"):
        problem: dict[str, Any] = json.loads(example)
        assert problem["type"].endswith(problem["code"])


def _fits(said: str) -> bool:
    return "answered" in said and ("court ruled" in said or "true" in said)


def _on(server: str, example: str) -> str:
    assert "http://127.0.0.1:7860" in example
    return example.replace("http://127.0.0.1:7860", server)


def _run(*command: str, folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def page(server: str) -> Iterator[Page]:
    with open_browser() as browser:
        page = browser.new_page()
        page.goto(f"{server}/health")
        yield page
