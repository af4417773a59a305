import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pincite.errors import (
    DocumentTooLargeError,
    SourceError,
    SourceNotFoundError,
    SourceUnreadableError,
    UrlForbiddenError,
)
from pincite.ingest.load import Loader, discover


def write(path: Path, content: str = "text") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return str(path.resolve())


def test_folders_are_searched_in_order(tmp_path: Path) -> None:
    b = write(tmp_path / "b.txt")
    a = write(tmp_path / "a" / "z.MD")
    html = write(tmp_path / "a" / "deep" / "页.html")
    readme = write(tmp_path / "corpus" / "README.md")
    for name in (".hidden.txt", ".git/x.txt", "~$report.docx", "image.png", "noending"):
        write(tmp_path / name)
    assert discover([str(tmp_path)]) == [html, a, b, readme]


def test_what_is_named_is_always_taken_and_once(tmp_path: Path) -> None:
    odd = write(tmp_path / ".odd")
    text = write(tmp_path / "a.txt")
    missing = str(tmp_path.resolve() / "missing.pdf")
    url = "https://example.com/A?b#c"
    assert discover([odd, url, missing, text, str(tmp_path), text, url]) == [
        odd,
        url,
        missing,
        text,
    ]


def test_relative_locations_become_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "a.txt")
    monkeypatch.chdir(tmp_path)
    assert discover(["a.txt"]) == discover(["."]) == discover(["../" + tmp_path.name]) == [source]


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    inside = write(tmp_path / "in" / "a.txt")
    outside = write(tmp_path / "out" / "b.txt")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "other").symlink_to(tmp_path / "out")
    (tmp_path / "in" / "same.txt").symlink_to(inside)
    assert discover([str(tmp_path / "in")]) == [inside, outside]


def test_a_file_is_read_with_its_digest(tmp_path: Path, loader: Loader) -> None:
    source = write(tmp_path / "报告.txt", "小米")
    raw = loader.fetch(source)
    data = "小米".encode()
    assert (raw.source, raw.name, raw.data, raw.content_type) == (source, "报告.txt", data, None)
    assert raw.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("location", ["missing.txt", "a\0b.txt", "ftp:/x"])
def test_what_is_not_there_is_refused_by_name(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loader: Loader
) -> None:
    monkeypatch.chdir(tmp_path)
    for source in discover([location]):
        with pytest.raises(SourceNotFoundError, match="there is no such file"):
            loader.fetch(source)


def test_a_name_too_long_is_a_typed_error(loader: Loader) -> None:
    (source,) = discover(["/" + "x" * 5000])
    with pytest.raises(SourceUnreadableError, match="name too long"):
        loader.fetch(source)


def test_a_pipe_does_not_hold_up(tmp_path: Path, loader: Loader) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(SourceUnreadableError, match="not a regular file"):
        loader.fetch(str(tmp_path / "pipe.txt"))
    with pytest.raises(SourceUnreadableError, match="not a regular file"):
        loader.fetch("/dev/zero")
    with pytest.raises(SourceUnreadableError, match="folder"):
        loader.fetch(str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_locked_file_and_a_locked_folder_are_refused(tmp_path: Path, loader: Loader) -> None:
    source = write(tmp_path / "locked.txt")
    folder = tmp_path / "locked"
    folder.mkdir()
    Path(source).chmod(0)
    folder.chmod(0)
    with pytest.raises(SourceUnreadableError, match="Permission denied"):
        loader.fetch(source)
    assert str(folder.resolve()) in discover([str(tmp_path)])
    folder.chmod(0o700)


def test_size_is_limited(tmp_path: Path) -> None:
    small = Loader(max_bytes=10)
    assert small.fetch(write(tmp_path / "a.txt", "x" * 10)).data == b"x" * 10
    with pytest.raises(DocumentTooLargeError, match="11 bytes, at most 10"):
        small.fetch(write(tmp_path / "b.txt", "x" * 11))
    with pytest.raises(DocumentTooLargeError, match=r"c\.txt: 11 bytes"):
        small.wrap("c.txt", b"x" * 11, None)


def test_an_upload_has_a_clean_name(loader: Loader) -> None:
    raw = loader.wrap("../..\\etc/pass\u202ewd.txt", b"data", "text/plain")
    assert (raw.source, raw.name) == ("upload:passwd.txt", "passwd.txt")
    assert raw.sha256 == hashlib.sha256(b"data").hexdigest()
    assert raw.content_type == "text/plain"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/a", "gopher://x/"])
def test_other_schemes_are_forbidden(url: str, loader: Loader) -> None:
    assert discover([url]) == [url]
    with pytest.raises(UrlForbiddenError, match="http"):
        loader.fetch(url)


def test_a_file_is_never_fetched_as_a_url(tmp_path: Path, loader: Loader) -> None:
    (tmp_path / "a.txt").write_text("secret")
    for text in (str(tmp_path / "a.txt"), f"file://{tmp_path}/a.txt", "a.txt", "", "//x/a"):
        with pytest.raises(UrlForbiddenError):
            loader.fetch_url(text)


def test_threads_may_share_a_loader(loader: Loader) -> None:
    def title(number: int) -> str:
        return loader.parse(loader.wrap("a.txt", f"Title {number}\n\nBody".encode(), None)).title

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(title, range(40))) == [f"Title {n}" for n in range(40)]


def test_the_parent_imports_no_parser() -> None:
    heavy = {"trafilatura", "pypdfium2", "docx", "lxml", "yaml", "charset_normalizer"}
    code = f"import sys, pincite.ingest.load; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


BAD = {
    "empty.txt": b"",
    "white.txt": b" \n\t\r\n ",
    "html.pdf": b"<!doctype html><html></html>",
    "cut.pdf": b"%PDF-1.7\n1 0 obj\n<<",
    "cut.docx": b"PK\x03\x04\x14\0word/document.xml",
    "entities.html": b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "&b;&b;">]><lolz>&a;</lolz>',
    "binary.txt": bytes(range(256)) * 8,
    "image.md": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "nul.txt": b"text that goes on for a while with a \0 in it",
    "utf16-without-mark.txt": "text".encode("utf-16-le") * 9,
    "odd-utf32.txt": b"\xff\xfe\0\0" + b"\xff\xff\xff\xff" * 20,
    "../" * 50 + "etc/passwd\u202e": b"",
    "n" * 300: b"\xff\xfe",
    "huge.txt": b"a b " * 1_300_000,
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_a_typed_error_and_the_next_good_one_is_parsed(
    name: str, loader: Loader
) -> None:
    with pytest.raises(SourceError) as caught:
        loader.parse(loader.wrap(name, BAD[name], None))
    assert type(caught.value) is not SourceError
    assert "\u202e" not in str(caught.value)
    assert loader.parse(loader.wrap("good.txt", b"Good\n\ntext", None)).title == "Good"
