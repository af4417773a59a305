"""Converting a library to another embedding model or splitter."""

from collections.abc import Callable, Iterator

from pincite.embed.encoder import Encoder
from pincite.library.embedding import SplitDocument, embed
from pincite.library.intake import Splits
from pincite.library.schema import LibrarySpec
from pincite.library.store import Library
from pincite.library.writer import EmbeddedChunks


class Reindex:
    """Splits and embeds every stored document again."""

    def __init__(self, library: Library, encoder: Encoder, splitter: Splits) -> None:
        self._library = library
        self._encoder = encoder
        self._splitter = splitter

    def run(self, spec: LibrarySpec, progress: Callable[[int, int], None] | None = None) -> None:
        """Replace all passages and vectors in one transaction; readers see the old ones until then.

        Args:
            spec: What makes the new ones: this encoder and splitter.
            progress: Told the documents done and their number, after each.

        Raises:
            LibraryBusyError: If another process writes to the library.
        """
        with self._library.writing() as writer:
            writer.rebuild(spec, self._contents(progress))

    def _contents(
        self, progress: Callable[[int, int], None] | None
    ) -> Iterator[tuple[str, EmbeddedChunks]]:
        documents = self._library.documents()
        for done, info in enumerate(documents, 1):
            text = self._library.document(info.id).text
            split = SplitDocument(info.title, text, self._splitter.split(text))
            had = self._library.has_sentence_vectors(info.id)
            yield info.id, embed([split], self._encoder, sentence_vectors=had)[0]
            if progress:
                progress(done, len(documents))
