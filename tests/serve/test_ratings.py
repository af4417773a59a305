"""The page of the ratings, and the evaluation questions that are made of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from pincite.cli.evaluation import evaluation_of
from pincite.evaluate.questions import load_questions
from pincite.records import Question
from pincite.serve.access.guard import Guard
from pincite.serve.app import create_app
from pincite.settings import Settings
from pincite.state.feedback import Rating, opinion_on
from pincite.state.store import State
from tests.serve.calls import configured
from tests.serve.conftest import client_of, listening
from tests.serve.memory import MemoryWorkspace
from tests.serve.watched import open_chat

ACME = "What did the court rule on the Acme deposit?"
NOBODY = "Who painted the ceiling?"


@pytest.fixture
def own_state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path) as made:
        yield made


@pytest.fixture
def own_app(tmp_path: Path, workspace: MemoryWorkspace, own_state: State) -> Guard:
    evaluation = evaluation_of(Settings(home=tmp_path), workspace.as_workspace)
    return create_app(workspace.as_workspace, own_state, configured(), evaluation=evaluation)


def _rate(
    state: State, workspace: MemoryWorkspace, question: str, rating: Rating, comment: str = ""
) -> int:
    answer = workspace.answer(Question(question))
    opinion = opinion_on(
        question, answer, rating, caller_id="key:a", caller_name="ann", comment=comment
    )
    return state.feedback.give(opinion).id


def _questions(client: TestClient, query: str = "") -> list[str]:
    return re.findall(r'<h2 dir="auto">([^<]*)<', client.get(f"/feedback-list{query}").text)


def test_the_list_is_filtered(own_app: Guard, own_state: State, workspace: MemoryWorkspace) -> None:
    client = client_of(own_app)
    assert "They come from the thumbs under each answer." in client.get("/feedback-list").text
    good = _rate(own_state, workspace, ACME, "up", "Exactly.")
    _rate(own_state, workspace, NOBODY, "down", "It should know.")
    assert _questions(client) == [NOBODY, ACME]
    assert _questions(client, "?show=down") == [NOBODY]
    assert _questions(client, "?show=up") == [ACME]
    own_state.feedback.mark([good], "q007")
    assert _questions(client, "?show=open") == [NOBODY]
    page = client.get("/feedback-list").text
    for said in ("Evaluation question q007", "Exactly.", "ann, ", "The court ruled against Acme"):
        assert said in page
    assert client.get("/feedback-list?show=x").status_code == 422


def test_a_good_answer_becomes_a_question(
    browser: Browser,
    own_app: Guard,
    own_state: State,
    workspace: MemoryWorkspace,
    tmp_path: Path,
) -> None:
    _rate(own_state, workspace, ACME, "up", "Exactly.")
    with listening(own_app) as address, open_chat(browser, address, path="/feedback-list") as chat:
        page = chat.page
        page.get_by_role("link", name="Make an evaluation question").click()
        expect(page.get_by_label("Question", exact=True)).to_have_value(ACME)
        checked = page.locator("[name=evidence]:checked")
        expect(checked).to_have_count(2)
        expect(page.locator(".pc-draft-foot")).to_contain_text(str(tmp_path / "questions.jsonl"))
        checked.nth(1).uncheck()
        page.get_by_label("It may appeal within a month.").check()
        page.get_by_label("Expected words").fill("against Acme | lost\n 5 May ")
        page.get_by_role("button", name="Add to the evaluation").click()
        expect(page.locator(".pc-told-well")).to_contain_text("q001 is in")
        expect(page.locator(".pc-used")).to_have_text("Evaluation question q001")
        chat.check()
    [question] = load_questions(tmp_path / "questions.jsonl")
    assert question.answerable
    assert [piece.document for piece in question.evidence] == ["acme.txt"] * 2
    assert question.evidence[1].quote == "It may appeal within a month."
    assert question.answers == (("against Acme", "lost"), ("5 May",))
    assert own_state.feedback.listed()[0].used_as == "q001"


def test_what_is_no_question_is_refused_in_a_sentence(
    own_app: Guard, own_state: State, workspace: MemoryWorkspace, tmp_path: Path
) -> None:
    client = client_of(own_app)
    number = _rate(own_state, workspace, NOBODY, "down")
    path = f"/feedback-list/{number}"
    given = {"question": NOBODY, "answerable": "yes"}
    refused = client.post(path, data=given)
    assert refused.status_code == 422
    assert "Choose at least one sentence" in refused.text
    wrong = {**given, "evidence": [json.dumps(["/srv/articles/acme.txt", "not there"])]}
    assert "not there" in client.post(path, data=wrong).text
    assert "reload the form" in client.post(path, data={**given, "evidence": "x"}).text
    assert not (tmp_path / "questions.jsonl").exists()
    made = client.post(path, data={**given, "answerable": "no"}, follow_redirects=False)
    assert (made.status_code, made.headers["location"]) == (303, "/feedback-list?made=q001")
    [question] = load_questions(tmp_path / "questions.jsonl")
    assert (question.answerable, question.text) == (False, NOBODY)
    again = client.post(path, data={**given, "answerable": "no"})
    assert "asks this already" in again.text
    for method in ("GET", "POST"):
        gone = client.request(method, "/feedback-list/999", data=given)
        assert gone.status_code == 404
        assert "This rating is no longer there." in gone.text


def test_without_a_question_file_none_is_made(own_state: State, workspace: MemoryWorkspace) -> None:
    number = _rate(own_state, workspace, ACME, "up")
    client = client_of(create_app(workspace.as_workspace, own_state, configured()))
    assert f'href="/feedback-list/{number}"' not in client.get("/feedback-list").text
    said = "This server has no question file."
    assert said in client.get(f"/feedback-list/{number}").text
    assert said in client.post(f"/feedback-list/{number}", data={"question": ACME}).text
