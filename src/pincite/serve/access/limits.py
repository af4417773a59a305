"""Limits on how often each caller may ask, and the headers that tell of them."""

import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from pincite.serve.access.headers import RawHeaders

WINDOW_SECONDS = 60
_MOST_BUCKETS = 10_000
# What a page fetches by itself, and what only tells how the server is. Uploads wait in a line of
# their own.
_UNLIMITED = re.compile(
    r"/(health|ready|metrics|login|logout|favicon\.ico|theme\.css|manifest\.json)"
    r"|/(ui|assets|static)/.*"
    r"|/gradio_api/(heartbeat/.*|queue/data|app_id|cancel)"
)


def is_limited(path: str, *, upload: bool) -> bool:
    """Tell whether a request counts."""
    return not upload and not _UNLIMITED.fullmatch(path)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass; ``seconds`` until one more may, ``remaining`` that may now."""

    allowed: bool
    remaining: int
    seconds: int


class RateLimit:
    """A token bucket for each caller, of which only the last used ones are kept.

    A full bucket holds a minute's requests, so that a burst of as many passes.

    Args:
        name: Of the policy, in the headers.
        quota: Requests a minute.
        clock: Seconds that only rise.
        most: Buckets kept.

    Source:
        draft-ietf-httpapi-ratelimit-headers-10 (the form of the headers).
    """

    def __init__(
        self,
        name: str,
        quota: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        most: int = _MOST_BUCKETS,
    ) -> None:
        self.name = name
        self._quota = quota
        self._rate = quota / WINDOW_SECONDS
        self._clock = clock
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> Verdict:
        """Count one request of a caller."""
        at = self._clock()
        tokens, since = self._buckets.pop(caller, (float(self._quota), at))
        tokens = min(self._quota, tokens + (at - since) * self._rate)
        # What rounding takes away must not keep out a request that waited as long as it was told.
        allowed = tokens >= 1 - 1e-9
        left = max(0.0, tokens - 1) if allowed else tokens
        self._buckets[caller] = (left, at)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        whole = int(left + 1e-9)
        return Verdict(allowed, whole, max(1, math.ceil((whole + 1 - left) / self._rate - 1e-9)))

    def headers(self, verdict: Verdict) -> RawHeaders:
        """Return the headers that tell a caller of the limit and of what is left of it."""
        policy = f'"{self.name}";q={self._quota};w={WINDOW_SECONDS}'
        left = f'"{self.name}";r={verdict.remaining};t={verdict.seconds}'
        return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())]
