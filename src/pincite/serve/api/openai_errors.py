"""Problems as OpenAI's clients expect errors, on the paths that those clients use."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

PATHS = ("/v1/chat/", "/v1/models")
_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}


def openai_status(status: int) -> int:
    """Return the status that OpenAI gives such an error: it knows no 422."""
    return 400 if status == 422 else status


def openai_error(problem: Mapping[str, Any]) -> dict[str, Any]:
    """Return the error object for a problem; ``code`` and ``request_id`` stay.

    Source:
        OpenAI API reference, "Error codes"; ``openai.APIError`` reads message, type, param, code.
    """
    status = problem["status"]
    errors = problem.get("errors") or [{}]
    kind = "server_error" if status >= 500 else _TYPES.get(status, "invalid_request_error")
    return {
        "error": {
            "message": problem["detail"],
            "type": kind,
            "param": errors[0].get("field"),
            "code": problem["code"],
            "request_id": problem["request_id"],
        }
    }


class OpenAIErrorDetail(BaseModel):
    """What went wrong; ``code`` is one of Pincite's stable codes."""

    message: str
    type: str
    param: str | None
    code: str
    request_id: str


# Whole in its place: OpenAPI has no room for the definitions that it would refer to.
_SCHEMA = {
    "type": "object",
    "properties": {"error": OpenAIErrorDetail.model_json_schema()},
    "required": ["error"],
}


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of the errors on these paths, FastAPI's own 422 replaced."""
    content = {"application/json": {"schema": _SCHEMA}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in (*sorted(statuses), 422)
    }
