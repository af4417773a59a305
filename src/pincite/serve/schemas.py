"""What the API takes and gives that is not one of the records, with examples for OpenAPI."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pincite.records import (
    LONGEST_QUESTION,
    MOST_PASSAGES,
    PASSAGES_CONSIDERED,
    Action,
    DocumentInfo,
    Leg,
    Mode,
    Passage,
)
from pincite.serve.filters import FilterRequest

Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_QUESTION)
]
TopK = Annotated[int, Field(ge=1, le=MOST_PASSAGES)]
Language = Annotated[
    str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
]

ANSWER_EXAMPLE = {
    "id": "5d41402abc4b2a76b9719d91",
    "status": "answered",
    "answer": "法院判决该条款无效 [1]。",
    "language": "zh",
    "statements": [
        {
            "text": "法院判决该条款无效",
            "start": 0,
            "end": 9,
            "citations": [1],
            "support": 0.83,
            "supported": True,
        }
    ],
    "citations": [
        {
            "document_id": "d1f3",
            "title": "消费者起诉案宣判",
            "source": "https://example.com/news/1",
            "published": "2025-11-20",
            "start": 1480,
            "end": 1489,
            "quote": "法院判决该条款无效",
            "passage_id": 17,
            "score": 0.83,
            "marker": 1,
            "also_in": [],
        }
    ],
    "closest": [],
    "confidence": 0.86,
    "reason": None,
    "mode": "extractive",
    "degraded": None,
    "model": "bundled@1",
    "index_generation": 12,
    "timings_ms": {"embed": 3.1, "search": 0.6, "answer": 2.2, "total": 6.4},
    "explain": None,
    "search": None,
    "resolved": None,
    "unanswered": [],
}


class AskRequest(BaseModel):
    """A question."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"question": "法院是怎么判的？"},
                {"question": "What did the court rule?", "top_k": 8, "explain": True},
                {"question": "What changed?", "filters": {"since": "2024-06", "tags": ["hr"]}},
            ]
        },
    )

    question: Text = Field(description="What to answer, 1 to 4,000 characters.")
    mode: Mode = Field(default="auto", description="How to answer: with or without an LLM.")
    top_k: TopK = Field(default=PASSAGES_CONSIDERED, description="Passages to consider.")
    language: Language | None = Field(
        default=None, description='BCP 47 tag, such as "zh" or "en"; null: the question\'s own.'
    )
    filters: FilterRequest | None = Field(
        default=None, description="Which documents are searched; null: all."
    )
    explain: bool = Field(default=False, description="Say why each passage was used or dropped.")
    stream: bool = Field(default=False, description="Answer with server-sent events.")


class SearchRequest(BaseModel):
    """A search for passages."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"query": "交付 锁单 退定金", "top_k": 5, "leg": "fused"}]},
    )

    query: Text = Field(description="What to search for, 1 to 4,000 characters.")
    top_k: TopK = Field(default=PASSAGES_CONSIDERED, description="Passages wanted.")
    leg: Leg = Field(default="fused", description="Rank by meaning, by words, or by both.")
    filters: FilterRequest | None = Field(
        default=None, description="Which documents are searched; null: all."
    )


class FoundPassage(BaseModel):
    """A passage of the search, with its document, ranks (from 1) and scores.

    ``also_in`` are the ids of the documents with a passage that says the same.
    """

    passage_id: int
    document: DocumentInfo
    start: int
    end: int
    heading: str
    text: str
    fused: float
    dense_rank: int | None
    lexical_rank: int | None
    cosine: float
    coverage: float
    lexical: float | None
    rerank: float | None
    also_in: list[str]


class SearchResponse(BaseModel):
    """Passages, best first."""

    hits: list[FoundPassage]


class DocumentList(BaseModel):
    """One page of the documents; ``total`` counts all that match."""

    total: int
    limit: int
    offset: int
    documents: list[DocumentInfo]


class DocumentDetail(BaseModel):
    """A document; ``text[start:end]`` of each passage is that passage's text."""

    document: DocumentInfo
    text: str | None
    passages: list[Passage]


class UploadResult(BaseModel):
    """What became of one uploaded file; ``status`` is the one it would have had alone."""

    name: str
    status: int
    action: Action
    document_id: str | None = None
    code: str | None = None
    message: str | None = None
    note: str | None = None


class UploadResponse(BaseModel):
    """What became of each uploaded file, in the order sent."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "results": [
                        {
                            "name": "report.pdf",
                            "status": 201,
                            "action": "added",
                            "document_id": "d1f3",
                            "code": None,
                            "message": None,
                            "note": None,
                        }
                    ]
                }
            ]
        }
    )

    results: list[UploadResult]


class Health(BaseModel):
    """The process is alive."""

    status: Literal["ok"] = "ok"
    version: str


class Ready(BaseModel):
    """Questions can be answered."""

    status: Literal["ready"] = "ready"
    index_generation: int
    documents: int
    passages: int
    model: str
