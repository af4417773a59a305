"""Cross-origin requests: off, save for the origins that are listed one by one."""

import re
from collections.abc import Mapping

from pincite.errors import InputError
from pincite.serve.access.headers import RawHeaders

_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_PREFLIGHT: RawHeaders = [
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE"),
    (
        b"access-control-allow-headers",
        b"Authorization, Content-Type, Idempotency-Key, Last-Event-ID, MCP-Protocol-Version,"
        b" Mcp-Session-Id, X-API-Key, X-Request-ID",
    ),
    (b"access-control-max-age", b"600"),
]
_EXPOSED = (
    b"Idempotency-Replayed, Mcp-Session-Id, RateLimit, RateLimit-Policy, Retry-After,"
    b" Server-Timing, X-Request-ID"
)


def sound_origins(listed: str) -> frozenset[str]:
    """Read origins parted by commas, as browsers send them.

    Raises:
        InputError: If one is none: there is no wildcard, and ``null`` is everybody's.
    """
    origins = [part.strip().rstrip("/").lower() for part in listed.split(",") if part.strip()]
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise InputError(
                f"PINCITE_CORS_ORIGINS names {origin!r}; write whole origins parted by commas, such"
                " as https://intranet.example.com,http://localhost:3000"
            )
    return frozenset(origins)


class Cors:
    """What pages of other origins may do. Cookies never count for them, only keys.

    Args:
        origins: The origins allowed in, as browsers send them.
    """

    def __init__(self, origins: frozenset[str]) -> None:
        self._origins = origins

    def allows(self, headers: Mapping[str, str]) -> bool:
        """Tell whether the request comes from a page of a listed origin."""
        return headers.get("origin") in self._origins

    def asks(self, method: str, headers: Mapping[str, str]) -> bool:
        """Tell whether a browser only asks if a page of a listed origin may send a request."""
        preflight = method == "OPTIONS" and "access-control-request-method" in headers
        return preflight and self.allows(headers)

    def headers(self, method: str, headers: Mapping[str, str]) -> RawHeaders:
        """Return what a response must carry so that the page may read it."""
        if not self._origins:
            return []
        vary = (b"vary", b"Origin")
        if not self.allows(headers):
            return [vary]
        return [
            vary,
            (b"access-control-allow-origin", headers["origin"].encode()),
            (b"access-control-expose-headers", _EXPOSED),
            *(_PREFLIGHT if self.asks(method, headers) else []),
        ]
