from collections.abc import Iterator

import anyio
import pytest
from fastapi.testclient import TestClient
from starlette.types import Message

from pincite.serve.access.guard import JSON_BYTES, Guard, is_loopback
from pincite.serve.access.keys import Access
from pincite.state.store import State
from tests.serve.calls import UPLOAD_BYTES, call, configured, count
from tests.serve.conftest import KEY

JSON = {"content-type": "application/json"}
MULTIPART = {"content-type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:7860", 200),
        ("localhost:7860", 200),
        ("LOCALHOST", 200),
        ("[::1]:7860", 200),
        ("evil.example", 421),
        ("evil.example:7860", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("", 421),
    ],
)
def test_a_loopback_server_answers_to_loopback_names_only(host: str, status: int) -> None:
    assert call("/x", {"host": host}, [b""])[0] == status
    assert call("/x", {"host": host}, [b""], server="10.0.0.5")[0] == 200
    assert call("/x", {"host": host, "x-api-key": KEY}, [b""], key=KEY)[0] == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://127.0.0.1"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://127.0.0.1.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "https://public.name"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_pages_of_other_sites_change_nothing(headers: dict[str, str], status: int) -> None:
    assert call("/documents", headers, [b""])[0] == status


@pytest.mark.parametrize(
    ("path", "headers", "cap"),
    [
        ("/search", JSON, JSON_BYTES),
        ("/search", MULTIPART, JSON_BYTES),
        ("/ask", JSON, 4 * JSON_BYTES),
        ("/v1/ask", JSON, 4 * JSON_BYTES),
        ("/v1/ask/batch", JSON, 16 * JSON_BYTES),
        ("/v1/chat/completions", JSON, 16 * JSON_BYTES),
        ("/v1/search", JSON, JSON_BYTES),
        ("/login", {}, JSON_BYTES),
        ("/gradio_api/upload", MULTIPART, JSON_BYTES),
        ("/gradio_api/queue/join", JSON, JSON_BYTES),
        ("/documents", JSON, JSON_BYTES),
        ("/documents", MULTIPART, UPLOAD_BYTES + JSON_BYTES),
        ("/v1/documents", MULTIPART, UPLOAD_BYTES + JSON_BYTES),
        ("/v1/documents", JSON, JSON_BYTES),
    ],
)
def test_bodies_are_capped_as_declared_and_as_sent(
    path: str, headers: dict[str, str], cap: int
) -> None:
    fits = [b"x" * 1000] * (cap // 1000) + [b"x" * (cap % 1000)]
    assert call(path, headers, fits)[::2] == (200, str(cap).encode())
    assert call(path, headers, [*fits, b"x"])[0] == 413
    declared = {**headers, "content-length": str(cap + 1)}
    assert call(path, declared, [b""])[0] == 413
    lying = {**headers, "content-length": "10"}
    assert call(path, lying, [*fits, b"x"])[0] == 413


@pytest.mark.parametrize("length", ["-1", "1e9", "9" * 400, "x", "١"])
def test_a_senseless_length_is_refused(length: str) -> None:
    assert call("/ask", {**JSON, "content-length": length}, [b""])[0] == 413


def test_an_endless_body_is_cut_off_in_the_real_application(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(300):
            yield b" " * 1000

    form = {"content-type": "application/x-www-form-urlencoded"}
    for path, headers in (("/ask", JSON), ("/gradio_api/queue/join", JSON), ("/login", form)):
        response = client.post(path, content=endless(), headers=headers)
        assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


def test_every_response_is_closed_to_other_origins() -> None:
    _, headers, _ = call("/x", {}, [b""])
    assert not [name for name in headers if name.lower().startswith("access-control")]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "X-Frame-Options" not in headers
    assert "server" not in headers
    policy = headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_other_origins_are_never_allowed_in(client: TestClient, origin: str) -> None:
    for path in ("/", "/documents", "/gradio_api/heartbeat", "/nothing"):
        for method in ("GET", "OPTIONS"):
            response = client.request(
                method, path, headers={"origin": origin, "access-control-request-method": "POST"}
            )
            assert not [h for h in response.headers if h.startswith("access-control")]


def test_the_chat_page_allows_its_own_scripts_and_no_inline_ones(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    scripts = next(p for p in policy.split("; ") if p.startswith("script-src"))
    assert scripts.count("'sha256-") >= 3
    assert "unsafe-inline" not in scripts
    assert "http" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=https://example.com/",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/x",
        "/gradio_api/proxy=https://example.com",
        "/gradio_api/info",
        "/gradio_api/openapi.json",
        "/gradio_api/upload",
        "/gradio_api/call/ask",
        "/gradio_api/run/predict",
        "/gradio_api/component_server",
        "/gradio_api/deep_link",
        "/gradio_api/runs",
        "/gradio_api/vibe-code",
        "/monitoring",
        "/monitoring/summary",
        "/config",
        "/?deep_link=x",
        "/docs",
        "/redoc",
        "/%2e%2e/etc/passwd",
        "/assets/../../routes.py",
        "//gradio_api/info",
    ],
)
def test_what_the_page_does_not_need_of_gradio_is_not_there(client: TestClient, path: str) -> None:
    for method in ("GET", "POST"):
        response = client.request(method, path)
        assert response.status_code in {403, 404, 405}, response.text[:200]
        assert "root:" not in response.text


def test_request_ids_are_kept_if_they_are_sound() -> None:
    assert call("/x", {"x-request-id": "job-7.a_B"}, [b""])[1]["x-request-id"] == "job-7.a_B"
    for unsound in ("", "a b", "x" * 65, "<script>", "a\tb"):
        made = call("/x", {"x-request-id": unsound}, [b""])[1]["x-request-id"]
        assert made != unsound
        assert len(made) == 16


def test_websockets_are_closed(state: State) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    guard = Guard(count, Access(state, configured()), configured())
    anyio.run(guard, {"type": "websocket", "path": "/", "headers": []}, receive, send)
    assert [m["type"] for m in sent] == ["websocket.close"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.1", False),
        ("testserver", False),
    ],
)
def test_loopback_addresses_are_told_apart(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
