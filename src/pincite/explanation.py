"""What was searched for an answer, and why each passage was used or not."""

from dataclasses import dataclass
from typing import Literal

Fate = Literal[
    "cited",
    "below_threshold",
    "others_better",
    "same_said",
    "no_sentences",
    "not_used",
    "no_room",
    "duplicate",
]

# Bounds of the filters, the same on every surface.
MOST_FILTER_VALUES = 100
LONGEST_FILTER_VALUE = 500


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents may be searched; an empty field lets all through.

    A document has to pass every field that is set, and in a field with several values one of
    them. ``since`` and ``until`` are days, months or years in ISO 8601, both included; documents
    without a date pass neither. ``sources`` are whole sources, ends of them, folders, or globs;
    ``documents`` ids; ``languages`` BCP 47 tags, of which "zh" covers "zh-Hant" too.
    """

    since: str | None = None
    until: str | None = None
    sources: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Filters()


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a passage was used or not: its ranks (from 1) and scores, and what became of it.

    ``cosine`` and ``lexical`` are the scores of the two legs. ``fused`` is made of the cosine and
    ``coverage``, the share of the question's words that it holds; in another language than the
    question's, of the cosine and an estimate of that share, for which ``translated`` is the share
    of the question's words that stand there as they are or translated. ``rerank`` is the
    reranker's score, ``support`` the probability that its best sentence answers. ``context``
    numbers the merged context it belongs to.
    """

    passage_id: int
    document_id: str
    title: str
    dense_rank: int | None
    lexical_rank: int | None
    cosine: float
    lexical: float | None
    coverage: float
    translated: float | None
    fused: float
    rerank: float | None
    support: float | None
    used: bool
    code: Fate
    why: str
    context: int | None = None
    duplicate_of: int | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Neighbouring retrieved passages of one document as one span; ``passages`` are their ids."""

    document_id: str
    start: int
    end: int
    passages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What had to be reached.

    ``answer``: the confidence for there to be an answer; ``relevant``: that for the subject to be
    there at all; ``further``: the support of a further sentence beside the best; ``same``: the
    cosine from which two sentences say the same.
    """

    answer: float
    relevant: float
    further: float
    same: float


@dataclass(frozen=True, slots=True)
class Prompted:
    """What a language model was asked: the prompt's version, its tokens, its passages, its text."""

    version: int
    tokens: int
    passages: int
    text: str


@dataclass(frozen=True, slots=True)
class Searched:
    """What was searched, under which filters, and what decided.

    ``undated`` counts the documents that only their missing date left out. ``calibration`` names
    what turned sentences into a confidence: "packaged", or the library's own.
    """

    filters: Filters
    documents: int
    passages: int
    undated: int
    reranker: str | None
    thresholds: Thresholds
    calibration: str
    contexts: tuple[Context, ...]
    prompt: Prompted | None = None
