"""The dense index: exact search by cosine. The only importer of FAISS."""

from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pincite.embed.encoder import Matrix
from pincite.errors import IndexMismatchError
from pincite.records import Scored

Ids = NDArray[np.int64]

_UNIT_TOLERANCE = 1e-3
# Hits beyond the k-th that are looked at to see whether they tie with it.
_SLACK = 16


@cache
def _faiss() -> Any:
    # On first use: opening a library to read it must not cost 0.2 s.
    import faiss  # noqa: PLC0415

    # FAISS's blocked matrix product gives other last digits for a batch than for one query.
    faiss.cvar.distance_compute_blas_threshold = np.iinfo(np.int32).max
    return faiss


class DenseIndex:
    """Passage vectors by id. Never changes, so that it may be searched from several threads."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self._ids: Ids = _faiss().vector_to_array(index.id_map)
        distinct = len(np.unique(self._ids))
        if distinct != len(self._ids):
            raise IndexMismatchError(
                f"{len(self._ids)} vectors have {distinct} distinct ids: one id, one vector"
            )

    @classmethod
    def build(cls, ids: Ids, vectors: Matrix) -> "DenseIndex":
        """Index vectors.

        Args:
            ids: Shape (n,), distinct, not negative.
            vectors: Shape (n, d), float32, unit rows.

        Raises:
            IndexMismatchError: If the shapes differ, an id comes twice or a row is not unit length.
        """
        vectors = _checked(vectors, None)
        faiss = _faiss()
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
        index.add_with_ids(vectors, _checked_ids(ids, len(vectors)))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> "DenseIndex":
        """Read an index that ``save`` wrote; FAISS does not notice altered bytes, so check first.

        Raises:
            IndexMismatchError: If the file is not such an index.
        """
        faiss = _faiss()
        try:
            index = faiss.read_index(str(path))
        except RuntimeError as exc:
            raise IndexMismatchError(f"{path} is not a FAISS index: {exc}") from exc
        if not isinstance(index, faiss.IndexIDMap2):
            raise IndexMismatchError(f"{path} holds a {type(index).__name__}, not an IndexIDMap2")
        return cls(index)

    def save(self, path: Path) -> None:
        """Write the index to a file.

        Raises:
            OSError: If it cannot be written.
        """
        try:
            _faiss().write_index(self._index, str(path))
        except RuntimeError as exc:
            raise OSError(f"{path} cannot be written: {exc}") from exc

    def extended(self, remove: Collection[int], ids: Ids, vectors: Matrix) -> "DenseIndex":
        """Return a copy without the ids ``remove`` and with more vectors, as for ``build``.

        Raises:
            IndexMismatchError: If an id is there already, or as for ``build``.
        """
        faiss = _faiss()
        index = faiss.clone_index(self._index)
        if remove:
            index.remove_ids(np.fromiter(remove, dtype=np.int64, count=len(remove)))
        index.add_with_ids(_checked(vectors, self.dimension), _checked_ids(ids, len(vectors)))
        return DenseIndex(index)

    @property
    def ids(self) -> Ids:
        """The passage ids, shape (n,)."""
        return self._ids

    @property
    def dimension(self) -> int:
        """The vectors' dimension d."""
        return int(self._index.d)

    def search(self, queries: Matrix, k: int, among: Ids | None = None) -> list[list[Scored]]:
        """Return the k passages nearest to each query, best first.

        Exhaustive search by inner product, which for unit vectors is the cosine similarity;
        m * n * d multiply-adds, in the calling thread alone. Equal scores are listed by id, and
        a query's hits do not depend on the other queries.

        Args:
            queries: Shape (m, d), float32, unit rows.
            k: Hits wanted per query, at least 1. Fewer come back when n < k.
            among: Only these ids are searched; those of no passage are passed over.

        Returns:
            m lists of min(k, n) hits, n being the passages searched. ``score`` is the cosine in
            [-1, 1].

        Raises:
            ValueError: If k < 1.
            IndexMismatchError: If d differs from the index or a row is not unit length.

        Source:
            Douze et al., "The Faiss library", arXiv:2401.08281 (IndexFlatIP).
        """
        if k < 1:
            raise ValueError(f"k is {k}, wanted at least 1")
        queries = _checked(queries, self.dimension)
        # The setting is per thread: one question must not take all cores.
        _faiss().omp_set_num_threads(1)
        if among is None:
            return [self._nearest(query, k, len(self._ids), None) for query in queries]
        searched = int(np.isin(self._ids, among).sum())
        parameters = _only(among)
        return [self._nearest(query, k, searched, parameters) for query in queries]

    def similarities(self, query: Matrix, ids: Sequence[int]) -> list[float]:
        """Return the cosine of one query, shape (d,), with each of these passages.

        Raises:
            IndexMismatchError: If d differs, the query is not unit length or an id is unknown.
        """
        (checked,) = _checked(query[np.newaxis], self.dimension)
        try:
            vectors = [self._index.reconstruct(int(i)) for i in ids]
        except RuntimeError as exc:
            raise IndexMismatchError(f"the index lacks one of the passages {ids}") from exc
        return [float(vector @ checked) for vector in vectors]

    def _nearest(self, query: Matrix, k: int, searched: int, parameters: Any) -> list[Scored]:
        k, depth = min(k, searched), min(k + _SLACK, searched)
        while depth:
            found = self._index.search(query[np.newaxis], depth, params=parameters)
            scores, ids = (row[0] for row in found)
            if depth == searched or scores[-1] < scores[k - 1]:
                order = np.lexsort((ids, -scores))[:k]
                return [Scored(int(ids[i]), float(scores[i])) for i in order if ids[i] >= 0]
            depth = min(4 * depth, searched)
        return []


def _only(ids: Ids) -> Any:
    """Search parameters that let only these ids through, one bit of a map for each id."""
    faiss = _faiss()
    chosen = np.zeros(int(ids.max(initial=-1)) + 1, dtype=bool)
    chosen[ids] = True
    bits = np.packbits(chosen, bitorder="little")
    return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))


def _checked(vectors: Matrix, dimension: int | None) -> Matrix:
    if vectors.ndim != 2 or (dimension is not None and vectors.shape[1] != dimension):
        wanted = "(n, d)" if dimension is None else f"(n, {dimension})"
        raise IndexMismatchError(f"vectors of shape {vectors.shape}, wanted {wanted}")
    wrong = ~(np.abs(np.linalg.norm(vectors, axis=1) - 1) < _UNIT_TOLERANCE)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise IndexMismatchError(
            f"{int(wrong.sum())} of {len(vectors)} vectors are not of unit length; the first is"
            f" row {first}, of length {np.linalg.norm(vectors[first]):g}"
        )
    return np.ascontiguousarray(vectors, dtype=np.float32)


def _checked_ids(ids: Ids, number: int) -> Ids:
    if ids.shape != (number,):
        raise IndexMismatchError(f"{number} vectors but ids of shape {ids.shape}")
    if (ids < 0).any():
        raise IndexMismatchError(f"a passage id is negative: {int(ids.min())}")
    return np.ascontiguousarray(ids, dtype=np.int64)
