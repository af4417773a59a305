"""From sources to stored passages: what is new, what changed, what is already there."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePath
from typing import Protocol

from pincite.embed.encoder import Encoder, Progress
from pincite.errors import (
    EmptyDocumentError,
    SourceError,
    SourceNotFoundError,
    SourceUnreadableError,
)
from pincite.library.batch import Batch, Pending
from pincite.library.embedding import embed
from pincite.library.store import Library
from pincite.library.writer import Writer
from pincite.records import Action, Chunk, DocumentInfo, Outcome, ParsedDocument, RawSource

# Passages of small documents that are embedded together; one document is never divided.
_BATCH = 64
_BATCH_PARSED = 512
_UPLOAD_WAIT_S = 30.0
_UTF_8 = ("utf-8", "utf_8", "utf8", "ascii")


class Loads(Protocol):
    """What reads sources; every failure is a ``SourceError``."""

    def fetch(self, source: str) -> RawSource:
        """Return a source's bytes."""
        ...

    def parse(self, raw: RawSource) -> ParsedDocument:
        """Return the text of a source."""
        ...


class Splits(Protocol):
    """What cuts a text into passages."""

    def split(self, text: str) -> list[Chunk]:
        """Return a text's passages, in order."""
        ...


class Intake:
    """Takes sources into a library. One run at a time writes; see ``Library.writing``."""

    def __init__(self, library: Library, loader: Loads, encoder: Encoder, splitter: Splits) -> None:
        self._library = library
        self._loader = loader
        self._encoder = encoder
        self._splitter = splitter

    def run(
        self,
        sources: Sequence[str],
        *,
        prune_under: Sequence[str] = (),
        tags: Sequence[str] = (),
        on_outcome: Callable[[Outcome], None] | None = None,
        on_progress: Progress | None = None,
    ) -> list[Outcome]:
        """Take in sources. One that cannot be read is refused by name, and the others go on.

        Args:
            sources: Absolute paths and URLs.
            prune_under: Folders or sources; documents from there that ``sources`` does not name,
                or whose file is gone, are removed. A folder that cannot be read loses none.
            tags: Given to every document of these sources, new or not; see ``clean_tag``.
            on_outcome: Told each outcome once it is durable.
            on_progress: Told the number of texts newly embedded.

        Returns:
            One outcome per source, in order, then one per document removed.

        Raises:
            LibraryBusyError: If another process writes to the library.
            ModelMismatchError: If the library was made by another encoder.
        """
        with self._batch(_BATCH, on_outcome, on_progress, tags=tags) as batch:
            for source in sources:
                try:
                    _check_name(source)
                    self._decide_raw(batch, self._loader.fetch(source))
                except SourceError as refusal:
                    batch.add(_refused(source, refusal))
            batch.flush()
            self._prune(batch, sources, prune_under)
        return batch.outcomes

    def add(self, raw: RawSource, tags: Sequence[str] = ()) -> Outcome:
        """Take in one source that was already read, such as an upload, and give it tags.

        Raises:
            SourceError: If it is refused.
            LibraryBusyError: If another writer does not end within 30 s.
            ModelMismatchError: If the library was made by another encoder.
        """
        with self._batch(_BATCH, tags=tags, wait_s=_UPLOAD_WAIT_S) as batch:
            _check_name(raw.source)
            self._decide_raw(batch, raw)
        return batch.outcomes[0]

    def add_parsed(
        self,
        documents: Iterable[tuple[str, ParsedDocument]],
        *,
        sentence_vectors: bool = True,
        on_progress: Progress | None = None,
    ) -> list[Outcome]:
        """Take in many documents that are already text, such as a data set's.

        Args:
            documents: Sources, which may be any names, with their documents.
            sentence_vectors: Whether to embed the sentences too, which answers need and
                retrieval does not.
            on_progress: Told the number of texts newly embedded.

        Raises:
            LibraryBusyError: If another process writes to the library.
            ModelMismatchError: If the library was made by another encoder.
        """
        with self._batch(
            _BATCH_PARSED, None, on_progress, sentence_vectors=sentence_vectors
        ) as batch:
            for source, parsed in documents:
                # The name is part of it: a data set may hold the same text twice.
                fields = (source, parsed.title, parsed.published or "", parsed.lang, parsed.text)
                sha256 = hashlib.sha256("\0".join(fields).encode()).hexdigest()
                try:
                    self._decide(batch, source, sha256, partial(_same, parsed))
                except SourceError as refusal:
                    batch.add(_refused(source, refusal))
        return batch.outcomes

    @contextmanager
    def _batch(
        self,
        size: int,
        on_outcome: Callable[[Outcome], None] | None = None,
        on_progress: Progress | None = None,
        *,
        sentence_vectors: bool = True,
        tags: Sequence[str] = (),
        wait_s: float = 0.0,
    ) -> Iterator[Batch]:
        self._library.require_encoder(self._encoder.spec)
        encode = partial(
            embed,
            encoder=self._encoder,
            sentence_vectors=sentence_vectors,
            progress=on_progress,
        )
        with self._library.writing(wait_s=wait_s) as writer:
            batch = Batch(writer, encode, size, on_outcome, tags)
            yield batch
            batch.flush()

    def _decide_raw(self, batch: Batch, raw: RawSource) -> None:
        self._decide(batch, raw.source, raw.sha256, lambda: self._loader.parse(raw))

    def _decide(
        self, batch: Batch, source: str, sha256: str, parse: Callable[[], ParsedDocument]
    ) -> None:
        if batch.holds(sha256):
            batch.flush()
        stored = self._library.by_source(source)
        if stored and stored.sha256 == sha256:
            batch.add(Outcome(source, "unchanged", stored.id))
            return
        twin = self._library.by_sha256(sha256)
        if twin and not self._moved(twin):
            batch.add(_duplicate(batch.writer, source, stored, twin))
            return
        parsed = parse()
        previous = twin or stored
        notes = [f"moved from {twin.source}"] if twin else []
        if parsed.encoding and parsed.encoding.lower() not in _UTF_8:
            notes.append(f"read as {parsed.encoding}")
        note = "; ".join(notes) or None
        if previous and _content(self._library.parsed(previous.id)) == _content(parsed):
            identifier = batch.writer.touch(previous.id, sha256, source)
            action: Action = "changed" if twin else "unchanged"
            batch.add(Outcome(source, action, identifier, note=note))
            return
        chunks = self._splitter.split(parsed.text)
        if not chunks:
            raise EmptyDocumentError(f"{source}: no passage of text in it")
        action = "changed" if previous else "added"
        batch.add(Pending(source, sha256, parsed, chunks, action, note))

    def _moved(self, twin: DocumentInfo) -> bool:
        if not PurePath(twin.source).is_absolute():
            return False
        try:
            return self._loader.fetch(twin.source).sha256 != twin.sha256
        except SourceNotFoundError:
            return True
        except SourceError:
            return False

    def _prune(self, batch: Batch, sources: Sequence[str], under: Sequence[str]) -> None:
        refused = {o.source: o.code for o in batch.outcomes if o.action == "refused"}
        gone = {source for source, code in refused.items() if code == SourceNotFoundError.code}
        kept = set(sources) - gone
        for info in self._library.documents() if under else ():
            if info.source in kept or not _lies_under(info.source, under):
                continue
            # A folder that is not there may be a drive that is not mounted.
            if info.source in gone or not _lies_under(info.source, list(refused)):
                batch.writer.remove(info.id)
                batch.add(Outcome(info.source, "removed", info.id))


def _refused(source: str, refusal: SourceError) -> Outcome:
    shown = source.encode(errors="replace").decode()
    return Outcome(shown, "refused", code=refusal.code, message=str(refusal))


def _duplicate(
    writer: Writer, source: str, stored: DocumentInfo | None, twin: DocumentInfo
) -> Outcome:
    note = f"the same content is stored as {twin.source}"
    if stored:
        writer.remove(stored.id)
    return Outcome(source, "removed" if stored else "unchanged", twin.id, note=note)


def _check_name(source: str) -> None:
    try:
        source.encode()
    except UnicodeEncodeError as exc:
        raise SourceUnreadableError(
            f"{source!a}: the name is not valid Unicode; rename the file"
        ) from exc


def _same(parsed: ParsedDocument) -> ParsedDocument:
    return parsed


def _content(parsed: ParsedDocument) -> tuple[str, str, str | None, str]:
    return parsed.title, parsed.text, parsed.published, parsed.lang


def _lies_under(source: str, roots: Sequence[str]) -> bool:
    resolved = [root if "://" in root else Path(root).resolve() for root in roots]
    return any(PurePath(source).is_relative_to(root) for root in resolved)
