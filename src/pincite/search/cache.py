"""The search indexes as a cache of the library: checked when opened, advanced when it changes."""

import logging
import secrets
import shutil
import threading
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pincite.errors import IndexMismatchError, LibraryError
from pincite.library.lock import locked
from pincite.library.store import IndexRow, Library, bytes_on_disk
from pincite.search.dense import DenseIndex
from pincite.search.files import Manifest, check_files, mark_files, read_manifest, write_manifest
from pincite.search.lexical import LexicalIndex
from pincite.text import TERMS_VERSION

_log = logging.getLogger(__name__)
_DENSE, _LEXICAL, _LOCK = "dense.faiss", "lexical", "writer.lock"
_ROWS_AT_A_TIME = 1000
_LOCK_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class SearchIndexes:
    """Both indexes of one generation of a library. They never change."""

    generation: int
    dense: DenseIndex
    lexical: LexicalIndex


@dataclass(frozen=True, slots=True)
class _State:
    """What the indexes have to be of: a library, its model, and its present passages."""

    library: str
    model: str
    generation: int
    ids: frozenset[int]

    @classmethod
    def of(cls, library: Library) -> "_State":
        """The state of a library in this thread's snapshot."""
        return cls(
            library.identity,
            str(library.spec),
            library.generation,
            frozenset(library.passage_ids()),
        )


class IndexCache:
    """Keeps a folder of index files. Safe to use from several threads and processes.

    The files may be deleted at any time: whatever is missing, altered or in doubt is built again
    from the library, and the log says why.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._indexes: SearchIndexes | None = None
        self._state: _State | None = None

    def current(self, library: Library) -> SearchIndexes:
        """Return the indexes of the library's present generation.

        Costs one small read while the library does not change. When it did, one thread brings
        the indexes up to date and the others wait; whoever holds older ones can go on with them.
        """
        indexes = self._indexes
        if indexes is None or indexes.generation != library.generation:
            with self._lock:
                indexes = self._refreshed(library)
        return indexes

    def fault(self, library: Library) -> str | None:
        """Tell why the files on disk are not the library's present indexes; nothing is mended.

        Returns:
            None if they are.
        """
        with library.snapshot():
            state = _State.of(library)
            try:
                found = self._loaded(read_manifest(self._folder), state)
            except FileNotFoundError:
                return "there are none on disk"
            except (IndexMismatchError, OSError) as exc:
                return str(exc)
        if found.generation != state.generation:
            return f"they are of generation {found.generation}, wanted {state.generation}"
        return None

    def size_bytes(self) -> int:
        """The size of the files on disk."""
        return bytes_on_disk(self._folder.rglob("*"))

    def _refreshed(self, library: Library) -> SearchIndexes:
        if self._indexes and self._indexes.generation == library.generation:
            return self._indexes
        with ExitStack() as stack:
            writable = self._lock_folder(stack)
            stack.enter_context(library.snapshot())
            state = _State.of(library)
            base = self._base(state)
            if base and base.generation == state.generation:
                indexes = base
            else:
                indexes = self._made(library, state, base, writable=writable)
            if writable:
                self._delete_all_but(indexes.lexical.folder)
        self._indexes, self._state = indexes, state
        return indexes

    def _lock_folder(self, stack: ExitStack) -> bool:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(self._folder / _LOCK, wait_s=_LOCK_WAIT_S))
        except (LibraryError, OSError) as exc:
            _log.warning("the search indexes are not kept on disk: %s", exc)
            return False
        return True

    def _base(self, state: _State) -> SearchIndexes | None:
        """The newest indexes at hand that can be used or advanced."""
        held = self._held(state)
        try:
            manifest = read_manifest(self._folder)
            if held and held.generation >= manifest.generation:
                return held
            return self._loaded(manifest, state)
        except FileNotFoundError:
            _log.debug("no search indexes in %s yet", self._folder)
        except (IndexMismatchError, OSError) as exc:
            _log.warning("the search indexes are built again: %s", exc)
        return held

    def _held(self, state: _State) -> SearchIndexes | None:
        of = self._state
        same = of and (of.library, of.model) == (state.library, state.model)
        return self._indexes if same else None

    def _loaded(self, manifest: Manifest, state: _State) -> SearchIndexes:
        found, wanted = (manifest.library, manifest.model), (state.library, state.model)
        if found != wanted:
            raise IndexMismatchError(f"they are of {found}, wanted {wanted}")
        if manifest.terms != TERMS_VERSION:
            raise IndexMismatchError(
                f"their terms are of version {manifest.terms}, wanted {TERMS_VERSION}"
            )
        if manifest.generation > state.generation:
            raise IndexMismatchError(
                f"they are of generation {manifest.generation}, and the library, perhaps restored"
                f" from a backup, is at {state.generation}"
            )
        folder = self._folder / manifest.folder
        check_files(folder, manifest.files)
        dense, lexical = DenseIndex.load(folder / _DENSE), LexicalIndex.load(folder / _LEXICAL)
        if lexical.size != len(dense.ids):
            raise IndexMismatchError(
                f"the dense index has {len(dense.ids)} passages, the lexical {lexical.size}"
            )
        if manifest.generation == state.generation and state.ids != set(dense.ids.tolist()):
            raise IndexMismatchError("they do not hold the library's passages")
        return SearchIndexes(manifest.generation, dense, lexical)

    def _made(
        self, library: Library, state: _State, base: SearchIndexes | None, *, writable: bool
    ) -> SearchIndexes:
        if writable:
            name = f"index-{state.generation}-{secrets.token_hex(4)}"
            try:
                indexes = _indexes(library, state, base, self._folder / name)
                indexes.dense.save(self._folder / name / _DENSE)
                marks = mark_files(self._folder / name)
                manifest = Manifest(
                    state.library, state.generation, state.model, TERMS_VERSION, name, marks
                )
                write_manifest(self._folder, manifest)
            except OSError as exc:
                _log.warning("the search indexes cannot be kept on disk: %s", exc)
            else:
                return indexes
        return _indexes(library, state, base, None)

    def _delete_all_but(self, kept: Path | None) -> None:
        """Delete the folders of other generations; readers that have them open are not hurt."""
        for folder in self._folder.glob("index-*"):
            if kept is None or folder.name != kept.parent.name:
                try:
                    shutil.rmtree(folder)
                except OSError as exc:
                    _log.warning("%s, an old search index, cannot be deleted: %s", folder, exc)


def _indexes(
    library: Library, state: _State, base: SearchIndexes | None, folder: Path | None
) -> SearchIndexes:
    target = folder / _LEXICAL if folder else None
    if base:
        try:
            return _advanced(library, state, base, target)
        except IndexMismatchError as exc:
            _log.warning("the search indexes are built again: %s", exc)
            if target and target.exists():
                shutil.rmtree(target)
    dense = DenseIndex.build(*library.passage_vectors())
    lexical = LexicalIndex.build(target, _rows(library, state.ids))
    return SearchIndexes(state.generation, dense, lexical)


def _advanced(
    library: Library, state: _State, base: SearchIndexes, target: Path | None
) -> SearchIndexes:
    indexed = set(base.dense.ids.tolist())
    removed, added = indexed - state.ids, state.ids - indexed
    # Ids are never used again: a new passage's is above all that were ever indexed.
    ids, vectors = library.passage_vectors(after_id=max(indexed, default=0))
    new = np.isin(ids, list(added))
    dense = base.dense.extended(removed, ids[new], vectors[new])
    lexical = base.lexical.extended(target, removed, _rows(library, added))
    return SearchIndexes(state.generation, dense, lexical)


def _rows(library: Library, ids: Collection[int]) -> Iterator[IndexRow]:
    ordered = sorted(ids)
    for first in range(0, len(ordered), _ROWS_AT_A_TIME):
        yield from library.index_rows(ordered[first : first + _ROWS_AT_A_TIME])
