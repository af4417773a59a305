"""Data sets run: taken into an empty library, searched query by query, measured."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

from pincite.evaluate.datasets import DataSet
from pincite.evaluate.measures import (
    DATA_SET_RANKS,
    Figures,
    latency_figures,
    mean_figures,
    rank_figures,
)
from pincite.evaluate.run import DEPTH, WARM_UP, Evaluated, Track
from pincite.records import Hit, Leg, ParsedDocument

_DOCUMENTS = 10
_DEEPEST = 3200


@dataclass(frozen=True, slots=True)
class DataSetRun:
    """A data set's figures: with its first leg, by leg, and by query (first leg only).

    ``empty`` lists documents without text, ``refused`` those the library found no passage in,
    ``missing`` judged ones that the corpus lacks: none of these can be found.
    """

    name: str
    figures: Figures
    legs: dict[Leg, Figures]
    queries: dict[str, Figures]
    documents: int
    empty: list[str]
    refused: list[str]
    missing: list[str]
    files: dict[str, str]


def run_data_set(
    workspace: Evaluated, data: DataSet, track: Track, *, legs: Sequence[Leg] = ("fused",)
) -> DataSetRun:
    """Take a data set's corpus into an empty library and search every query.

    Documents rank by their best passage.

    Args:
        workspace: An empty library.
        data: The data set.
        track: Told the progress.
        legs: The rankings measured; the first fills the overall figures.
    """
    started = perf_counter()
    workspace.add_parsed(
        told(data.documents.items(), track(f"Taking in {data.name}", len(data.documents))),
        sentence_vectors=False,
    )
    seconds = perf_counter() - started
    stored = workspace.documents()
    refused = sorted(data.documents.keys() - {info.source for info in stored})
    size: Figures = {
        "queries": len(data.queries),
        "passages": sum(info.passages for info in stored),
        "ingest_seconds": round(seconds, 3),
    }
    workspace.search(WARM_UP, DEPTH)
    by_leg: dict[Leg, dict[str, Figures]] = {}
    figures: dict[Leg, Figures] = {}
    for leg in legs:
        step = track(f"Searching {data.name} ({leg})", len(data.queries))
        by_leg[leg], latency = _search_all(workspace, data, leg, step)
        figures[leg] = mean_figures(list(by_leg[leg].values())) | latency
    return DataSetRun(
        name=data.name,
        figures=figures[legs[0]] | size,
        legs=figures,
        queries=by_leg[legs[0]],
        documents=len(data.documents) + len(data.empty),
        empty=data.empty,
        refused=refused,
        missing=data.missing,
        files=data.files,
    )


def told(
    documents: Iterable[tuple[str, ParsedDocument]], step: Callable[[], object]
) -> Iterator[tuple[str, ParsedDocument]]:
    """Yield documents, and call ``step`` when each has been taken."""
    for document in documents:
        yield document
        step()


def _search_all(
    workspace: Evaluated, data: DataSet, leg: Leg, step: Callable[[], object]
) -> tuple[dict[str, Figures], Figures]:
    ranked: dict[str, list[str]] = {}
    latencies: list[float] = []
    for id_, text in data.queries.items():
        started = perf_counter()
        hits = workspace.search(text, DEPTH, leg)
        latencies.append(round(1000 * (perf_counter() - started), 3))
        ranked[id_] = _documents(workspace, text, leg, hits)
        step()
    return rank_figures(DATA_SET_RANKS, data.qrels, ranked), latency_figures(latencies)


def _documents(workspace: Evaluated, text: str, leg: Leg, hits: list[Hit]) -> list[str]:
    depth = DEPTH
    while True:
        ids = list(dict.fromkeys(hit.document.source for hit in hits))
        if len(ids) >= _DOCUMENTS or len(hits) < depth or depth >= _DEEPEST:
            return ids
        # Long documents fill the first hits with their passages.
        depth *= 4
        hits = workspace.search(text, depth, leg)
