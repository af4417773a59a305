"""Reading lines: what is tolerated, and what is refused with its line."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from pincite.errors import InputError
from pincite.evaluate.lines import read_lines, read_objects, sha256, text_field


def test_blank_lines_marks_and_line_ends_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n\r\n   \n{"a": "\xe6\xb3\x95\xe2\x80\xa8"}')
    assert list(read_objects(path)) == [(1, {"a": 1}), (4, {"a": "法\u2028"})]


def test_gzipped_lines_are_the_same_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress("一\n二\n".encode()))
    assert list(read_lines(path)) == [(1, "一"), (2, "二")]


_GZIPPED = gzip.compress(b"abc" * 1000, mtime=0)


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"a\n\xb7\xa8\n", "a.txt", "line 2: byte 0xb7 is not UTF-8"),
        (_GZIPPED[:-9], "a.gz", "cannot be read"),
        (_GZIPPED[:10] + b"\xff" * 20, "a.gz", "cannot be read"),
        (b"not gzip", "a.gz", "cannot be read"),
        (None, "a.txt", "cannot be read"),
    ],
    ids=["GB18030", "cut gzip", "damaged gzip", "no gzip", "no file"],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, data: bytes | None, name: str, message: str
) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError, match=message) as caught:
        list(read_lines(path))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "found a list"),
        ("1", "found a number"),
        ("true", "found true or false"),
        ("null", "found null"),
        ('"a"', "found text"),
    ],
)
def test_a_line_that_is_no_object_is_refused(
    write_rows: Callable[..., Path], line: str, found: str
) -> None:
    path = write_rows({"fine": 1}, line)
    with pytest.raises(InputError, match=f"line 2: .*{found}"):
        list(read_objects(path))


def test_text_fields_are_text() -> None:
    path = Path("a.jsonl")
    assert text_field(path, 1, {"a": "b"}, "a") == "b"
    assert text_field(path, 1, {}, "a", default="c") == "c"
    assert text_field(path, 1, {"a": None}, "a", default="c") == "c"
    assert text_field(path, 1, {"a": " "}, "a", default="c") == " "
    for value, message in (
        (None, "it is missing"),
        (" ", "is blank"),
        (7, "found a number"),
        ({}, "found an object"),
        ("\ud83d", "surrogate"),
    ):
        with pytest.raises(InputError, match=f'a.jsonl, line 9: "a" .*{message}'):
            text_field(path, 9, {"a": value}, "a")


def test_the_digest_is_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
