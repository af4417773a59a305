"""What a scripted server can do with a request."""

import json
from collections.abc import Callable

from tests.llm.scripted import Behaviour, Exchange, Request, chunk
from tests.program import free_port


def says(text: str, *, finish: str = "stop", size: int = 4) -> Behaviour:
    """Write the text in pieces of ``size`` characters, and end it."""

    def run(exchange: Exchange) -> None:
        exchange.start()
        exchange.event(chunk({"role": "assistant", "content": ""}))
        for at in range(0, len(text), size):
            exchange.text(text[at : at + size])
        exchange.end(finish)

    return run


def replies(answer: Callable[[Request], str]) -> Behaviour:
    """Write what the function makes of the request."""
    return lambda exchange: says(answer(exchange.request))(exchange)


def cut(text: str) -> Behaviour:
    """Write the text and close the connection without an end."""

    def run(exchange: Exchange) -> None:
        exchange.start()
        exchange.text(text)

    return run


def dropped() -> Behaviour:
    """Close the connection without a word."""

    def run(exchange: Exchange) -> None:
        pass

    return run


def cut_chunked(text: str) -> Behaviour:
    """Break off in the middle of a chunked body."""

    def run(exchange: Exchange) -> None:
        exchange.start(Transfer_Encoding="chunked")
        data = f"data: {json.dumps(chunk({'content': text}))}\n\n"
        exchange.send(f"{len(data.encode()):x}\r\n{data}\r\n40\r\ndata: ")

    return run


def status(code: int, body: object = None, **headers: str) -> Behaviour:
    """Answer with an error; ``status(429, Retry_After="30")``."""
    said = {"error": {"message": f"scripted {code}"}} if body is None else body

    def run(exchange: Exchange) -> None:
        exchange.start(code, "application/json", **headers)
        exchange.send(json.dumps(said))

    return run


def raw(data: str | bytes, content_type: str = "text/event-stream") -> Behaviour:
    """Answer 200 with these bytes."""

    def run(exchange: Exchange) -> None:
        exchange.start(content_type=content_type)
        exchange.send(data)

    return run


def html() -> Behaviour:
    return raw("<!doctype html><title>Welcome</title><h1>It works</h1>", "text/html")


def empty_choices() -> Behaviour:
    return raw('data: {"choices": []}\n\ndata: [DONE]\n\n')


def invalid_json() -> Behaviour:
    return raw('data: {"choices": [{"delta": {"content": "ye\n\n')


def silent(text: str = "") -> Behaviour:
    """Write the text, then nothing more, until the client closes the connection."""

    def run(exchange: Exchange) -> None:
        if text:
            exchange.start()
            exchange.text(text)
        if exchange.wait(30):
            raise AssertionError("the client waited for half a minute")
        raise ConnectionResetError

    return run


def drip(seconds: float = 1.0, text: str = "word ") -> Behaviour:
    """Write one piece every so many seconds, without end."""

    def run(exchange: Exchange) -> None:
        exchange.start()
        while exchange.wait(seconds):
            exchange.text(text)
        raise ConnectionResetError

    return run


def drip_bytes(seconds: float = 1.0) -> Behaviour:
    """Send an event one byte at a time."""

    def run(exchange: Exchange) -> None:
        exchange.start()
        for byte in json.dumps(chunk({"content": "word"})):
            if not exchange.wait(seconds):
                raise ConnectionResetError
            exchange.send(byte)

    return run


def endless(text: str = "and so on ") -> Behaviour:
    """Write the same piece as fast as it can, without end."""

    def run(exchange: Exchange) -> None:
        exchange.start()
        while True:
            exchange.text(text)

    return run


def huge(size: int = 10 * 2**20) -> Behaviour:
    """Write one piece of so many bytes, on one line."""

    def run(exchange: Exchange) -> None:
        exchange.start()
        exchange.text("x" * size)
        exchange.end()

    return run


def thinks(thought: str, text: str) -> Behaviour:
    """Write a thought in fields of its own and between marks, then the text."""

    def run(exchange: Exchange) -> None:
        exchange.start()
        exchange.event(chunk({"reasoning_content": thought}))
        exchange.event(chunk({"reasoning": thought, "content": None}))
        marked = f"<think>{thought}</think>\n\n{text}"
        for at in range(0, len(marked), 3):
            exchange.text(marked[at : at + 3])
        exchange.end()

    return run


def nowhere() -> str:
    """Return the base URL of a server that is not running."""
    return f"http://127.0.0.1:{free_port()}/v1"
