"""Data sets run: taken into an empty library, searched query by query, measured."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from time import perf_counter

from pydantic import TypeAdapter

from pincite.evaluate.answering import AnsweredSet, answer_data_set
from pincite.evaluate.context import excerpt
from pincite.evaluate.datasets import DataSet
from pincite.evaluate.journal import Journal
from pincite.evaluate.measures import (
    DATA_SET_RANKS,
    Figures,
    latency_figures,
    mean_figures,
    rank_figures,
    recall_curve,
)
from pincite.evaluate.run import ASK, DEPTH, WARM_UP, Evaluated, Track
from pincite.records import Hit, Leg, Mode, ParsedDocument

_DOCUMENTS = 10
_DEEPEST = 3200
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A document that a search brought up: its rank, and its best passage's in each leg."""

    document: str
    rank: int
    dense_rank: int | None
    lexical_rank: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Searched:
    """One query's search: the documents, best first; the first few and their latency told."""

    documents: list[str]
    shown: list[Found]
    latency_ms: float


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A corpus in a library: its passages, the seconds it took, the documents without one."""

    passages: int
    seconds: float
    refused: list[str]


@dataclass(frozen=True, slots=True)
class DataSetRun:
    """A data set's figures: with its first leg, by leg, and by query (first leg only).

    ``empty`` lists documents without text, ``refused`` those the library found no passage in,
    ``missing`` judged ones that the corpus lacks: none of these can be found. ``searches`` are
    those of each leg, ``recall`` the recall at 1 to 10 by leg; ``answers`` only if asked for.
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
    data: DataSet
    searches: dict[Leg, dict[str, Searched]] = field(default_factory=dict)
    recall: dict[Leg, list[float]] = field(default_factory=dict)
    answers: AnsweredSet | None = None


_SEARCHED = TypeAdapter(Searched)
_TAKEN_IN = TypeAdapter(TakenIn)


def run_data_set(
    workspace: Evaluated,
    data: DataSet,
    track: Track,
    *,
    legs: Sequence[Leg] = ("fused",),
    mode: Mode | None = None,
    journal: Journal | None = None,
) -> DataSetRun:
    """Take a data set's corpus into an empty library and search every query.

    Documents rank by their best passage. A set whose every step the journal holds is not taken
    in again.

    Args:
        workspace: An empty library.
        data: The data set.
        track: Told the progress.
        legs: The rankings measured; the first fills the overall figures.
        mode: How to answer the queries too; None: they are only searched.
        journal: Holds what an interrupted run has done already.
    """
    journal = journal or Journal()
    taken = _take_in(workspace, data, track, journal, _steps(data, legs, mode))
    searches = {leg: _search_all(workspace, data, leg, track, journal) for leg in legs}
    answers = answer_data_set(workspace, data, track, mode, journal) if mode else None
    by_leg: dict[Leg, dict[str, Figures]] = {}
    figures: dict[Leg, Figures] = {}
    for leg, found in searches.items():
        ranked = {id_: one.documents for id_, one in found.items()}
        by_leg[leg] = rank_figures(DATA_SET_RANKS, data.qrels, ranked)
        means: Figures = dict.fromkeys(DATA_SET_RANKS)
        figures[leg] = (
            means
            | mean_figures(list(by_leg[leg].values()))
            | latency_figures([one.latency_ms for one in found.values()])
        )
    size: Figures = {
        "queries": len(data.queries),
        "passages": taken.passages,
        "ingest_seconds": taken.seconds,
    }
    return DataSetRun(
        name=data.name,
        figures=figures[legs[0]] | (answers.figures if answers else {}) | size,
        legs=figures,
        queries=by_leg[legs[0]],
        documents=len(data.documents) + len(data.empty),
        empty=data.empty,
        refused=taken.refused,
        missing=data.missing,
        files=data.files,
        data=data,
        searches=searches,
        recall={leg: _recall(data, found) for leg, found in searches.items()},
        answers=answers,
    )


def _steps(data: DataSet, legs: Sequence[Leg], mode: Mode | None) -> list[str]:
    steps = [f"search {leg} {id_}" for leg in legs for id_ in data.searched]
    return steps + ([ASK + id_ for id_ in data.queries] if mode else [])


def _take_in(
    workspace: Evaluated,
    data: DataSet,
    track: Track,
    journal: Journal,
    steps: Sequence[str],
) -> TakenIn:
    def take_in() -> TakenIn:
        started = perf_counter()
        workspace.add_parsed(
            told(data.documents.items(), track(f"Taking in {data.name}", len(data.documents))),
            # Only answering needs them.
            sentence_vectors=any(step.startswith(ASK) for step in steps),
        )
        seconds = round(perf_counter() - started, 3)
        stored = workspace.documents()
        refused = sorted(data.documents.keys() - {info.source for info in stored})
        workspace.search(WARM_UP, DEPTH)
        return TakenIn(sum(info.passages for info in stored), seconds, refused)

    if journal.has("take in") and not all(map(journal.has, steps)):
        take_in()
    return _TAKEN_IN.validate_python(journal.once("take in", lambda: asdict(take_in())))


def told(
    documents: Iterable[tuple[str, ParsedDocument]], step: Callable[[], object]
) -> Iterator[tuple[str, ParsedDocument]]:
    """Yield documents, and call ``step`` when each has been taken."""
    for document in documents:
        yield document
        step()


def _search_all(
    workspace: Evaluated, data: DataSet, leg: Leg, track: Track, journal: Journal
) -> dict[str, Searched]:
    step = track(f"Searching {data.name} ({leg})", len(data.searched))
    found: dict[str, Searched] = {}
    for id_, text in data.searched.items():

        def search(text: str = text) -> object:
            started = perf_counter()
            hits = workspace.search(text, DEPTH, leg)
            elapsed = round(1000 * (perf_counter() - started), 3)
            documents, hits = _documents(workspace, text, leg, hits)
            return asdict(Searched(documents, _shown(hits, documents), elapsed))

        found[id_] = _SEARCHED.validate_python(journal.once(f"search {leg} {id_}", search))
        step()
    return found


def _documents(
    workspace: Evaluated, text: str, leg: Leg, hits: list[Hit]
) -> tuple[list[str], list[Hit]]:
    depth = DEPTH
    while True:
        ids = list(dict.fromkeys(hit.document.source for hit in hits))
        if len(ids) >= _DOCUMENTS or len(hits) < depth or depth >= _DEEPEST:
            return ids, hits
        # Long documents fill the first hits with their passages.
        depth *= 4
        hits = workspace.search(text, depth, leg)


def _shown(hits: Sequence[Hit], documents: Sequence[str]) -> list[Found]:
    best = {hit.document.source: hit for hit in reversed(hits)}
    return [
        Found(id_, rank, hit.dense_rank, hit.lexical_rank, excerpt(hit.passage.text))
        for rank, id_ in enumerate(documents[:_SHOWN], 1)
        if (hit := best[id_])
    ]


def _recall(data: DataSet, found: dict[str, Searched]) -> list[float]:
    rows = []
    for id_, search in found.items():
        relevant = {document for document, grade in data.qrels[id_].items() if grade > 0}
        ranks = [rank for rank, doc in enumerate(search.documents, 1) if doc in relevant]
        rows.append((ranks, len(relevant)))
    return recall_curve(rows, _DOCUMENTS)
