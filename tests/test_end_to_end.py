"""From the seed articles to cited answers, through the real program on every surface."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser import open_browser
from tests.program import REFERENCE_QUESTIONS, SEEDS, UNANSWERABLE, run_pincite
from tests.serve.watched import open_chat

JSON = dict[str, Any]


def _ask(server: str, question: str, **options: object) -> JSON:
    response = httpx.post(
        f"{server}/ask", json={"question": question, **options}, trust_env=False, timeout=30
    )
    assert response.status_code == 200, response.text
    answer: JSON = response.json()
    return answer


def _ask_by_command(home: Path, question: str) -> JSON:
    done = run_pincite("ask", "--json", question, home=home)
    assert done.returncode == 0, done.stderr
    answer: JSON = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("question", REFERENCE_QUESTIONS)
def test_the_reference_question_is_answered_with_literal_quotes(server: str, question: str) -> None:
    answer = _ask(server, question)
    assert answer["status"] == "answered"
    quotes = [citation["quote"] for citation in answer["citations"]]
    assert any("court ruled against" in quote for quote in quotes)
    for citation in answer["citations"]:
        stored = httpx.get(f"{server}/documents/{citation['document_id']}", trust_env=False).json()
        assert stored["text"][citation["start"] : citation["end"]] == citation["quote"]
        assert citation["quote"] in (SEEDS / Path(citation["source"]).name).read_text("utf-8")
        assert not citation["quote"].startswith("-")
    for statement in answer["statements"]:
        assert answer["answer"][statement["start"] : statement["end"]] == statement["text"]
        assert "[" not in statement["text"]


@pytest.mark.parametrize("question", UNANSWERABLE)
def test_what_the_articles_do_not_hold_is_not_found(server: str, question: str) -> None:
    answer = _ask(server, question)
    assert (answer["status"], answer["citations"]) == ("not_found", [])
    assert answer["reason"] in ("nothing_relevant", "unsupported")
    assert ("文章" in answer["answer"]) == (answer["language"] == "zh")


def test_command_line_and_api_give_the_same_answer(server: str, seeded_home: Path) -> None:
    for question in (*REFERENCE_QUESTIONS, *UNANSWERABLE):
        by_command, by_api = _ask_by_command(seeded_home, question), _ask(server, question)
        assert by_command.pop("timings_ms").keys() == by_api.pop("timings_ms").keys()
        assert by_command == by_api


def test_a_second_ingest_changes_nothing(seeded_home: Path) -> None:
    before = json.loads(run_pincite("status", "--json", home=seeded_home).stdout)
    done = run_pincite("ingest", "--json", str(SEEDS), home=seeded_home)
    summary = json.loads(done.stdout)
    assert (summary["unchanged"], summary["added"], summary["refused"]) == (2, 0, 0)
    after = json.loads(run_pincite("status", "--json", home=seeded_home).stdout)
    assert after["generation"] == before["generation"]


def test_a_bad_file_is_refused_by_name_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    (tmp_path / "articles/good.txt").write_text("Good news\n\nThe plant opened in May 2024.\n")
    done = run_pincite("ingest", "--json", "articles", home=tmp_path / "home")
    summary = json.loads(done.stdout)
    assert done.returncode == 1
    assert (summary["added"], summary["refused"]) == (1, 1)
    refused = next(o for o in summary["outcomes"] if o["action"] == "refused")
    assert refused["source"].endswith("bad.pdf")
    assert refused["code"] == "parse_failed"


def test_exit_codes_tell_what_is_wrong(tmp_path: Path, seeded_home: Path) -> None:
    missing = run_pincite("ask", "anything", home=tmp_path / "none")
    assert missing.returncode == 3
    assert "pincite ingest" in missing.stderr
    assert run_pincite("ask", "  ", home=seeded_home).returncode == 2
    assert run_pincite("ask", "--top-k", "99", "x", home=seeded_home).returncode == 2
    assert run_pincite("ask", "--mode", "llm", "x", home=seeded_home).returncode == 2
    assert run_pincite("status", home=seeded_home).returncode == 0


def test_forgotten_text_is_nowhere_in_the_library(tmp_path: Path) -> None:
    home = tmp_path / "home"
    secret = "The password of the vault is heliotrope-42."
    (tmp_path / "secret.txt").write_text(f"Vault\n\n{secret}\n")
    (tmp_path / "other.txt").write_text("Garden\n\nThe roses bloom in June.\n")
    assert run_pincite("ingest", "secret.txt", "other.txt", home=home).returncode == 0
    assert "heliotrope" in run_pincite("ask", "what is the vault's password?", home=home).stdout
    assert run_pincite("forget", "secret.txt", home=home).returncode == 0
    left = [p for p in home.rglob("*") if p.is_file() and b"heliotrope" in p.read_bytes()]
    assert left == []


@pytest.mark.parametrize("question", REFERENCE_QUESTIONS)
def test_in_the_chat_a_question_leads_to_the_passage_in_its_article(
    server: str, question: str
) -> None:
    with open_browser() as browser, open_chat(browser, server) as chat:
        chat.ask(question)
        answer = chat.page.locator("#t1.is-answered")
        expect(answer.locator(".pc-marker").first).to_have_text("1")
        answer.locator(".pc-marker").first.click()
        panel = chat.page.locator("#pc-panel")
        marked = panel.locator("mark").all_text_contents()
        assert any("court ruled against Xiaomi" in quote for quote in marked)
        source = panel.locator(".pc-source").first
        expect(source).to_contain_text("官媒锐评小米营销手段")
        expect(source).to_contain_text("004_ab675029e0c7c2a4.txt")
        chat.check()
