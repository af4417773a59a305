"""One open library with everything that answers from it: what every surface receives."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Event, RLock
from typing import TypeVar

from pincite import records
from pincite.answer.assistant import Assistant
from pincite.answer.confidence.calibration import CalibrationStatus
from pincite.closing import Closing
from pincite.embed.encoder import Encoder, EncoderSpec
from pincite.explanation import NO_FILTERS, Filters
from pincite.ingest.load import Loader, discover
from pincite.ingest.split import Splitter
from pincite.library.intake import Intake
from pincite.library.store import Library
from pincite.library.tags import clean_tags
from pincite.records import (
    Answer,
    Document,
    DocumentInfo,
    Hit,
    Leg,
    Outcome,
    ParsedDocument,
    Passage,
    Question,
    RawSource,
)
from pincite.retrieve.retriever import Retriever
from pincite.search.cache import IndexCache, SearchIndexes

_WRITER_WAIT_S = 30.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Status:
    """What ``pincite status`` and ``GET /ready`` tell. Sizes are in bytes."""

    home: str
    generation: int
    documents: int
    passages: int
    sentences: int
    model: EncoderSpec
    splitter_version: int
    passage_tokens: int
    database_bytes: int
    index_bytes: int
    calibration: CalibrationStatus


class _once(cached_property[_T]):  # noqa: N801 - used as a decorator
    """A cached property that is computed once, whichever threads ask for it first."""

    def __get__(self, instance: object, owner: type | None = None) -> _T:  # type: ignore[override]
        assert isinstance(instance, Workspace)
        with instance.starting:
            return super().__get__(instance, owner)


class Workspace(Closing):
    """Ask, search, read and change one library. Safe to use from several threads.

    The model, the indexes and the parser child are started on first use, so that reading the
    library costs none of them.
    """

    def __init__(
        self,
        library: Library,
        cache: IndexCache,
        *,
        make_encoder: Callable[[], Encoder],
        make_loader: Callable[[], Loader],
        make_retriever: Callable[[Callable[[], SearchIndexes], Encoder], Retriever],
        make_assistant: Callable[[Retriever], Assistant],
        calibration: Callable[[], CalibrationStatus],
    ) -> None:
        self.library = library
        self.starting = RLock()
        self._cache = cache
        self._make_encoder = make_encoder
        self._make_loader = make_loader
        self._make_retriever = make_retriever
        self._make_assistant = make_assistant
        self._calibration = calibration

    def close(self) -> None:
        """End the parser child, close the language model and the database."""
        if "loader" in self.__dict__:
            self.loader.close()
        if "assistant" in self.__dict__:
            self.assistant.close()
        self.library.close()

    @_once
    def encoder(self) -> Encoder:
        """The embedding model; refused if the library was made with another."""
        encoder = self._make_encoder()
        self.library.require_encoder(encoder.spec)
        return encoder

    @_once
    def loader(self) -> Loader:
        """The reader of files, URLs and uploads."""
        return self._make_loader()

    @_once
    def retriever(self) -> Retriever:
        """The ranking of passages for a question, with its reranker if there is one."""
        return self._make_retriever(self.indexes, self.encoder)

    @_once
    def assistant(self) -> Assistant:
        """The answerer."""
        return self._make_assistant(self.retriever)

    def indexes(self) -> SearchIndexes:
        """The search indexes of the library's present generation."""
        return self._cache.current(self.library)

    def warm_up(self) -> None:
        """Load the models and the indexes now, so that the first question does not wait."""
        self.ask(Question("ready", mode="extractive"))

    def ask(self, question: Question, cancel: Event | None = None) -> Answer:
        """Answer a question, or say that the library does not; ``cancel`` is set to stop it."""
        return self.assistant.ask(question, cancel)

    def stream(self, question: Question, cancel: Event | None = None) -> Iterator[records.Event]:
        """Answer as ``ask`` does, piece by piece; the last event is the answer."""
        return self.assistant.stream(question, cancel)

    def search(
        self,
        text: str,
        k: int,
        leg: Leg = "fused",
        filters: Filters = NO_FILTERS,
        *,
        collapse: bool = False,
    ) -> list[Hit]:
        """Return the k best passages for a text among those the filters let through.

        With ``collapse``, as for answers, passages that say the same take one place.

        Raises:
            InputError: If a filter is no filter.
        """
        return self.retriever.retrieve(text, k, leg, filters, collapse=collapse)

    def documents(self) -> list[DocumentInfo]:
        """List the stored documents, by title."""
        return self.library.documents()

    def document(self, document_id: str) -> Document:
        """Return one document with its text.

        Raises:
            DocumentNotFoundError: If the library does not hold it.
        """
        return self.library.document(document_id)

    def passages(self, document_id: str) -> list[Passage]:
        """Return a document's passages in order."""
        return self.library.document_passages(document_id)

    def ingest(
        self,
        locations: Sequence[str],
        *,
        prune: bool = False,
        tags: Sequence[str] = (),
        on_found: Callable[[int], None] | None = None,
        on_outcome: Callable[[Outcome], None] | None = None,
    ) -> list[Outcome]:
        """Take in files, folders and URLs; then bring the index caches up to date.

        Args:
            locations: Files, folders (recursively) and URLs.
            prune: Remove documents that came from these locations and are no longer there.
            tags: Given to all documents of these locations, besides those they have.
            on_found: Told the number of sources before the first is read.
            on_outcome: Told each source's outcome as it is known.
        """
        given = clean_tags(tags)
        sources = discover(locations)
        if on_found:
            on_found(len(sources))
        outcomes = self._intake().run(
            sources,
            prune_under=locations if prune else (),
            tags=given,
            on_outcome=on_outcome,
        )
        self.indexes()
        return outcomes

    def upload(
        self, name: str, data: bytes, content_type: str | None = None, tags: Sequence[str] = ()
    ) -> Outcome:
        """Take in an uploaded file, and give it tags; ``InputError`` or ``SourceError`` if not."""
        return self._add(lambda: self.loader.wrap(name, data, content_type), tags)

    def add_url(self, url: str, tags: Sequence[str] = ()) -> Outcome:
        """Fetch a public web page and take it in; as ``upload``, which has the errors too."""
        return self._add(lambda: self.loader.fetch_url(url), tags)

    def add_parsed(
        self, documents: Iterable[tuple[str, ParsedDocument]], *, sentence_vectors: bool = True
    ) -> None:
        """Take in documents that are already text, as (source, document), such as a data set's."""
        self._intake().add_parsed(documents, sentence_vectors=sentence_vectors)
        self.indexes()

    def tag(
        self, id_or_source: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> DocumentInfo:
        """Give a document tags and take others away; nothing is embedded again.

        Raises:
            DocumentNotFoundError: If the library does not hold it.
            InputError: If a tag cannot be one.
        """
        adding, removing = clean_tags(add), clean_tags(remove)
        with self.library.writing(wait_s=_WRITER_WAIT_S) as writer:
            document = self.library.find(id_or_source)
            writer.tag(document.id, add=adding, remove=removing)
        self.indexes()
        return self.library.find(document.id)

    def set_tags(self, document_id: str, tags: Sequence[str]) -> DocumentInfo:
        """Give a document these tags and no others.

        Raises:
            DocumentNotFoundError: If the library does not hold it.
            InputError: If a tag cannot be one.
        """
        wanted = clean_tags(tags)
        with self.library.writing(wait_s=_WRITER_WAIT_S) as writer:
            present = self.library.document(document_id).info.tags
            writer.tag(document_id, add=wanted, remove=[t for t in present if t not in wanted])
        self.indexes()
        return self.library.document(document_id).info

    def tags(self) -> dict[str, int]:
        """Count the documents of each tag, by tag."""
        return self.library.tags()

    def forget(self, id_or_source: str) -> DocumentInfo:
        """Delete a document for good, from the database and from the index caches."""
        with self.library.writing(wait_s=_WRITER_WAIT_S) as writer:
            document = self.library.find(id_or_source)
            writer.remove(document.id)
        self.indexes()
        return document

    def status(self) -> Status:
        """Describe the library without loading the model."""
        spec = self.library.spec
        counts = self.library.counts()
        return Status(
            home=str(self.library.home),
            generation=self.library.generation,
            documents=counts.documents,
            passages=counts.passages,
            sentences=counts.sentences,
            model=spec.encoder,
            splitter_version=spec.splitter_version,
            passage_tokens=spec.passage_tokens,
            database_bytes=self.library.size_bytes(),
            index_bytes=self._cache.size_bytes(),
            calibration=self._calibration(),
        )

    def _add(self, read: Callable[[], RawSource], tags: Sequence[str]) -> Outcome:
        given = clean_tags(tags)
        outcome = self._intake().add(read(), given)
        self.indexes()
        return outcome

    def _intake(self) -> Intake:
        spec = self.library.spec
        splitter = Splitter(self.encoder.count_tokens, spec.passage_tokens)
        return Intake(self.library, self.loader, self.encoder, splitter)
