"""The one error the client raises."""

from pydantic import ValidationError

from pincite.responses import Problem


class ClientError(Exception):
    """The server refused or failed, could not be reached, or its answer was no answer.

    Attributes:
        code: The stable code of the server's problem; the client's own are ``unreachable``,
            ``bad_response`` and ``incomplete_stream``.
        status: The HTTP status; None if there was no response.
        detail: What happened, in words.
        request_id: What the server's log calls the request; None if there was no response.
        problem: The whole problem, with ``errors`` and further members; None if there was none.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
        problem: Problem | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.status = status
        self.detail = detail
        self.request_id = request_id
        self.problem = problem

    @classmethod
    def of(cls, problem: Problem) -> "ClientError":
        """Return the error for a problem that the server told."""
        return cls(
            problem.code,
            problem.detail,
            status=problem.status,
            request_id=problem.request_id,
            problem=problem,
        )

    @classmethod
    def of_body(cls, body: bytes, status: int, request_id: str | None) -> "ClientError":
        """Return the error for a response's body, which a proxy on the way may have made."""
        try:
            return cls.of(Problem.model_validate_json(body))
        except ValidationError:
            said = body[:200].decode("utf-8", "replace").strip()
            return cls(
                "bad_response",
                f"the server answered {status} without a problem of Pincite's: {said!r}",
                status=status,
                request_id=request_id,
            )
