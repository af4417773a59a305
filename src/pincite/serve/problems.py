"""Errors as RFC 9457 problem details, with the stable codes of ``pincite.errors``."""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from pincite.errors import (
    DocumentNotFoundError,
    DocumentTooLargeError,
    InputError,
    LibraryBusyError,
    LibraryMissingError,
    NotReadyError,
    OverloadedError,
    PinciteError,
    SourceError,
    UnsupportedFormatError,
)

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = {"retry-after": "1"}


# The first base that fits decides; anything else is the server's fault.
_STATUS: tuple[tuple[type[PinciteError], int], ...] = (
    (DocumentNotFoundError, 404),
    (DocumentTooLargeError, 413),
    (UnsupportedFormatError, 415),
    (SourceError, 422),
    (InputError, 422),
    (LibraryBusyError, 503),
    (LibraryMissingError, 503),
    (OverloadedError, 503),
    (NotReadyError, 503),
)
_CODE = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    421: "wrong_host",
    422: InputError.code,
    500: "internal_error",
}


class Problem(BaseModel):
    """RFC 9457 problem details. ``code`` is stable; ``errors`` names the fields that are wrong."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:pincite:error:bad_input",
                    "title": "Bad input",
                    "status": 422,
                    "detail": "question: String should have at least 1 character",
                    "code": "bad_input",
                    "request_id": "9f86d081884c7d65",
                }
            ]
        },
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str


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
    **members: Any,
) -> Response:
    """Make a problem response.

    Args:
        status: The HTTP status.
        detail: What happened, in words.
        request_id: Of the request, so that a report can be matched with the log.
        code: The stable code; without one, the status decides.
        headers: Further headers.
        members: Further members of the object.
    """
    code = code or _CODE.get(status, "error")
    content = {
        "type": f"urn:pincite:error:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
        **members,
    }
    return Response(as_json(content), status, headers, MEDIA_TYPE)


def request_id_of(request: Request) -> str:
    """Return the id the guard gave the request."""
    return str(request.state.request_id)


def of_error(request: Request, error: PinciteError, **members: Any) -> Response:
    """Make the problem response for one of Pincite's errors."""
    status = status_of(error)
    if status == 500:
        logger.error("%s %s: %s", request.method, request.url.path, error)
    return problem(
        status,
        str(error),
        request_id=request_id_of(request),
        code=error.code,
        headers=RETRY_AFTER if status == 503 else None,
        **members,
    )


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
    errors = [_fault(error) for error in exc.errors()[:20]]
    detail = "; ".join(f"{e['field']}: {e['message']}" for e in errors[:3])
    return problem(422, detail, request_id=request_id_of(request), errors=errors)


def _fault(error: Mapping[str, Any]) -> dict[str, str]:
    location: Sequence[object] = error["loc"]
    field = ".".join(str(part)[:64] for part in location if part != "body") or "body"
    return {"field": field, "message": str(error["msg"])[:300]}


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
        "something went wrong on the server; its log names this request_id",
        request_id=request_id_of(request),
    )


def install(app: FastAPI) -> None:
    """Answer every error of an application with a problem."""
    app.add_exception_handler(PinciteError, _pincite_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(Exception, _unexpected)
