"""From locations to sources, from sources to bytes, from bytes to parsed documents."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from pincite.closing import Closing
from pincite.errors import DocumentTooLargeError, SourceNotFoundError, SourceUnreadableError
from pincite.ingest.child import Limits
from pincite.ingest.clean import clean_name
from pincite.ingest.process import ParserProcess
from pincite.ingest.url import MAX_URL_BYTES, Fetcher
from pincite.records import ParsedDocument, RawSource

ENDINGS = frozenset({".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".docx"})
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def discover(locations: Sequence[str]) -> list[str]:
    """Turn files, folders and URLs into sources, each once, in order.

    Folders are searched to the bottom, sorted by name; hidden files and folders, office lock files
    (``~$…``) and files without a known ending are left out, and links are followed without going
    round in circles. Named files are always taken. What is not there or cannot be listed stays in
    the list, so that `Loader.fetch` refuses it by name.

    Returns:
        Absolute resolved paths, and URLs as they were given.
    """
    sources: dict[str, None] = {}
    for location in locations:
        if _URL.match(location):
            sources[location] = None
        elif os.path.isdir(location):  # noqa: PTH112  (Path.is_dir raises on bad names)
            sources.update(dict.fromkeys(_walk(Path(location).resolve(), set())))
        else:
            sources[os.path.realpath(location) if "\0" not in location else location] = None
    return list(sources)


def _walk(folder: Path, seen: set[Path]) -> Iterator[str]:
    if folder in seen:
        return
    seen.add(folder)
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield str(folder)
        return
    for entry in entries:
        if entry.name.startswith((".", "~$")):
            continue
        if os.path.isdir(entry):  # noqa: PTH112
            yield from _walk(entry.resolve(), seen)
        elif entry.suffix.lower() in ENDINGS:
            yield os.path.realpath(entry)


class Loader(Closing):
    """Fetches and parses documents; a context manager that owns the parser process.

    It may be used from several threads: documents are fetched at once and parsed one by one.
    """

    def __init__(
        self,
        *,
        max_bytes: int = 20 * 2**20,
        limits: Limits | None = None,
        fetcher: Fetcher | None = None,
    ) -> None:
        """Prepare a loader; nothing is started before the first document.

        Args:
            max_bytes: Most bytes of a file or upload; a URL gives at most 10 MB.
            limits: What parsing one document may take.
            fetcher: How URLs are fetched; the default reaches public addresses only.
        """
        self._max_bytes = max_bytes
        self._fetcher = fetcher or Fetcher(max_bytes=min(max_bytes, MAX_URL_BYTES))
        self._parser = ParserProcess(limits or Limits())

    def close(self) -> None:
        """End the parser process."""
        self._parser.close()

    def fetch(self, source: str) -> RawSource:
        """Read a file or fetch a URL.

        Raises:
            SourceNotFoundError, SourceUnreadableError, DocumentTooLargeError: For files.
            UrlForbiddenError, FetchError, UnsupportedFormatError, DocumentTooLargeError: For URLs.
        """
        if _URL.match(source):
            return self.fetch_url(source)
        try:
            data = self._read(Path(source))
        except (FileNotFoundError, NotADirectoryError, ValueError) as exc:
            raise SourceNotFoundError(f"{source!r}: there is no such file; check the path") from exc
        except IsADirectoryError as exc:
            raise SourceUnreadableError(
                f"{source!r}: a folder that cannot be listed; check its permissions"
            ) from exc
        except OSError as exc:
            raise SourceUnreadableError(f"{source!r}: cannot be read: {exc.strerror}") from exc
        return _raw(source, clean_name(Path(source).name), data, None)

    def fetch_url(self, url: str) -> RawSource:
        """Fetch a URL, and never a file, whatever the text is.

        Raises:
            UrlForbiddenError, FetchError, UnsupportedFormatError, DocumentTooLargeError: As they
                say.
        """
        fetched = self._fetcher.fetch(url)
        return _raw(url, fetched.name, fetched.data, fetched.content_type)

    def wrap(self, name: str, data: bytes, content_type: str | None) -> RawSource:
        """Make a source of an upload: ``upload:NAME``, of whose name only a clean base is kept.

        Raises:
            DocumentTooLargeError: If it has more than the bytes allowed.
        """
        base = clean_name(name)
        self._check_size(base, len(data))
        return _raw(f"upload:{base}", base, data, content_type)

    def parse(self, raw: RawSource) -> ParsedDocument:
        """Parse a source's bytes in the parser process.

        Raises:
            SourceError: Of the type that says what is wrong with the document.
        """
        return self._parser.parse(raw)

    def _read(self, path: Path) -> bytes:
        # Not blocking, so that a pipe put in a file's place cannot hold up ingesting.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _NO_WAIT)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OSError(None, "it is not a regular file")
            self._check_size(str(path), status.st_size)
            data = file.read(self._max_bytes + 1)
        self._check_size(str(path), len(data))
        return data

    def _check_size(self, name: str, size: int) -> None:
        if size > self._max_bytes:
            raise DocumentTooLargeError(
                f"{name}: {size} bytes, at most {self._max_bytes} are taken; split it or raise "
                "PINCITE_MAX_UPLOAD_MB"
            )


_NO_WAIT = getattr(os, "O_NONBLOCK", 0)


def _raw(source: str, name: str, data: bytes, content_type: str | None) -> RawSource:
    return RawSource(source, name, data, hashlib.sha256(data).hexdigest(), content_type)
