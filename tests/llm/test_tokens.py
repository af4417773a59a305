"""Tokens are counted without the network, and never too few."""

import hashlib
import logging
import socket
from pathlib import Path
from typing import Any, NoReturn

import pytest
import tiktoken

from pincite.llm import tokens
from pincite.llm.tokens import count_bytes, token_counter

TEXTS = ["", "a", "The ferry costs 4.50 euros.", "船票4.50欧元。", "🚢 <|endoftext|>", "\ud800"]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refused(*args: Any, **kwargs: Any) -> NoReturn:
        raise AssertionError(f"the network was used: {args}")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    tokens._say_once.cache_clear()


def cached(folder: Path, encoding: str, data: bytes) -> None:
    url = tokens._FILES[encoding][0]
    (folder / hashlib.sha1(url.encode()).hexdigest()).write_bytes(data)


def test_without_tiktokens_files_bytes_are_counted_and_it_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(2):
        counter = token_counter("gpt-4o-mini")
    assert [counter(text) for text in TEXTS] == [count_bytes(text) for text in TEXTS]
    assert caplog.text.count("o200k_base is not on this machine") == 1
    assert token_counter("qwen3:8b")("小米") == 7
    assert "does not know the model qwen3:8b" in caplog.text


def test_an_altered_file_is_not_used(tmp_path: Path) -> None:
    cached(tmp_path, "o200k_base", b"YQ== 0\n")
    assert token_counter("gpt-4o") is count_bytes
    # tiktoken itself would have deleted it, and downloaded another.
    assert list(tmp_path.iterdir())


def test_with_the_file_tiktoken_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ranks = {bytes([n]): n for n in range(256)} | {b"ab": 256}
    made = tiktoken.Encoding(
        "o200k_base",
        pat_str=r"[\s\S]+",
        mergeable_ranks=ranks,
        special_tokens={"<|endoftext|>": 257},
    )
    monkeypatch.setitem(tiktoken.registry.ENCODINGS, "o200k_base", made)
    data = b"made up"
    url = tokens._FILES["o200k_base"][0]
    monkeypatch.setitem(tokens._FILES, "o200k_base", (url, hashlib.sha256(data).hexdigest()))
    cached(tmp_path, "o200k_base", data)
    counter = token_counter("gpt-4o")
    assert counter("abc") == 2
    assert counter("<|endoftext|>") == len("<|endoftext|>")
    assert all(counter(text) <= count_bytes(text) for text in TEXTS[:-1])
