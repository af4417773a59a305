from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.serve.memory import MemoryWorkspace


def _upload(client: TestClient, *files: tuple[str, bytes]) -> Any:
    return client.post("/documents", files=[("files", file) for file in files])


def test_the_list_is_paged_and_filtered(client: TestClient) -> None:
    everything = client.get("/documents").json()
    assert (everything["total"], everything["limit"], everything["offset"]) == (2, 50, 0)
    titles = [document["title"] for document in everything["documents"]]
    assert titles == ["Verdict in the Acme case", "今年的收成"]
    second = client.get("/documents", params={"limit": 1, "offset": 1}).json()
    assert [d["title"] for d in second["documents"]] == titles[1:]
    assert second["total"] == 2
    for words, expected in (("ACME", titles[:1]), ("example.COM", titles[1:]), ("nothing", [])):
        found = client.get("/documents", params={"q": words}).json()
        assert [d["title"] for d in found["documents"]] == expected
        assert found["total"] == len(expected)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "offset=-1", "limit=x", "q=" + "x" * 201]
)
def test_a_wrong_page_is_refused(client: TestClient, query: str) -> None:
    response = client.get(f"/documents?{query}")
    assert (response.status_code, response.json()["code"]) == (422, "bad_input")


def test_a_document_comes_with_its_passages(client: TestClient) -> None:
    document_id = client.get("/documents").json()["documents"][0]["id"]
    found = client.get(f"/documents/{document_id}").json()
    assert found["document"]["id"] == document_id
    assert [p["ordinal"] for p in found["passages"]] == list(range(len(found["passages"])))
    for passage in found["passages"]:
        assert found["text"][passage["start"] : passage["end"]] == passage["text"]
    short = client.get(f"/documents/{document_id}", params={"text": "false"}).json()
    assert short == {**found, "text": None}


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_document_is_a_problem(client: TestClient, method: str) -> None:
    response = client.request(method, "/documents/nowhere")
    assert (response.status_code, response.json()["code"]) == (404, "document_not_found")


def test_deleting_gives_what_was_removed(client: TestClient, workspace: MemoryWorkspace) -> None:
    info = client.get("/documents").json()["documents"][0]
    response = client.delete(f"/documents/{info['id']}")
    assert (response.status_code, response.json()) == (200, info)
    assert info["id"] not in workspace.stored
    assert client.delete(f"/documents/{info['id']}").status_code == 404


def test_a_document_is_not_deleted_by_its_source(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    workspace.add("x", "x", "upload:x.txt")
    assert client.delete("/documents/upload:x.txt").status_code == 404
    assert len(workspace.stored) == 3


def test_uploads_tell_new_from_known(client: TestClient, workspace: MemoryWorkspace) -> None:
    first = _upload(client, ("a.txt", b"One."), ("b.txt", b"Two."))
    assert first.status_code == 201
    results = first.json()["results"]
    assert [(r["name"], r["status"], r["action"]) for r in results] == [
        ("a.txt", 201, "added"),
        ("b.txt", 201, "added"),
    ]
    assert workspace.document(results[0]["document_id"]).text == "One."
    again = _upload(client, ("a.txt", b"One."), ("b.txt", b"Other."))
    assert again.status_code == 200
    assert [r["action"] for r in again.json()["results"]] == ["unchanged", "changed"]


def test_one_bad_file_does_not_stop_the_others(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    response = _upload(client, ("bad.bin", b"\0\0"), ("../好.txt", "好。".encode()))
    assert response.status_code == 207
    bad, good = response.json()["results"]
    assert (bad["status"], bad["action"], bad["code"]) == (415, "refused", "unsupported_format")
    assert "bad.bin" in bad["message"]
    assert (good["status"], good["action"]) == (201, "added")
    assert len(workspace.stored) == 3


def test_nothing_taken_in_is_a_problem_with_the_results(client: TestClient) -> None:
    response = _upload(client, ("a.bin", b"\0"), ("b.bin", b"\0"))
    assert response.status_code == 415
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "unsupported_format"
    assert [r["code"] for r in response.json()["results"]] == ["unsupported_format"] * 2


def test_an_upload_without_files_is_refused(client: TestClient) -> None:
    assert client.post("/documents", files={"files": (None, b"x")}).status_code == 422
    assert client.post("/documents", json={"files": []}).status_code == 415
    assert client.post("/documents", files={"other": ("a.txt", b"x")}).status_code == 422
    many = _upload(client, *((f"{n}.txt", b"x") for n in range(51)))
    assert many.status_code == 422


def test_an_upload_over_the_cap_is_refused_and_nothing_is_stored(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    response = _upload(client, ("big.txt", b"x" * 300_000))
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    assert len(workspace.stored) == 2


def test_a_broken_multipart_body_is_a_problem(client: TestClient) -> None:
    for body in (b"", b"--x", b"--x\r\nContent-Disposition: form-data; name=files\r\n\r\nx"):
        response = client.post(
            "/documents", content=body, headers={"content-type": "multipart/form-data; boundary=x"}
        )
        assert response.status_code in {400, 422}
        assert response.headers["content-type"] == "application/problem+json"


def test_a_web_page_is_taken_in(client: TestClient, workspace: MemoryWorkspace) -> None:
    body = {"url": " https://example.com/a ", "tags": ["News"]}
    first = client.post("/v1/documents/url", json=body, headers={"idempotency-key": "a"})
    assert (first.status_code, first.json()["action"]) == (201, "added")
    document = workspace.document(first.json()["document_id"]).info
    assert (document.source, document.tags) == ("https://example.com/a", ("news",))
    again = client.post("/v1/documents/url", json=body, headers={"idempotency-key": "a"})
    assert again.content == first.content
    assert client.post("/documents/url", json=body).status_code == 200
    for url in ("http://internal.example", "/etc/passwd", "file:///etc/passwd"):
        refused = client.post("/documents/url", json={"url": url})
        assert (refused.status_code, refused.json()["code"]) == (422, "url_forbidden")
    assert client.post("/documents/url", json={"url": " "}).status_code == 422
    assert client.post("/documents/url", content=b"url=x").status_code == 415
