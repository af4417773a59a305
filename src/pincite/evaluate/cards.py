"""The questions and queries that the report shows one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pincite.evaluate.against import OUTCOMES
from pincite.evaluate.names import shown
from pincite.evaluate.retrieval import DataSetRun, Searched
from pincite.evaluate.verdicts import FAILURES, Outcome, Verdict, by_outcome, worst_failures

MOST_CARDS = 500
_WORST = 12
_WORST_QUERIES = 40
_OPEN = 3


@dataclass(frozen=True, slots=True)
class Band:
    """How many questions came out in one way."""

    outcome: Outcome
    label: str
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Card:
    """A question with its answer: what the template shows, and where it stands among others."""

    number: int
    verdict: Verdict
    outcome: str
    lang: int
    kind: int
    open: bool


@dataclass(frozen=True, slots=True)
class QueryCard:
    """A query that retrieval did badly on, with the ranks of its relevant documents."""

    number: int
    id: str
    text: str
    ndcg: str
    relevant: list[tuple[str, int | None]]
    search: Searched
    open: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """Answered questions: how they came out, the worst of them, each; and what to filter by."""

    bands: list[Band]
    worst: list[Card]
    cards: list[Card]
    langs: list[str]
    kinds: list[str]
    left_out: int


def answered(verdicts: Sequence[Verdict]) -> Answered:
    """Show the questions, failures first, worst first, then the others in their order."""
    worst = worst_failures(verdicts)
    others = [verdict for verdict in verdicts if verdict.outcome not in FAILURES]
    langs = sorted({verdict.question.lang for verdict in verdicts})
    kinds = sorted({verdict.question.kind for verdict in verdicts})
    cards = [
        Card(
            number=number,
            verdict=verdict,
            outcome=OUTCOMES[verdict.outcome],
            lang=langs.index(verdict.question.lang),
            kind=kinds.index(verdict.question.kind),
            open=number <= _OPEN and verdict.outcome in FAILURES,
        )
        for number, verdict in enumerate([*worst, *others][:MOST_CARDS], 1)
    ]
    return Answered(
        bands=_bands(verdicts),
        worst=cards[: min(_WORST, len(worst))],
        cards=cards,
        langs=langs,
        kinds=kinds,
        left_out=len(verdicts) - len(cards),
    )


def _bands(verdicts: Sequence[Verdict]) -> list[Band]:
    bands: list[Band] = []
    counts = by_outcome(verdicts)
    start = 0.0
    for outcome in ("right", "abstained", *FAILURES):
        width = 100 * counts[outcome] / len(verdicts)
        if counts[outcome]:
            band = Band(
                outcome, OUTCOMES[outcome], counts[outcome], round(start, 3), round(width, 3)
            )
            bands.append(band)
        start += width
    return bands


def worst_queries(run: DataSetRun, searches: Mapping[str, Searched]) -> list[QueryCard]:
    """Show the queries of the lowest nDCG@10, worst first."""
    ordered = sorted(run.queries.items(), key=lambda pair: pair[1]["ndcg@10"] or 0.0)
    cards = []
    for number, (id_, figures) in enumerate(ordered[:_WORST_QUERIES], 1):
        found = searches[id_]
        places = {document: rank for rank, document in enumerate(found.documents, 1)}
        relevant = [
            (document, places.get(document))
            for document, grade in run.data.qrels[id_].items()
            if grade > 0
        ]
        relevant.sort(key=lambda pair: pair[1] or len(places) + 1)
        cards.append(
            QueryCard(
                number=number,
                id=id_,
                text=run.data.queries[id_],
                ndcg=shown("ndcg@10", figures["ndcg@10"]),
                relevant=relevant,
                search=found,
                open=number <= _OPEN,
            )
        )
    return cards
