from typing import Any

import pytest
from fastapi.testclient import TestClient

from pincite.serve.api.versions import unversioned


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/ask", {"question": "What did the court rule on Acme?"}),
        ("POST", "/ask/batch", {"questions": [{"question": "x"}]}),
        ("POST", "/search", {"query": "court"}),
        ("GET", "/documents", None),
        ("GET", "/documents/nowhere", None),
        ("GET", "/health", None),
        ("GET", "/openapi.json", None),
        ("GET", "/nothing", None),
    ],
)
def test_the_short_paths_are_the_same(
    client: TestClient, method: str, path: str, body: dict[str, Any] | None
) -> None:
    headers = {"x-request-id": "same"}
    short, versioned = (
        client.request(method, prefix + path, json=body, headers=headers) for prefix in ("", "/v1")
    )
    assert short.status_code == versioned.status_code
    assert short.text == versioned.text.replace("at /v1", "at ")


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/v1/ask", "/ask"), ("/ask", "/ask"), ("/v1", "/v1"), ("/v11/ask", "/v11/ask")],
)
def test_the_version_is_taken_off(path: str, expected: str) -> None:
    assert unversioned(path) == expected


def test_another_version_is_not_there(client: TestClient) -> None:
    assert client.post("/v2/ask", json={"question": "x"}).status_code == 404
