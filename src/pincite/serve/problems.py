"""Errors as RFC 9457 problem details, with the stable codes of ``pincite.errors``."""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from pincite.errors import (
    CancelledError,
    DocumentNotFoundError,
    DocumentTooLargeError,
    IdempotencyInProgressError,
    InputError,
    LibraryBusyError,
    LibraryMissingError,
    LLMError,
    LLMOverloadedError,
    LLMPausedError,
    LLMTimeoutError,
    NotReadyError,
    OverloadedError,
    PinciteError,
    SourceError,
    UnsupportedFormatError,
)
from pincite.responses import Problem
from pincite.serve.api.openai_errors import PATHS, openai_error, openai_status
from pincite.state.errors import (
    AnswerUnknownError,
    ConversationNotFoundError,
    FeedbackNotFoundError,
    StateFullError,
)

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = {"retry-after": "1"}
INTERNAL_ERROR = "something went wrong on the server; its log names this request_id"
# What a field's fault tells of the bound it broke, as JSON Schema names it.
_BOUNDS = {
    "min_length": "minLength",
    "max_length": "maxLength",
    "ge": "minimum",
    "le": "maximum",
}


# The first base that fits decides; anything else is the server's fault.
_STATUS: tuple[tuple[type[PinciteError], int], ...] = (
    (DocumentNotFoundError, 404),
    (AnswerUnknownError, 404),
    (FeedbackNotFoundError, 404),
    (ConversationNotFoundError, 404),
    (StateFullError, 409),
    (DocumentTooLargeError, 413),
    (UnsupportedFormatError, 415),
    (SourceError, 422),
    (InputError, 422),
    (LibraryBusyError, 503),
    (LibraryMissingError, 503),
    (OverloadedError, 503),
    (NotReadyError, 503),
    (IdempotencyInProgressError, 409),
    (LLMTimeoutError, 504),
    (LLMOverloadedError, 503),
    (LLMPausedError, 503),
    (LLMError, 502),
    # No status of HTTP's: nobody is there to read it. nginx logs the same.
    (CancelledError, 499),
)
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    421: "wrong_host",
    422: InputError.code,
    429: "rate_limited",
    500: "internal_error",
}


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of the problems an endpoint answers with."""
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in sorted(statuses)
    }


def status_of(error: PinciteError) -> int:
    """Return the HTTP status for an error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def as_json(content: object) -> bytes:
    """Encode JSON whatever the text: lone surrogates are escaped, NaN is refused."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def problem(
    status: int,
    detail: str,
    *,
    request_id: str,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
    **further: Any,
) -> Response:
    """Make a problem response.

    Args:
        status: The HTTP status.
        detail: What happened, in words.
        request_id: Of the request, so that a report can be matched with the log.
        code: The stable code; without one, the status decides.
        headers: Further headers.
        further: Further members of the object.
    """
    return ProblemResponse(
        members(status, detail, request_id=request_id, code=code, **further), headers
    )


class ProblemResponse(Response):
    """A problem, or on the paths of OpenAI's clients the error that those understand."""

    def __init__(self, content: Mapping[str, Any], headers: Mapping[str, str] | None) -> None:
        super().__init__(as_json(content), content["status"], headers, MEDIA_TYPE)
        self._content = content
        self._further = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        if not scope.get("path", "").startswith(PATHS):
            await super().__call__(scope, receive, send)
            return
        body = as_json(openai_error(self._content))
        status = openai_status(self.status_code)
        await Response(body, status, self._further, "application/json")(scope, receive, send)


def members(
    status: int, detail: str, *, request_id: str, code: str | None = None, **further: Any
) -> dict[str, Any]:
    """Return a problem's object; the arguments are those of ``problem``."""
    code = code or CODES.get(status, "error")
    return {
        "type": f"urn:pincite:error:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
        **further,
    }


def of_pincite(error: PinciteError, *, request_id: str, **further: Any) -> dict[str, Any]:
    """Return the problem's object for one of Pincite's errors."""
    return members(status_of(error), str(error), request_id=request_id, code=error.code, **further)


def request_id_of(request: Request) -> str:
    """Return the id the guard gave the request."""
    return str(request.state.request_id)


def of_error(request: Request, error: PinciteError, **further: Any) -> Response:
    """Make the problem response for one of Pincite's errors."""
    content = of_pincite(error, request_id=request_id_of(request), **further)
    if content["status"] == 500:
        logger.error("%s %s: %s", request.method, request.url.path, error)
    soon = content["status"] == 503 or isinstance(error, IdempotencyInProgressError)
    return ProblemResponse(content, RETRY_AFTER if soon else None)


def requires(media_type: str) -> Any:
    """Return the dependency that refuses bodies of any other type with 415."""

    def check(request: Request) -> None:
        given = request.headers.get("content-type", "")
        if given.partition(";")[0].strip().lower() != media_type:
            raise HTTPException(
                415, f"the body is {given[:100] or 'of no type'!r}; send {media_type}"
            )

    return Depends(check)


async def _pincite_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, PinciteError)
    return of_error(request, exc)


async def _invalid(request: Request, exc: Exception) -> Response:
    # The values sent are not echoed: they may be huge, NaN or no valid text.
    assert isinstance(exc, RequestValidationError)
    detail, errors = faults(exc.errors())
    return problem(422, detail, request_id=request_id_of(request), errors=errors)


def faults(errors: Sequence[Mapping[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Return what pydantic found wrong in words, and by field with the bounds that were broken."""
    found = [_fault(error) for error in errors[:20]]
    return "; ".join(f"{fault['field']}: {fault['message']}" for fault in found[:3]), found


def _fault(error: Mapping[str, Any]) -> dict[str, Any]:
    location: Sequence[object] = error["loc"]
    field = ".".join(str(part)[:64] for part in location if part != "body") or "body"
    context = error.get("ctx", {})
    bounds = {name: context[key] for key, name in _BOUNDS.items() if key in context}
    return {"field": field, "message": _message(error)[:300], **bounds}


def _message(error: Mapping[str, Any]) -> str:
    """Say what is wrong in the words of a checker of ours, or in pydantic's as JSON has them."""
    text = str(error["msg"])
    if error["type"] == "value_error":
        return text.removeprefix("Value error, ")
    return text.replace("Tuple", "Array").replace("tuple", "array")


async def _http_exception(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    return problem(
        exc.status_code,
        str(exc.detail) or HTTPStatus(exc.status_code).phrase,
        request_id=request_id_of(request),
        headers=exc.headers,
    )


async def _unexpected(request: Request, exc: Exception) -> Response:
    # The traceback goes to the log by way of the server; its text may hold secrets.
    logger.error("%s %s: %s", request.method, request.url.path, type(exc).__name__)
    return problem(
        500,
        INTERNAL_ERROR,
        request_id=request_id_of(request),
    )


def install(app: FastAPI) -> None:
    """Answer every error of an application with a problem."""
    app.add_exception_handler(PinciteError, _pincite_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(Exception, _unexpected)
