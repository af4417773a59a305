"""What the HTTP API gives that is not one of the records; the server makes it, the client reads it.

The models are frozen, as the records are.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from pincite.records import Action, Answer, DocumentInfo, Passage


class Given(BaseModel):
    """Base of what the API gives; what a newer server adds is passed over."""

    model_config = ConfigDict(frozen=True)


class FoundPassage(Given):
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
    translated: float | None
    lexical: float | None
    rerank: float | None
    also_in: list[str]


class SearchResponse(Given):
    """Passages, best first."""

    hits: list[FoundPassage]


class DocumentList(Given):
    """One page of the documents; ``total`` counts all that match."""

    total: int
    limit: int
    offset: int
    documents: list[DocumentInfo]


class DocumentDetail(Given):
    """A document; ``text[start:end]`` of each passage is that passage's text."""

    document: DocumentInfo
    text: str | None
    passages: list[Passage]


class UploadResult(Given):
    """What became of one uploaded file; ``status`` is the one it would have had alone."""

    name: str
    status: int
    action: Action
    document_id: str | None = None
    code: str | None = None
    message: str | None = None
    note: str | None = None


class UploadResponse(Given):
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


class Health(Given):
    """The process is alive."""

    status: Literal["ok"] = "ok"
    version: str


class Ready(Given):
    """Questions can be answered."""

    status: Literal["ready"] = "ready"
    index_generation: int
    documents: int
    passages: int
    model: str


class Problem(Given):
    """RFC 9457 problem details. ``code`` is stable.

    Where fields are wrong, ``errors`` names each with what is wrong and the bound it broke; where
    a body is too large, ``limit_bytes`` tells how large it may be.
    """

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:pincite:error:bad_input",
                    "title": "Bad input",
                    "status": 422,
                    "detail": "question: String should have at least 1 character",
                    "code": "bad_input",
                    "request_id": "9f86d081884c7d65",
                }
            ]
        },
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str


class BatchResult(Given):
    """One question's answer, or the problem that it would have had alone with its ``status``."""

    status: int
    answer: Answer | None = None
    problem: Problem | None = None


class BatchResponse(Given):
    """What became of each question, in the order sent."""

    results: list[BatchResult]
