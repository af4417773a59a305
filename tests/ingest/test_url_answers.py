import asyncio
import gzip
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from pincite.errors import (
    DocumentTooLargeError,
    FetchError,
    SourceError,
    UnsupportedFormatError,
)
from pincite.ingest.url import Fetcher
from tests.ingest.site import HTML, Answer, Site, local_fetcher


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        ((404, HTML, b""), FetchError, "answered 404"),
        ((500, HTML, b""), FetchError, "answered 500"),
        ((304, HTML, b""), FetchError, "answered 304"),
        ((200, {"Content-Type": "application/json"}, b"{}"), UnsupportedFormatError, "json"),
        ((200, {"Content-Type": "image/png"}, b""), UnsupportedFormatError, "image/png"),
        ((200, {}, b"text"), UnsupportedFormatError, "not given"),
        ((200, HTML | {"Content-Encoding": "br"}, b"x"), FetchError, "packed as br"),
        (
            (200, HTML | {"Content-Encoding": "gzip, gzip"}, b"x"),
            FetchError,
            "packed as gzip, gzip",
        ),
        ((200, HTML | {"Content-Encoding": "gzip"}, b"not gzip"), FetchError, "http://site"),
        ((200, HTML | {"Content-Length": "99"}, b"cut off"), FetchError, "http://site"),
        ((200, HTML, b"x" * 1001), DocumentTooLargeError, "more than 1000 bytes"),
        (
            (200, HTML | {"Content-Encoding": "gzip"}, gzip.compress(bytes(10**7))),
            DocumentTooLargeError,
            "more than 1000 bytes",
        ),
    ],
)
def test_other_answers_are_typed_errors(
    answer: Answer, error: type[SourceError], says: str, site: Site
) -> None:
    site.answers["/"] = answer
    with pytest.raises(error, match=says):
        local_fetcher(max_bytes=1000).fetch(site.url("/"))


def test_a_packed_answer_is_unpacked(site: Site) -> None:
    site.answers["/"] = (200, HTML | {"Content-Encoding": "gzip"}, gzip.compress(b"fine"))
    assert local_fetcher().fetch(site.url("/")).data == b"fine"


@pytest.fixture
def listener() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """Run a function on the first connection to a port of the loopback address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threads = []

        def listen(serve: Callable[[socket.socket], None]) -> int:
            def accept() -> None:
                connection, _ = server.accept()
                with connection:
                    serve(connection)

            threads.append(threading.Thread(target=accept))
            threads[0].start()
            return int(server.getsockname()[1])

        yield listen
        threads[0].join()


def test_a_server_that_drips_is_given_up(
    listener: Callable[[Callable[[socket.socket], None]], int],
) -> None:
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.recv(1000)
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
            if over.wait(0.05):
                break
            connection.send(bytes([byte]))

    port = listener(drip)
    with pytest.raises(FetchError, match=r"not fetched within 0\.5 s"):
        local_fetcher(timeout=0.5).fetch(f"http://site.example:{port}/")
    over.set()


def test_tls_names_the_host_that_was_checked(
    listener: Callable[[Callable[[socket.socket], None]], int],
) -> None:
    hello: list[bytes] = []
    port = listener(lambda connection: hello.append(connection.recv(4096)))
    with pytest.raises(FetchError):
        local_fetcher().fetch(f"https://site.example:{port}/")
    assert b"site.example" in hello[0]


def test_the_next_address_is_tried(site: Site) -> None:
    site.answers["/"] = (200, HTML, b"fine")
    fetcher = Fetcher(
        resolve=lambda host, port: ["127.0.0.3", "127.0.0.1"],
        allow=lambda address: address.is_loopback,
    )
    assert fetcher.fetch(site.url("/")).data == b"fine"


def test_a_refused_connection_is_a_typed_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(FetchError, match="check the address or try later"):
        local_fetcher().fetch(f"http://site.example:{port}/")


def test_an_unknown_host_is_a_typed_error() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    with pytest.raises(FetchError, match=r"'gone\.example' is not known"):
        Fetcher(resolve=nobody).fetch("http://gone.example/")


async def _within_a_loop(url: str) -> bytes:
    return local_fetcher().fetch(url).data


def test_a_caller_may_run_an_event_loop(site: Site) -> None:
    site.answers["/"] = (200, HTML, b"fine")
    assert asyncio.run(_within_a_loop(site.url("/"))) == b"fine"
