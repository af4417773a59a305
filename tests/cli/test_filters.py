"""Filters, tags and explanations by command, and the same by HTTP."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.program import SEEDS, run_pincite

QUESTION = "what did the court rule?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seed articles with a tag, and a dated one that says when."""
    folder = tmp_path_factory.mktemp("filters")
    (folder / "news").mkdir()
    article = "---\npublished: 2024-06-15\n---\n\n# Court news\n\nThe court ruled against Acme.\n"
    (folder / "news/acme.md").write_text(article, encoding="utf-8")
    home = folder / "home"
    for arguments in (("--tag", "Cars", str(SEEDS)), ("--tag", "news", "--tag", "law", "news")):
        done = run_pincite("ingest", *arguments, home=home)
        assert done.returncode == 0, done.stderr
    return home


def ask(home: Path, *options: str) -> dict[str, Any]:
    done = run_pincite("ask", "--json", QUESTION, *options, home=home)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--since", "2024-06", "--until", "2024"), {"acme.md"}),
        (("--tag", "law", "--written-in", "en"), {"acme.md"}),
        (("--source", "news/"), {"acme.md"}),
        (("--tag", "cars"), {"004_ab675029e0c7c2a4.txt"}),
    ],
)
def test_options_choose_the_articles(home: Path, options: tuple[str, ...], names: set[str]) -> None:
    answer = ask(home, *options)
    assert answer["status"] == "answered"
    assert {Path(c["source"]).name for c in answer["citations"]} == names


def test_the_terminal_tells_what_was_searched_and_why(home: Path) -> None:
    done = run_pincite("ask", QUESTION, "--since", "2024", "--explain", home=home)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for start in ("searched     1 passages of 1 documents", "filters      since 2024-01-01"):
        assert start in lines
    assert "Articles left out only because they have no date: 2" in lines
    assert any(line.strip() == "used: cited as [1]" for line in lines)
    assert max(map(len, lines[lines.index("") :])) < 160
    refused = run_pincite("ask", QUESTION, "--until", "1999", "--explain", home=home)
    assert "filters leave no article" in refused.stdout


def test_wrong_filters_are_wrong_usage(home: Path) -> None:
    for options in (("--since", "soon"), ("--since", "2025", "--until", "2024"), ("--tag", " ")):
        done = run_pincite("ask", QUESTION, *options, home=home)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert "bad_input" in done.stderr


def test_paths_from_the_present_folder_name_sources(home: Path) -> None:
    for source in ("./news", "./news/acme.md", f"../{home.parent.name}/news/"):
        assert ask(home, "--source", source)["search"]["documents"] == 1
    listed = run_pincite("tag", "./news/acme.md", home=home)
    assert "Court news: law, news" in listed.stdout, listed.stderr


def test_tags_are_listed_and_changed(home: Path) -> None:
    listed = json.loads(run_pincite("tag", "--json", home=home).stdout)
    assert listed == {"tags": {"cars": 2, "law": 1, "news": 1}}
    changed = run_pincite("tag", "acme.md", "--add", "2024", "--remove", "law", home=home)
    assert changed.stdout.rstrip().endswith("Court news: 2024, news")
    status = run_pincite("status", "--documents", home=home)
    assert "2024, news" in status.stdout
    assert ask(home, "--tag", "law")["reason"] == "filtered_out"
    run_pincite("tag", "acme.md", "--add", "law", "--remove", "2024", home=home)
    assert run_pincite("tag", "--add", "x", home=home).returncode == 2
    assert run_pincite("tag", "nowhere.md", home=home).returncode == 3


def test_an_explained_answer_is_the_same_by_command_and_by_http(
    server: str, seeded_home: Path
) -> None:
    options = ("--explain", "--written-in", "en", "--source", "seeds")
    by_command = ask(seeded_home, *options)
    filters = {"languages": ["en"], "sources": ["seeds"]}
    body = {"question": QUESTION, "explain": True, "filters": filters}
    by_http = httpx.post(f"{server}/ask", json=body, trust_env=False, timeout=30).json()
    assert by_command.pop("timings_ms").keys() == by_http.pop("timings_ms").keys()
    assert by_command == by_http
    assert by_http["explain"]
    assert by_http["search"]["filters"]["languages"] == ["en"]
