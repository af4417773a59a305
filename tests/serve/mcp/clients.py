"""The SDK's own client over both transports."""

import asyncio
import os
import sys
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

# The protocol since 2026, and the one with a handshake before it.
ERAS = ["auto", "legacy"]


@asynccontextmanager
async def over_http(address: str, key: str | None = None, mode: str = "auto") -> Any:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with httpx2.AsyncClient(headers=headers, trust_env=False, timeout=30) as http:
        transport = streamable_http_client(f"{address}/mcp", http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client


@asynccontextmanager
async def over_stdio(home: Path, errors: Path, mode: str = "auto") -> Any:
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "pincite", "--home", str(home), "mcp"],
        env={**os.environ, "PINCITE_LOG_LEVEL": "debug", "PINCITE_LOG_FORMAT": "json"},
    )
    with errors.open("w") as log:
        async with Client(stdio_client(server, errlog=log), mode=mode) as client:
            yield client


def text_of(result: CallToolResult) -> str:
    assert isinstance(result.content[0], TextContent)
    return result.content[0].text


def run(client: AbstractAsyncContextManager[Client], check: Any) -> None:
    async def run() -> None:
        async with client as connected:
            await check(connected)

    asyncio.run(run())
