"""Requests over HTTP: only this module of the client knows httpx."""

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from pincite import __version__
from pincite.client.errors import ClientError
from pincite.closing import Closing

LONGEST_WAIT_S = 60.0
_AGAIN = frozenset({429, 503})


class Transport(Closing):
    """Sends requests to one server.

    Args:
        base_url: Of the server, with or without ``/v1``.
        api_key: Sent as a bearer key.
        timeout: Most seconds without a byte from the server.
        retries: How often a request that may be sent again is, when the server is busy.
        sleep: Waits, in seconds.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        timeout: float,
        retries: int,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"user-agent": f"pincite-client/{__version__}"}
        if api_key:
            headers["authorization"] = f"Bearer {api_key}"
        root = base_url.rstrip("/").removesuffix("/v1")
        self._http = httpx.Client(base_url=f"{root}/v1/", headers=headers, timeout=timeout)
        self._retries = retries
        self._sleep = sleep

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, method: str, path: str, *, again: bool = True, **content: Any) -> bytes:
        """Send a request; the response's body.

        Args:
            method: The HTTP method.
            path: Below ``/v1/``.
            again: Whether it may be sent twice and do no more than once.
            content: The body and headers, as httpx takes them.

        Raises:
            ClientError: If there is no response, or one that is no success.
        """
        tries = 0
        response = self._response(method, path, **content)
        while again and self._waited(response, tries):
            tries += 1
            response = self._response(method, path, **content)
        _require_success(response)
        return response.content

    def _waited(self, response: httpx.Response, tries: int) -> bool:
        """Wait as long as a busy server asks; whether there is a try left."""
        if response.status_code not in _AGAIN or tries >= self._retries:
            return False
        self._sleep(_wait(response, tries))
        return True

    def _response(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **content)
        except httpx.HTTPError as exc:
            raise _unreachable(exc) from exc

    def events(self, path: str, body: bytes) -> Iterator[tuple[str, bytes]]:
        """Post JSON and give the names and the data of the server-sent events.

        Raises:
            ClientError: If there is no response, or one that is no success.

        Source:
            WHATWG, HTML, section 9.2.6 "Interpreting an event stream".
        """
        headers = {"content-type": "application/json", "accept": "text/event-stream"}
        for tries in range(self._retries + 1):
            try:
                with self._http.stream("POST", path, content=body, headers=headers) as response:
                    if response.is_success:
                        yield from _events(_lines(response.iter_bytes()))
                        return
                    response.read()
            except httpx.HTTPError as exc:
                raise _unreachable(exc) from exc
            if not self._waited(response, tries):
                _require_success(response)


def _wait(response: httpx.Response, tries: int) -> float:
    """Return the seconds that the server asks for; without a number, 1, 2, 4 …"""
    try:
        wanted = float(response.headers.get("retry-after", ""))
    except ValueError:
        wanted = math.nan
    # Not "wanted < 0": a nan is less than nothing.
    return min(wanted if wanted >= 0 else 2.0**tries, LONGEST_WAIT_S)


def _require_success(response: httpx.Response) -> None:
    if not response.is_success:
        request_id = response.headers.get("x-request-id")
        raise ClientError.of_body(response.content, response.status_code, request_id)


def _unreachable(error: httpx.HTTPError) -> ClientError:
    return ClientError(
        "unreachable",
        f"no answer from {error.request.url.copy_with(query=None)}: "
        f"{error or type(error).__name__}; does `pincite serve` run there?",
    )


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    # By bytes: as text, characters inside the data would end lines too.
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines


def _events(lines: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    name, data = "message", b""
    for line in lines:
        field, _, value = line.removesuffix(b"\r").partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            name = value.decode()
        elif field == b"data":
            data += value
        elif not field and not value:
            if data:
                yield name, data
            name, data = "message", b""
