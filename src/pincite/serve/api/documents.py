"""``/documents``: list, read, upload and delete."""

from collections.abc import Iterable, Sequence
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile

from pincite.errors import PinciteError
from pincite.records import DocumentInfo, Outcome
from pincite.responses import (
    DocumentDetail,
    DocumentList,
    UploadResponse,
    UploadResult,
)
from pincite.serve.access.callers import requires_manage
from pincite.serve.api.filters import Tag, Tags, TagsRequest, UrlRequest
from pincite.serve.api.idempotency import HEADER, KeptResponses
from pincite.serve.gate import Gate
from pincite.serve.problems import as_json, described, of_error, requires, status_of

if TYPE_CHECKING:
    from pincite.workspace import Workspace

MOST_FILES = 50

_UPLOADED: dict[int | str, dict[str, Any]] = {
    200: {"model": UploadResponse, "description": "All taken in; none is new."},
    201: {"model": UploadResponse, "description": "All taken in; at least one is new."},
    207: {"model": UploadResponse, "description": "Some taken in, some refused."},
}
_FETCHED: dict[int | str, dict[str, Any]] = {
    200: {"model": UploadResult, "description": "Taken in; it was there before."},
    201: {"model": UploadResult, "description": "Taken in; it is new."},
}


def listing(
    infos: Iterable[DocumentInfo], words: str, tag: str | None, limit: int, offset: int
) -> DocumentList:
    """Return one page of the documents with these words in title or source, and with the tag."""
    wanted = words.strip().casefold()
    matching = [
        info
        for info in infos
        if (wanted in info.title.casefold() or wanted in info.source.casefold())
        and (tag is None or tag in info.tags)
    ]
    page = matching[offset : offset + limit]
    return DocumentList(total=len(matching), limit=limit, offset=offset, documents=page)


def document_router(workspace: "Workspace", gate: Gate, kept: KeptResponses) -> APIRouter:
    """Return the routes that show and change the library."""
    router = APIRouter(prefix="/documents", tags=["documents"], responses=described(422, 500, 503))
    # The library has one writer: a second upload waits its turn here and not at the lock.
    writing = Gate(running=1, waiting=16)
    # A slow site holds up other sites' pages, but no upload.
    fetching = Gate(running=2, waiting=16)

    @router.get("", summary="List the documents by title", response_model=DocumentList)
    async def list_documents(
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
        q: Annotated[
            str, Query(max_length=200, description="Only titles or sources with this in them.")
        ] = "",
        tag: Annotated[Tag | None, Query(description="Only those with this tag.")] = None,
    ) -> DocumentList:
        return listing(await gate.run(workspace.documents), q, tag, limit, offset)

    @router.get(
        "/{document_id}",
        summary="Read one document and its passages",
        response_model=DocumentDetail,
        responses=described(404),
    )
    async def read_document(document_id: str, text: bool = True) -> DocumentDetail:
        return await gate.run(partial(_read, workspace, document_id, with_text=text))

    @router.post(
        "",
        summary="Upload files",
        description="Each file is taken in or refused by itself. The answer is 201 if a file is "
        "new, 200 if none is, 207 if some were refused, and the problem of the first, with all "
        "`results`, if all were.",
        response_model=UploadResponse,
        dependencies=[requires_manage(), requires("multipart/form-data")],
        responses={**described(400, 403, 409, 413, 415), **_UPLOADED},
    )
    async def upload(
        request: Request,
        files: Annotated[list[UploadFile], File(min_length=1, max_length=MOST_FILES)],
        tags: Annotated[Tags, Form(description="Given to every file, besides those it has.")] = (),
    ) -> Response:
        said = await _said(files, tags) if HEADER in request.headers else b""
        work = partial(_upload, request, workspace, writing, files, tags)
        return await kept.once(request, said, work)

    @router.post(
        "/url",
        summary="Add a web page",
        description="The server fetches the page, from public addresses only. The answer is 201 "
        "if it is new, 200 if not.",
        response_model=UploadResult,
        dependencies=[requires_manage(), requires("application/json")],
        responses={**described(400, 403, 409, 413, 415), **_FETCHED},
    )
    async def add_url(request: Request, body: UrlRequest) -> Response:
        async def work() -> Response:
            outcome = await fetching.run(partial(workspace.add_url, body.url, body.tags))
            result = _result(body.url, outcome)
            content = as_json(result.model_dump())
            return Response(content, result.status, media_type="application/json")

        return await kept.once(request, as_json(body.model_dump()), work)

    @router.put(
        "/{document_id}/tags",
        summary="Set a document's tags",
        response_model=DocumentInfo,
        dependencies=[requires_manage(), requires("application/json")],
        responses=described(400, 403, 404, 415),
    )
    async def set_tags(document_id: str, body: TagsRequest) -> DocumentInfo:
        return await writing.run(partial(workspace.set_tags, document_id, body.tags))

    @router.delete(
        "/{document_id}",
        summary="Delete one document for good",
        response_model=DocumentInfo,
        dependencies=[requires_manage()],
        responses=described(403, 404),
    )
    async def delete_document(document_id: str) -> DocumentInfo:
        # By id only: ``forget`` would take a source as well.
        return await writing.run(lambda: workspace.forget(workspace.document(document_id).info.id))

    return router


async def _upload(
    request: Request,
    workspace: "Workspace",
    writing: Gate,
    files: Sequence[UploadFile],
    tags: Sequence[str],
) -> Response:
    results: list[UploadResult] = []
    refusals: list[PinciteError] = []
    for file in files:
        name, data = file.filename or "", await file.read()
        try:
            result = await writing.run(
                partial(_take_in, workspace, name, data, file.content_type, tags)
            )
        except PinciteError as error:
            refusals.append(error)
            result = _refusal(name, error)
        results.append(result)
    body = UploadResponse(results=results).model_dump()
    if len(refusals) == len(results):
        return of_error(request, refusals[0], **body)
    status = 207 if refusals else max(result.status for result in results)
    return Response(as_json(body), status, media_type="application/json")


async def _said(files: Sequence[UploadFile], tags: Sequence[str]) -> bytes:
    """Return what an upload says, whatever its parts' boundary is: a digest of each file."""
    said: list[object] = [list(tags)]
    for file in files:
        said += [file.filename, file.content_type, sha256(await file.read()).hexdigest()]
        await file.seek(0)
    return as_json(said)


def _read(workspace: "Workspace", document_id: str, *, with_text: bool) -> DocumentDetail:
    document = workspace.document(document_id)
    return DocumentDetail(
        document=document.info,
        text=document.text if with_text else None,
        passages=workspace.passages(document_id),
    )


def _take_in(
    workspace: "Workspace",
    name: str,
    data: bytes,
    content_type: str | None,
    tags: Sequence[str],
) -> UploadResult:
    return _result(name, workspace.upload(name, data, content_type, tags))


def _result(name: str, outcome: Outcome) -> UploadResult:
    return UploadResult(
        name=name,
        status=201 if outcome.action == "added" else 200,
        action=outcome.action,
        document_id=outcome.document_id,
        code=outcome.code,
        message=outcome.message,
        note=outcome.note,
    )


def _refusal(name: str, error: PinciteError) -> UploadResult:
    return UploadResult(
        name=name,
        status=status_of(error),
        action="refused",
        code=error.code,
        message=str(error),
    )
