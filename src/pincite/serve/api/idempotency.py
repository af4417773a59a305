"""``Idempotency-Key``: a request sent again gets the response that the first one got.

Source:
    Jena, Dalal, "The Idempotency-Key HTTP Header Field", draft-ietf-httpapi-idempotency-key-header.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from fastapi import Request, Response

from pincite.errors import IdempotencyInProgressError, IdempotencyKeyReusedError, InputError
from pincite.serve.api.versions import unversioned

HEADER = "idempotency-key"
REPLAYED = "idempotency-replayed"
KEPT_SECONDS = 24 * 3600
MOST_RESPONSES = 1_000
MOST_BYTES = 32 * 1024 * 1024
# The draft has a quoted string; many send the key as it is.
_KEY = re.compile(r'"[\x20\x21\x23-\x7e]{1,255}"|[\x21\x23-\x7e]{1,255}')
_UNSETTLED = frozenset({409, 429})


@dataclass(slots=True)
class _Kept:
    """A request's digest, and the response to it once there is one."""

    digest: bytes
    expires: float
    response: Response | None = None

    @property
    def size(self) -> int:
        return len(self.response.body) if self.response else 0


class KeptResponses:
    """The responses of requests with a key, in memory, bounded in number, bytes and time.

    The oldest leave first. Keys belong to their caller, method and path. Used on the event loop
    only.
    """

    def __init__(
        self,
        *,
        most: int = MOST_RESPONSES,
        most_bytes: int = MOST_BYTES,
        seconds: float = KEPT_SECONDS,
    ) -> None:
        self._kept: OrderedDict[tuple[object, ...], _Kept] = OrderedDict()
        self._most = most
        self._most_bytes = most_bytes
        self._seconds = seconds

    async def once(
        self, request: Request, content: bytes, respond: Callable[[], Awaitable[Response]]
    ) -> Response:
        """Respond to a request, or give the response that its key got before.

        A response that a second try may better (an error of the server's, a full one) is not kept.

        Args:
            request: With or without the header.
            content: What the request says: the same for the same request, whatever its bytes are.
            respond: Does the work.

        Raises:
            InputError: If the header is no key.
            IdempotencyKeyReusedError: If the key came with other content before.
            IdempotencyInProgressError: If the first request is still being worked on.
        """
        given = request.headers.get(HEADER)
        if given is None:
            return await respond()
        name = self._name(request, _checked(given))
        digest = sha256(content).digest()
        self._forget_old()
        kept = self._kept.get(name)
        if kept:
            return _replayed(kept, digest)
        kept = self._kept[name] = _Kept(digest, time.monotonic() + self._seconds)
        try:
            response = await respond()
            if response.status_code < 500 and response.status_code not in _UNSETTLED:
                kept.response = response
        finally:
            if kept.response is None:
                del self._kept[name]
        self._make_room()
        return response

    @staticmethod
    def _name(request: Request, key: str) -> tuple[object, ...]:
        caller = getattr(request.state, "caller", None)
        return caller, request.method, unversioned(request.url.path), key

    def _forget_old(self) -> None:
        now = time.monotonic()
        # In the order of their time, so that the first live one ends the search.
        for name, kept in list(self._kept.items()):
            if kept.expires > now:
                break
            if kept.response:
                del self._kept[name]

    def _make_room(self) -> None:
        done = [(name, kept.size) for name, kept in self._kept.items() if kept.response]
        surplus = len(done) - self._most
        bytes_over = sum(size for _, size in done) - self._most_bytes
        for name, size in done:
            if surplus <= 0 and bytes_over <= 0:
                break
            del self._kept[name]
            surplus -= 1
            bytes_over -= size


def _checked(given: str) -> str:
    if not _KEY.fullmatch(given):
        raise InputError(
            "Idempotency-Key takes 1 to 255 characters of ASCII, such as a UUID, quoted or not"
        )
    return given.strip('"')


def _replayed(kept: _Kept, digest: bytes) -> Response:
    if kept.digest != digest:
        raise IdempotencyKeyReusedError(
            "this Idempotency-Key came with another request before; use a new one for each request"
        )
    if kept.response is None:
        raise IdempotencyInProgressError(
            "the first request with this Idempotency-Key is still being worked on; try again in a "
            "second"
        )
    first = kept.response
    headers = {name: value for name, value in first.headers.items() if name != "content-length"}
    return Response(bytes(first.body), first.status_code, {**headers, REPLAYED: "true"})
