"""The API's version in its paths: ``/v1/ask``, and ``/ask`` for short."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse

PREFIX = "/v1"


def unversioned(path: str) -> str:
    """Return the short form of a path."""
    return path.removeprefix(PREFIX) if path.startswith(f"{PREFIX}/") else path


def include_versioned(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Add the API's routes under their version, and as short aliases that OpenAPI leaves out."""
    for router in routers:
        app.include_router(router, prefix=PREFIX)
        app.include_router(router, include_in_schema=False)

    @app.get(f"{PREFIX}/openapi.json", include_in_schema=False)
    async def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())
