"""The client against a server that listens."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pincite.client import (
    Answer,
    Client,
    ClientError,
    Delta,
    Filters,
    Message,
    Question,
    Stage,
    UploadResult,
)
from tests.program import REFERENCE_QUESTIONS, UNANSWERABLE

ENGLISH, CHINESE = REFERENCE_QUESTIONS


@pytest.fixture
def client(server: str) -> Iterator[Client]:
    with Client(server) as made:
        yield made


def test_an_answer_is_the_record(client: Client) -> None:
    answer = client.ask(Question(ENGLISH, top_k=6, explain=True, language="zh"))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.language) == ("answered", "zh")
    [citation, *_] = answer.citations
    text = client.document(citation.document_id).text
    assert text is not None
    assert text[citation.start : citation.end] == citation.quote
    assert answer.explain is not None
    assert len(answer.explain) <= 6
    assert client.ask(UNANSWERABLE[0]).status == "not_found"


def test_filters_and_history_are_sent(client: Client) -> None:
    question = Question(CHINESE, filters=Filters(since="2999"), history=(Message("user", "x"),))
    answer = client.ask(question)
    assert answer.reason == "filtered_out"
    assert answer.search is not None
    assert answer.search.filters.since == "2999-01-01"


def test_the_streams_pieces_make_up_the_answer(client: Client) -> None:
    first, *events, last = client.stream(CHINESE)
    assert first == Stage("retrieving")
    assert isinstance(last, Answer)
    assert "".join(e.text for e in events if isinstance(e, Delta)) == last.answer
    assert last.answer == client.ask(CHINESE).answer


def test_a_batch_has_answers_and_errors_in_their_places(client: Client) -> None:
    first, wrong, last = client.ask_batch([ENGLISH, Question("x", top_k=99), CHINESE])
    assert isinstance(first, Answer)
    assert isinstance(last, Answer)
    assert isinstance(wrong, ClientError)
    assert (wrong.code, wrong.status) == ("bad_input", 422)


def test_documents_come_and_go(client: Client) -> None:
    before = client.documents().total
    [new] = client.upload(("note.txt", b"The picnic is on Friday."), tags=["fun"])
    assert isinstance(new, UploadResult)
    assert new.document_id is not None
    assert client.documents(tag="fun").documents[0].id == new.document_id
    assert client.search("picnic", top_k=1)[0].document.id == new.document_id
    assert client.document(new.document_id, text=False).text is None
    assert client.delete(new.document_id).title
    assert client.documents().total == before
    with pytest.raises(ClientError) as caught:
        client.delete(new.document_id)
    assert (caught.value.code, caught.value.status) == ("document_not_found", 404)
    assert caught.value.request_id


def test_refused_uploads_are_an_error_with_each_result(client: Client, tmp_path: Path) -> None:
    bad = tmp_path / "bad.bin"
    bad.write_bytes(b"\0\1\2")
    with pytest.raises(ClientError) as caught:
        client.upload(bad)
    assert caught.value.problem is not None
    assert caught.value.problem.model_extra is not None
    assert caught.value.problem.model_extra["results"][0]["name"] == "bad.bin"


@pytest.mark.parametrize("document_id", ["../health", "", "a/b", "?x"])
def test_an_id_never_leads_elsewhere(client: Client, document_id: str) -> None:
    with pytest.raises(ClientError, match="no document's id"):
        client.delete(document_id)


def test_a_server_that_is_not_there_is_told() -> None:
    with Client("http://127.0.0.1:1") as client, pytest.raises(ClientError) as caught:
        client.ask("x")
    assert (caught.value.code, caught.value.status) == ("unreachable", None)
    assert "pincite serve" in str(caught.value)


class _Scripted(BaseHTTPRequestHandler):
    """Sends the next response of the script; then the last one for ever."""

    script: list[tuple[int, dict[str, str], bytes]]
    seen: list[tuple[str, str | None]]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.seen.append((self.path, self.headers["authorization"]))
        status, headers, body = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass


@pytest.fixture
def scripted() -> Iterator[tuple[type[_Scripted], str]]:
    handler = type("Handler", (_Scripted,), {"script": [], "seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=(0.02,))
        thread.start()
        yield handler, f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


def _problem(code: str, status: int) -> bytes:
    return json.dumps(
        {"type": "", "title": "", "status": status, "detail": "d", "code": code, "request_id": "r"}
    ).encode()


def test_a_busy_server_is_asked_again_when_it_says(
    scripted: tuple[type[_Scripted], str],
) -> None:
    handler, address = scripted
    busy = _problem("overloaded", 503)
    handler.script += [(503, {"retry-after": "7"}, busy), (429, {}, b""), (200, {}, b'{"hits":[]}')]
    waited: list[float] = []
    with Client(address, "key", sleep=waited.append) as client:
        assert client.search("x") == []
    assert waited == [7.0, 2.0]
    assert handler.seen == [("/v1/search", "Bearer key")] * 3


def test_a_stream_is_begun_again_too(scripted: tuple[type[_Scripted], str]) -> None:
    handler, address = scripted
    stage = b'event: stage\ndata: {"name": "reading"}\n\n'
    handler.script += [(503, {"retry-after": "3"}, _problem("overloaded", 503)), (200, {}, stage)]
    waited: list[float] = []
    with Client(f"{address}/v1/", sleep=waited.append) as client:
        stream = client.stream("x")
        assert next(stream) == Stage("reading")
        with pytest.raises(ClientError, match="incomplete_stream"):
            next(stream)
    assert waited == [3.0]
    assert [path for path, _ in handler.seen] == ["/v1/ask"] * 2


@pytest.mark.parametrize(
    ("asked", "waits"), [("nan", [1, 2]), ("-1", [1, 2]), ("1e9", [60, 60]), ("soon", [1, 2])]
)
def test_who_stays_busy_is_given_up(
    scripted: tuple[type[_Scripted], str], asked: str, waits: list[float]
) -> None:
    handler, address = scripted
    handler.script += [(503, {"retry-after": asked}, _problem("overloaded", 503))]
    waited: list[float] = []
    with Client(address, retries=2, sleep=waited.append) as client:
        with pytest.raises(ClientError) as caught:
            client.ask("x")
        assert (caught.value.code, caught.value.request_id) == ("overloaded", "r")
        assert waited == waits
        with pytest.raises(ClientError):
            client.feedback("id", "up")
    assert len(handler.seen) == 4


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b': beat\n\nevent: stage\ndata: {"name": "reading"}\n\n', "incomplete_stream"),
        (b"event: error\ndata: " + _problem("llm_timeout", 504) + b"\n\n", "llm_timeout"),
        (b"event: answer\r\ndata: {}\r\n\r\n", "bad_response"),
        (b"", "incomplete_stream"),
    ],
)
def test_a_stream_without_an_answer_is_an_error(
    scripted: tuple[type[_Scripted], str], body: bytes, code: str
) -> None:
    handler, address = scripted
    handler.script += [(200, {"content-type": "text/event-stream"}, body)]
    with Client(address) as client, pytest.raises(ClientError) as caught:
        list(client.stream("x"))
    assert caught.value.code == code


def test_what_a_proxy_says_is_told(scripted: tuple[type[_Scripted], str]) -> None:
    handler, address = scripted
    handler.script += [(502, {}, b"<h1>Bad Gateway</h1>"), (200, {}, b"<h1>Welcome</h1>")]
    with Client(address) as client:
        for words in ("Bad Gateway", "versions"):
            with pytest.raises(ClientError, match=words) as caught:
                client.ask("x")
            assert caught.value.code == "bad_response"


def test_the_client_loads_nothing_heavy() -> None:
    code = "import sys, pincite.client; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"fastapi", "gradio", "numpy", "faiss", "onnxruntime", "tantivy", "apsw", "torch"}
    assert not heavy & set(loaded.stdout.split())


def test_an_address_that_is_not_public_is_refused_with_its_code(client: Client) -> None:
    with pytest.raises(ClientError) as refused:
        client.add_url("http://127.0.0.1/secret", tags=["x"])
    assert (refused.value.code, refused.value.status) == ("url_forbidden", 422)
