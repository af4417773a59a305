"""The headers every response carries, and the policy that keeps scripts out of the chat page."""

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256

RawHeaders = list[tuple[bytes, bytes]]

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_FIXED: RawHeaders = [
    (b"x-content-type-options", b"nosniff"),
    # Not no-referrer: with that, browsers send the sign-in form with ``Origin: null``.
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_OURS = {name for name, _ in _FIXED} | {b"content-security-policy", b"x-request-id", b"server"}


def content_security_policy(page: bytes = b"") -> bytes:
    """Return the policy for a response, or for a page with inline scripts of its own.

    The page's scripts are allowed by their hashes and no others are, so that markup put into the
    page later runs nothing, not even ``onerror=``. Gradio compiles its own templates at run time
    and needs ``unsafe-eval`` for that; its styles are inline.

    Source:
        W3C, Content Security Policy Level 3, section 2.3.1 (hash-source).
    """
    digests = (sha256(script).digest() for script in _INLINE_SCRIPT.findall(page))
    hashes = [f"'sha256-{b64encode(digest).decode()}'" for digest in digests]
    scripts = " ".join(["'self'", *hashes, *(["'unsafe-eval'"] if hashes else [])])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'self'"
    ).encode()


def secured(headers: Iterable[tuple[bytes, bytes]], request_id: str, policy: bytes) -> RawHeaders:
    """Return a response's headers with ours, and without any that opens it to other origins."""
    kept = [
        (name, value)
        for name, value in headers
        if name.lower() not in _OURS and not name.lower().startswith(b"access-control-")
    ]
    return [
        *kept,
        *_FIXED,
        (b"content-security-policy", policy),
        (b"x-request-id", request_id.encode()),
    ]
