"""Filters and tags in requests: taken strictly, and the same as in the record."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from pincite.explanation import Filters
from pincite.records import Question
from tests.serve.memory import MemoryWorkspace

QUESTION = "What did the court rule on Acme?"


def test_filters_reach_the_assistant_in_one_form(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    asked: list[Question] = []
    workspace.before_asking = asked.append
    filters = {
        "since": "2024-06",
        "until": "2025",
        "sources": ["acme.txt"],
        "documents": ["d1"],
        "tags": [" HR "],
        "languages": ["zh-Hant"],
    }
    response = client.post("/ask", json={"question": QUESTION, "filters": filters})
    assert response.status_code == 200
    assert asked[0].filters == Filters(
        "2024-06-01", "2025-12-31", ("acme.txt",), ("d1",), ("hr",), ("zh-hant",)
    )
    bodies: list[dict[str, object]] = [{}, {"filters": None}, {"filters": {}}]
    for body in bodies:
        assert client.post("/ask", json={"question": QUESTION, **body}).status_code == 200
    assert [question.filters for question in asked[1:]] == [Filters()] * 3


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"since": "2024-13"}, "filters.since"),
        ({"since": "yesterday"}, "filters.since"),
        ({"since": 2024}, "filters.since"),
        ({"until": ""}, "filters.until"),
        ({"since": "2025", "until": "2024"}, "filters"),
        ({"sources": "acme.txt"}, "filters.sources"),
        ({"sources": [" "]}, "filters.sources.0"),
        ({"documents": ["a", "x" * 501]}, "filters.documents.1"),
        ({"tags": ["ok", ""]}, "filters.tags.1"),
        ({"tags": [str(n) for n in range(51)]}, "filters.tags"),
        ({"languages": ["en", "中文"]}, "filters.languages.1"),
        ({"language": ["en"]}, "filters.language"),
        ([], "filters"),
    ],
)
@pytest.mark.parametrize("path", ["/ask", "/search"])
def test_a_wrong_filter_names_its_field(
    client: TestClient, path: str, filters: object, field: str
) -> None:
    body = {"question" if path == "/ask" else "query": "x", "filters": filters}
    response = client.post(path, json=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == "bad_input"
    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize(
    ("filters", "detail"),
    [
        ({"since": "soon"}, "filters.since: 'soon' is no date; wanted a day"),
        ({"tags": "hr"}, "filters.tags: Input should be a valid array"),
    ],
)
def test_a_wrong_filter_is_told_in_plain_words(
    client: TestClient, filters: object, detail: str
) -> None:
    problem = client.post("/ask", json={"question": "x", "filters": filters}).json()
    assert problem["detail"].startswith(detail)


def test_search_takes_them_too(client: TestClient) -> None:
    def found(filters: dict[str, Any]) -> set[str]:
        response = client.post("/search", json={"query": "court Acme", "filters": filters})
        assert response.status_code == 200
        return {hit["document"]["source"] for hit in response.json()["hits"]}

    assert found({"languages": ["zh"]}) == {"https://news.example.com/harvest"}
    assert found({"since": "2025"}) == {"/srv/articles/acme.txt"}
    assert found({"since": "2030"}) == set()


def test_tags_are_set_at_upload_shown_and_changed(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    uploaded = client.post(
        "/documents", files=[("files", ("a.txt", b"One."))], data={"tags": ["HR", "2025"]}
    )
    assert uploaded.status_code == 201
    document_id = uploaded.json()["results"][0]["document_id"]
    path = f"/documents/{document_id}"
    assert client.get(path).json()["document"]["tags"] == ["2025", "hr"]
    listed = client.get("/documents", params={"tag": "Hr"}).json()
    assert [d["id"] for d in listed["documents"]] == [document_id]
    assert client.get("/documents", params={"tag": "none"}).json()["total"] == 0
    changed = client.put(f"{path}/tags", json={"tags": ["Policy", "hr"]})
    assert changed.json()["tags"] == ["hr", "policy"]
    assert client.put(f"{path}/tags", json={"tags": []}).json()["tags"] == []
    assert workspace.stored[document_id].info.tags == ()


@pytest.mark.parametrize(
    "body", [{}, {"tags": "hr"}, {"tags": [""]}, {"tags": ["x" * 51]}, {"tags": [], "x": 1}]
)
def test_wrong_tags_are_refused(client: TestClient, body: dict[str, object]) -> None:
    document_id = client.get("/documents").json()["documents"][0]["id"]
    response = client.put(f"/documents/{document_id}/tags", json=body)
    assert (response.status_code, response.json()["code"]) == (422, "bad_input")


def test_wrong_tags_at_upload_take_nothing_in(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    response = client.post(
        "/documents", files=[("files", ("a.txt", b"One."))], data={"tags": ["x" * 51]}
    )
    assert response.status_code == 422
    assert len(workspace.stored) == 2


def test_tags_of_an_unknown_document_are_a_problem(client: TestClient) -> None:
    response = client.put("/documents/nowhere/tags", json={"tags": ["a"]})
    assert (response.status_code, response.json()["code"]) == (404, "document_not_found")
