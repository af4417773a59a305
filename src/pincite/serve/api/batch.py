"""``POST /ask/batch``: several questions in one request."""

from threading import Event as Flag
from typing import TYPE_CHECKING

import anyio
from fastapi import APIRouter, Request, Response

from pincite.errors import PinciteError
from pincite.responses import BatchResponse, BatchResult, Problem
from pincite.serve.api.ask import NO_STORE
from pincite.serve.api.idempotency import KeptResponses
from pincite.serve.api.schemas import BatchQuestion, BatchRequest, WrongQuestion
from pincite.serve.api.waiting import while_connected
from pincite.serve.gate import Gate
from pincite.serve.problems import described, faults, members, of_pincite, request_id_of, requires

if TYPE_CHECKING:
    from pincite.workspace import Workspace

# Of the gate's places, so that others are answered while a batch is.
AT_ONCE = 3


class _Batch:
    """The questions of one request, being answered."""

    def __init__(self, workspace: "Workspace", gate: Gate, request_id: str, gone: Flag) -> None:
        self._workspace = workspace
        self._gate = gate
        self._request_id = request_id
        self._gone = gone
        self._places = anyio.Semaphore(AT_ONCE)

    async def results(self, questions: list[BatchQuestion | WrongQuestion]) -> list[BatchResult]:
        found: dict[int, BatchResult] = {}

        async def put(number: int, question: BatchQuestion | WrongQuestion) -> None:
            async with self._places:
                found[number] = await self._result(question)

        async with anyio.create_task_group() as group:
            for number, question in enumerate(questions):
                group.start_soon(put, number, question)
        return [found[number] for number in range(len(questions))]

    async def _result(self, question: BatchQuestion | WrongQuestion) -> BatchResult:
        if isinstance(question, WrongQuestion):
            detail, errors = faults(question.errors)
            problem = members(422, detail, request_id=self._request_id, errors=errors)
            return _refused(problem)
        record = question.record()
        try:
            answer = await self._gate.run(lambda: self._workspace.ask(record, self._gone))
        except PinciteError as error:
            return _refused(of_pincite(error, request_id=self._request_id))
        return BatchResult(status=200, answer=answer)


def _refused(problem: dict[str, object]) -> BatchResult:
    told = Problem.model_validate(problem)
    return BatchResult(status=told.status, problem=told)


def batch_router(workspace: "Workspace", gate: Gate, kept: KeptResponses) -> APIRouter:
    """Return the route that answers several questions."""
    router = APIRouter(tags=["ask"], dependencies=[requires("application/json")])

    @router.post(
        "/ask/batch",
        summary="Answer several questions",
        description="Each is answered or refused by itself, and the results come in the order of "
        "the questions. The header `Idempotency-Key` works as in `/ask`. The body has at most "
        "1 MiB.",
        response_model=BatchResponse,
        responses=described(400, 409, 413, 415, 422, 500, 503),
    )
    async def ask_batch(request: Request, body: BatchRequest) -> Response:
        async def respond() -> Response:
            async with while_connected(request.receive) as gone:
                batch = _Batch(workspace, gate, request_id_of(request), gone)
                results = await batch.results(body.questions)
            content = BatchResponse(results=results).model_dump_json()
            return Response(content, 200, NO_STORE, "application/json")

        return await kept.once(request, await request.body(), respond)

    return router
