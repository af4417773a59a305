"""The nouns that pass between the stages. They know no library and never change.

Offsets count Unicode code points in the stored document text, half open, so that
``text[start:end]`` is the thing itself.
"""

from dataclasses import dataclass, field
from typing import Literal

from pincite.explanation import NO_FILTERS, Explanation, Filters, Searched

Status = Literal["answered", "partial", "not_found"]
Reason = Literal["no_documents", "filtered_out", "nothing_relevant", "unsupported"]
Mode = Literal["auto", "extractive", "llm"]
Leg = Literal["dense", "lexical", "fused"]
Role = Literal["system", "user", "assistant"]
Action = Literal["added", "changed", "unchanged", "removed", "refused"]

# Bounds of a question, the same on every surface.
LONGEST_QUESTION = 4_000
PASSAGES_CONSIDERED = 8
MOST_PASSAGES = 20
MOST_MESSAGES = 50
LONGEST_HISTORY = 32_000


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points, ``0 <= start < end``."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"span {self.start}:{self.end} is empty or negative")


@dataclass(frozen=True, slots=True)
class RawSource:
    """The bytes of one source before parsing; ``sha256`` is the hex digest of ``data``."""

    source: str
    name: str
    data: bytes
    sha256: str
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a parser made of a source: Markdown-flavoured plain text and what the document says.

    ``published`` is an ISO 8601 date or None; ``lang`` a BCP 47 tag such as "zh", "en" or "und".
    """

    title: str
    text: str
    published: str | None
    lang: str
    media_type: str
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A stored document without its text; ``sha256`` is of the source's bytes."""

    id: str
    title: str
    source: str
    published: str | None
    lang: str
    media_type: str
    sha256: str
    added: str
    characters: int
    passages: int
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document with its text."""

    info: DocumentInfo
    text: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage before it is stored: a span, the headings above it, its sentences' spans.

    Sentences lie inside the span, in order, without overlap, and leave out bullets and the
    source's own trailing reference numbers. Headings are not sentences.
    """

    start: int
    end: int
    heading: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored passage; ``id`` is never used again once the passage is gone."""

    id: int
    document_id: str
    ordinal: int
    start: int
    end: int
    heading: str
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What ingesting did with one source; ``code`` and ``message`` say why it was refused.

    ``note`` tells what a person should know of a document taken in: its encoding if not UTF-8,
    or that the same content is stored under another source.
    """

    source: str
    action: Action
    document_id: str | None = None
    code: str | None = None
    message: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage id and the score one index gave it; comparable within that index only."""

    passage_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage with its document and the ranks (from 1) that brought it up.

    ``cosine`` is the dense similarity in [-1, 1]; ``coverage`` the share in [0, 1] of the
    question's lexical evidence (idf mass) that occurs in the passage; ``translated``, of a passage
    in another language than the question, the share of the question's words that stand there as
    they are or translated; ``fused`` the score made of the first two, the second being estimated
    with the third where there is one; ``lexical`` its BM25 score, where the lexical leg found it;
    ``rerank`` the reranker's score, where it judged the passage.
    ``duplicates`` are the passages that say the same and rank below it.
    """

    passage: Passage
    document: DocumentInfo
    fused: float
    dense_rank: int | None
    lexical_rank: int | None
    cosine: float
    coverage: float
    translated: float | None = None
    lexical: float | None = None
    rerank: float | None = None
    duplicates: tuple["Hit", ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation, or of a prompt for an LLM."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``language`` None means: the language of ``text``.

    ``history`` is the conversation before it, oldest first, of users' and assistants' messages.
    """

    text: str
    mode: Mode = "auto"
    top_k: int = PASSAGES_CONSIDERED
    language: str | None = None
    explain: bool = False
    filters: Filters = NO_FILTERS
    history: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer; ``answer[start:end] == text``."""

    text: str
    start: int
    end: int
    citations: list[int]
    support: float
    supported: bool


@dataclass(frozen=True, slots=True)
class Quotation:
    """A literal quote from a document: ``document.text[start:end] == quote``."""

    document_id: str
    title: str
    source: str
    published: str | None
    start: int
    end: int
    quote: str
    passage_id: int
    score: float


@dataclass(frozen=True, slots=True)
class AlsoIn:
    """Another document that has a cited sentence too, in a passage that says the same."""

    document_id: str
    title: str
    source: str
    published: str | None
    passage_id: int


@dataclass(frozen=True, slots=True)
class Citation(Quotation):
    """A quotation that an answer's marker ``[marker]`` points to."""

    marker: int = 0
    also_in: tuple[AlsoIn, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer, the same on every surface; its fields are the JSON contract.

    ``resolved`` is the question that was searched where the conversation before changed it;
    ``unanswered`` are the parts of a question of several that a ``partial`` answer leaves open.
    """

    id: str
    status: Status
    answer: str
    language: str
    statements: list[Statement]
    citations: list[Citation]
    closest: list[Quotation]
    confidence: float
    reason: Reason | None
    mode: str
    degraded: str | None
    model: str
    index_generation: int
    timings_ms: dict[str, float] = field(default_factory=dict)
    explain: list[Explanation] | None = None
    search: Searched | None = None
    resolved: str | None = None
    unanswered: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done for a question now."""

    name: Literal["retrieving", "reading", "generating"]


@dataclass(frozen=True, slots=True)
class Delta:
    """A further piece of an answer's text: whole statements, verified, with their markers."""

    text: str


@dataclass(frozen=True, slots=True)
class Restart:
    """The pieces sent so far are void, since the LLM failed: others follow."""

    degraded: str


# What answering a question gives, in this order: stages, the text's pieces, and last the answer,
# whose text the pieces since the last restart make up.
Event = Stage | Delta | Restart | Answer
