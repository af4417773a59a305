"""The client: each method is one endpoint, and gives what the endpoint answers as typed records."""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from pincite.client.errors import ClientError
from pincite.client.transport import Transport
from pincite.closing import Closing
from pincite.explanation import NO_FILTERS, Filters
from pincite.records import (
    PASSAGES_CONSIDERED,
    Answer,
    Delta,
    DocumentInfo,
    Event,
    Leg,
    Question,
    Restart,
    Stage,
)
from pincite.responses import (
    BatchResponse,
    DocumentDetail,
    DocumentList,
    FoundPassage,
    Problem,
    SearchResponse,
    UploadResponse,
    UploadResult,
)

_T = TypeVar("_T")
_EVENTS: dict[str, TypeAdapter[Any]] = {
    "stage": TypeAdapter(Stage),
    "token": TypeAdapter(Delta),
    "restart": TypeAdapter(Restart),
    "answer": TypeAdapter(Answer),
}
_ANSWER: TypeAdapter[Answer] = _EVENTS["answer"]
_DOCUMENT = TypeAdapter(DocumentInfo)


class Client(Closing):
    """Asks one Pincite server. Safe to use from several threads; a context manager.

    Every method raises ``ClientError``. While the server is busy (429, 503) requests that can be
    sent again are, after the time it asks for.

    Args:
        base_url: Of the server, such as ``http://127.0.0.1:7860``.
        api_key: A key, where the server has keys.
        timeout: Most seconds without a byte from the server.
        retries: How often a request is sent again.
        sleep: Waits between tries, in seconds.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        timeout: float = 120.0,
        retries: int = 4,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = Transport(base_url, api_key, timeout, retries, sleep)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def ask(self, question: str | Question) -> Answer:
        """Answer a question, or say that the library does not hold the answer."""
        return _read(_ANSWER.validate_json, self._post("ask", _asked(question)))

    def stream(self, question: str | Question) -> Iterator[Event]:
        """Answer as ``ask`` does, piece by piece; the last event is the answer.

        Whoever stops early closes the iterator, and the server stops too.
        """
        body = _json({**_asked(question), "stream": True})
        for name, data in self._transport.events("ask", body):
            if name == "error":
                raise ClientError.of(_read(Problem.model_validate_json, data))
            if name not in _EVENTS:
                continue
            event: Event = _read(_EVENTS[name].validate_json, data)
            yield event
            if isinstance(event, Answer):
                return
        raise ClientError("incomplete_stream", "the stream ended before the answer")

    def ask_batch(self, questions: Sequence[str | Question]) -> list[Answer | ClientError]:
        """Answer up to 50 questions; in the place of one that failed stands its error."""
        body = self._post("ask/batch", {"questions": [_asked(question) for question in questions]})
        results = _read(BatchResponse.model_validate_json, body).results
        return [
            result.answer if result.answer else ClientError.of(_required(result.problem))
            for result in results
        ]

    def search(
        self,
        query: str,
        *,
        top_k: int = PASSAGES_CONSIDERED,
        leg: Leg = "fused",
        filters: Filters = NO_FILTERS,
    ) -> list[FoundPassage]:
        """Find the passages nearest to a text, best first."""
        content = {"query": query, "top_k": top_k, "leg": leg, **_filters(filters)}
        return _read(SearchResponse.model_validate_json, self._post("search", content)).hits

    def documents(
        self, *, q: str = "", tag: str | None = None, limit: int = 50, offset: int = 0
    ) -> DocumentList:
        """List the documents by title: one page of those with ``q`` in title or source."""
        wanted = {"q": q, "tag": tag, "limit": limit, "offset": offset}
        given = {name: value for name, value in wanted.items() if value is not None}
        body = self._transport.send("GET", "documents", params=given)
        return _read(DocumentList.model_validate_json, body)

    def document(self, document_id: str, *, text: bool = True) -> DocumentDetail:
        """Read one document with its passages, and its text."""
        body = self._transport.send(
            "GET", f"documents/{_path(document_id)}", params={"text": str(text).lower()}
        )
        return _read(DocumentDetail.model_validate_json, body)

    def upload(
        self, *files: str | Path | tuple[str, bytes], tags: Sequence[str] = ()
    ) -> list[UploadResult]:
        """Take in files, by path or as (name, content); each is taken in or refused by itself.

        Raises:
            ClientError: If all were refused; ``problem.results`` tells of each.
            OSError: If a file cannot be read.
        """
        parts = [("files", file if isinstance(file, tuple) else _named(file)) for file in files]
        body = self._transport.send(
            "POST", "documents", files=parts, data={"tags": list(tags)}, headers=_once()
        )
        return _read(UploadResponse.model_validate_json, body).results

    def add_url(self, url: str, *, tags: Sequence[str] = ()) -> UploadResult:
        """Let the server fetch a public web page and take it in.

        Raises:
            ClientError: If it is refused; ``code`` says why.
        """
        content = _content({"url": url, "tags": list(tags)})
        content["headers"] |= _once()
        body = self._transport.send("POST", "documents/url", **content)
        return _read(UploadResult.model_validate_json, body)

    def delete(self, document_id: str) -> DocumentInfo:
        """Delete one document for good; what it was."""
        body = self._transport.send("DELETE", f"documents/{_path(document_id)}")
        return _read(_DOCUMENT.validate_json, body)

    def feedback(
        self,
        answer: Answer | str,
        rating: Literal["up", "down"],
        *,
        comment: str = "",
        question: str | None = None,
    ) -> None:
        """Tell what somebody thought of an answer, given whole or by its id.

        The server knows its latest answers by their ids; of others it wants the ``question`` too.
        """
        content: dict[str, Any] = {"rating": rating, "comment": comment, "question": question}
        if isinstance(answer, str):
            content["answer_id"] = answer
        else:
            content |= {
                "answer_id": answer.id,
                "answer": answer.answer,
                "status": answer.status,
                "language": answer.language,
                "index_generation": answer.index_generation,
            }
        self._transport.send("POST", "feedback", again=False, **_content(content))

    def _post(self, path: str, content: dict[str, Any]) -> bytes:
        # Asking changes nothing, so that it may be done twice.
        return self._transport.send("POST", path, **_content(content))


def _asked(question: str | Question) -> dict[str, Any]:
    if isinstance(question, str):
        return {"question": question}
    return {
        "question": question.text,
        "history": [asdict(message) for message in question.history],
        "mode": question.mode,
        "top_k": question.top_k,
        "language": question.language,
        "explain": question.explain,
        **_filters(question.filters),
    }


def _filters(filters: Filters) -> dict[str, Any]:
    return {"filters": asdict(filters)} if filters else {}


def _json(content: object) -> bytes:
    return json.dumps(content).encode()


def _content(content: object) -> dict[str, Any]:
    return {"content": _json(content), "headers": {"content-type": "application/json"}}


def _once() -> dict[str, str]:
    """Return the header that lets the server know a second try from a second upload."""
    return {"idempotency-key": secrets.token_hex(16)}


def _path(document_id: str) -> str:
    if not document_id.isalnum():
        raise ClientError("document_not_found", f"{document_id!r} is no document's id")
    return document_id


def _named(file: str | Path) -> tuple[str, bytes]:
    path = Path(file)
    return path.name, path.read_bytes()


def _required(problem: Problem | None) -> Problem:
    if problem is None:
        raise ClientError("bad_response", "a result has neither an answer nor a problem")
    return problem


def _read(parse: Callable[[bytes], _T], body: bytes) -> _T:
    try:
        return parse(body)
    except ValidationError as exc:
        raise ClientError(
            "bad_response",
            f"the server's answer is not what this client knows: {exc.errors()[0]['msg']}; are "
            "their versions the same?",
        ) from exc
