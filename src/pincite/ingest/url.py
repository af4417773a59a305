"""Fetching URLs without being led inside: only public addresses, checked and then connected to.

A name is resolved once, every address it has must be public, and the connection goes to the very
address that was checked, so that a name which answers differently the second time gains nothing.
Every redirect is checked the same way. Ports 80, 443 and those from 1024 are allowed: lower ones
belong to other protocols.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

import httpx

from pincite.errors import (
    DocumentTooLargeError,
    FetchError,
    UnsupportedFormatError,
    UrlForbiddenError,
)
from pincite.ingest.clean import clean_name

MAX_URL_BYTES = 10_000_000
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
Allow = Callable[[Address], bool]

_MAX_REDIRECTS = 5
_TIMEOUT = 15.0
_TYPES = frozenset(
    {
        "text/html",
        "application/xhtml+xml",
        "text/plain",
        "text/markdown",
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
)
_HEADERS = {
    "User-Agent": "Pincite (document reader)",
    "Accept": ", ".join(sorted(_TYPES)),
    # More efficient encodings unpack one chunk to gigabytes.
    "Accept-Encoding": "gzip",
}
_HOST = re.compile(r"[A-Za-z0-9._-]+")
_NUMERIC_LABEL = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE)
# What `is_global` calls global, in one of the Python versions we run on, and is not for us:
# multicast, IETF and documentation blocks, and forms that wrap an IPv4 address. Azure's platform
# address looks public.
_DENIED = tuple(
    ipaddress.ip_network(block)
    for block in (
        "100.64.0.0/10 168.63.129.16/32 169.254.0.0/16 192.0.0.0/24 192.88.99.0/24 198.18.0.0/15 "
        "224.0.0.0/3 2001::/23 2001:db8::/32 2002::/16 3fff::/20"
    ).split()
)
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched document; ``name`` is the last part of its address, cleaned."""

    name: str
    data: bytes
    content_type: str


def is_public(address: Address) -> bool:
    """Tell whether an address is a public unicast address that wraps no other."""
    if address.version == 6 and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not any(
        address in block for block in _DENIED if block.version == address.version
    )


def system_resolve(host: str, port: int) -> list[str]:
    """List a host name's addresses as the operating system resolves them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Fetcher:
    """Fetches documents by HTTP and HTTPS; proxies of the environment are ignored."""

    def __init__(
        self,
        *,
        max_bytes: int = MAX_URL_BYTES,
        timeout: float = _TIMEOUT,
        resolve: Resolve = system_resolve,
        allow: Allow = is_public,
    ) -> None:
        """Prepare a fetcher.

        Args:
            max_bytes: Most bytes of a document, unpacked.
            timeout: Seconds for the whole fetch, redirects included.
            resolve: Lists the addresses of a host name for a port.
            allow: Decides which addresses may be connected to.
        """
        self._max_bytes = max_bytes
        self._timeout = timeout
        self._resolve = resolve
        self._allow = allow

    def fetch(self, url: str) -> Fetched:
        """Fetch a document, following at most 5 redirects.

        Raises:
            UrlForbiddenError: If it, or a redirect, leads where it must not.
            FetchError: If it does not answer, too slowly, or with an error.
            UnsupportedFormatError: If its content type is none of the documents read.
            DocumentTooLargeError: If it is larger than allowed.
        """
        # A thread of its own, because the caller's may already run an event loop.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, self._fetch(url)).result()

    async def _fetch(self, url: str) -> Fetched:
        target = url
        try:
            async with (
                asyncio.timeout(self._timeout),
                httpx.AsyncClient(
                    verify=_tls(), trust_env=False, timeout=self._timeout, headers=_HEADERS
                ) as client,
            ):
                for _ in range(_MAX_REDIRECTS + 1):
                    answer = await self._get(client, target)
                    if isinstance(answer, Fetched):
                        return answer
                    target = answer
        except TimeoutError as exc:
            raise FetchError(f"{url}: not fetched within {self._timeout:g} s; try later") from exc
        except httpx.HTTPError as exc:
            cause = str(exc) or type(exc).__name__
            raise FetchError(f"{url}: {cause}; check the address or try later") from exc
        raise FetchError(f"{url}: more than {_MAX_REDIRECTS} redirects")

    async def _get(self, client: httpx.AsyncClient, url: str) -> Fetched | str:
        """Send one request; return the document or where it redirects to."""
        target = _checked(url)
        for address in (addresses := self._addresses(target)):
            request = client.build_request(
                "GET",
                target.copy_with(host=str(address)),
                headers={"Host": target.netloc.decode("ascii")},
                extensions={"sni_hostname": target.raw_host.decode("ascii")},
            )
            try:
                response = await client.send(request, stream=True)
            except httpx.ConnectError:
                if address == addresses[-1]:
                    raise
                continue
            try:
                return await self._read(target, response)
            finally:
                await response.aclose()
        raise AssertionError("a host without addresses is refused before")

    def _addresses(self, target: httpx.URL) -> list[Address]:
        port = target.port or (443 if target.scheme == "https" else 80)
        try:
            found: Sequence[str] = [str(ipaddress.ip_address(target.host))]
        except ValueError:
            try:
                found = self._resolve(target.raw_host.decode("ascii"), port)
            except (OSError, UnicodeError) as exc:
                raise FetchError(
                    f"{target}: the host {target.host!r} is not known ({exc}); check the address"
                ) from exc
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in found]
        refused = [str(address) for address in addresses if not self._allow(address)]
        if refused or not addresses:
            raise _forbidden(
                str(target),
                f"{target.host!r} leads to {', '.join(refused) or 'no address'}, not to the public "
                "internet; save the page and add the file",
            )
        return addresses

    async def _read(self, target: httpx.URL, response: httpx.Response) -> Fetched | str:
        if response.has_redirect_location:
            try:
                return str(target.join(response.headers["location"]))
            except httpx.InvalidURL as exc:
                raise _forbidden(str(target), f"it redirects to no address ({exc})") from exc
        if response.status_code != httpx.codes.OK:
            raise FetchError(f"{target}: the server answered {response.status_code}, not 200")
        content_type = response.headers.get("content-type", "")
        if content_type.partition(";")[0].strip().lower() not in _TYPES:
            raise UnsupportedFormatError(
                f"{target}: its content type is {content_type or 'not given'}; Pincite reads text, "
                "Markdown, HTML, PDF and DOCX"
            )
        packing = response.headers.get("content-encoding", "identity").strip().lower()
        if packing not in {"identity", "gzip"}:
            raise FetchError(f"{target}: packed as {packing}, which was not asked for")
        data = bytearray()
        async for piece in response.aiter_bytes():
            data += piece
            if len(data) > self._max_bytes:
                raise DocumentTooLargeError(f"{target}: more than {self._max_bytes} bytes")
        name = clean_name(unquote(target.path.rstrip("/").rpartition("/")[2]) or target.host)
        return Fetched(name, bytes(data), content_type)


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _forbidden(url: str, why: str) -> UrlForbiddenError:
    return UrlForbiddenError(f"{url}: not fetched: {why}")


def _checked(url: str) -> httpx.URL:
    """Parse a URL and refuse what could mean one thing here and another elsewhere."""
    if re.search(r"[\s\\\0-\x1f]", url):
        raise _forbidden(repr(url), "white space, a backslash or a control character in it")
    try:
        target = httpx.URL(url)
    except httpx.InvalidURL as exc:
        raise _forbidden(url, f"not a valid address ({exc})") from exc
    if target.scheme not in {"http", "https"} or not target.host:
        raise _forbidden(url, "only http and https addresses of a host are fetched")
    if target.userinfo:
        raise _forbidden(url, "it holds a user name or password before an @")
    if target.port not in {None, 80, 443} and target.port not in range(1024, 65536):
        raise _forbidden(url, f"port {target.port} is not a web server's: use 80, 443 or 1024 up")
    host = target.raw_host.decode("ascii")
    if ":" not in host and not _HOST.fullmatch(host):
        raise _forbidden(url, f"{host!r} is no host name")
    if _NUMERIC_LABEL.fullmatch(target.host.rstrip(".").rpartition(".")[2]):
        try:
            ipaddress.IPv4Address(target.host)
        except ValueError as exc:
            raise _forbidden(url, "its host is a number that hides an IP address") from exc
    return target
