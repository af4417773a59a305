"""What the API takes, with examples for OpenAPI."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationError,
)

from pincite.records import (
    LONGEST_HISTORY,
    LONGEST_QUESTION,
    MOST_MESSAGES,
    MOST_PASSAGES,
    PASSAGES_CONSIDERED,
    Leg,
    Message,
    Mode,
    Question,
)
from pincite.serve.api.filters import FilterRequest, filters_of

MOST_QUESTIONS = 50

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


class HistoryMessage(BaseModel):
    """One message of the conversation before a question."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["user", "assistant"]
    content: Annotated[str, StringConstraints(max_length=LONGEST_HISTORY)]


def _short_enough(history: list[HistoryMessage]) -> list[HistoryMessage]:
    characters = sum(len(message.content) for message in history)
    if characters > LONGEST_HISTORY:
        raise ValueError(
            f"the messages have {characters:,} characters together; the most is "
            f"{LONGEST_HISTORY:,}: leave out the oldest"
        )
    return history


class AskOptions(BaseModel):
    """How a question is to be answered."""

    model_config = ConfigDict(extra="forbid")

    top_k: TopK = Field(default=PASSAGES_CONSIDERED, description="Passages to consider.")
    language: Language | None = Field(
        default=None, description='BCP 47 tag, such as "zh" or "en"; null: the question\'s own.'
    )
    filters: FilterRequest | None = Field(
        default=None, description="Which documents are searched; null: all."
    )
    explain: bool = Field(default=False, description="Say why each passage was used or dropped.")

    def question_of(self, text: str, mode: Mode, history: Sequence[Message]) -> Question:
        """Return the question to be answered in this way."""
        return Question(
            text=text,
            mode=mode,
            top_k=self.top_k,
            language=self.language,
            explain=self.explain,
            filters=filters_of(self.filters),
            history=tuple(history),
        )


class BatchQuestion(AskOptions):
    """A question."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"question": "法院是怎么判的？"},
                {"question": "What did the court rule?", "top_k": 8, "explain": True},
                {"question": "What changed?", "filters": {"since": "2024-06", "tags": ["hr"]}},
                {
                    "question": "那赔了多少？",
                    "history": [
                        {"role": "user", "content": "法院是怎么判的？"},
                        {"role": "assistant", "content": "法院判决该条款无效 [1]。"},
                    ],
                },
            ]
        },
    )

    question: Text = Field(description="What to answer, 1 to 4,000 characters.")
    history: Annotated[
        list[HistoryMessage], Field(max_length=MOST_MESSAGES), AfterValidator(_short_enough)
    ] = Field(
        default=[],
        description="The conversation before, oldest first, at most 50 messages and 32,000 "
        "characters together: what a follow-up question refers to.",
    )
    mode: Mode = Field(default="auto", description="How to answer: with or without an LLM.")

    def record(self) -> Question:
        """Return the record that the fields stand for."""
        history = [Message(message.role, message.content) for message in self.history]
        return self.question_of(self.question, self.mode, history)


class AskRequest(BatchQuestion):
    """A question, and whether its answer is to be streamed."""

    stream: bool = Field(default=False, description="Answer with server-sent events.")


class WrongQuestion:
    """A question of a batch that is none, with what pydantic found wrong in it.

    No dataclass, since OpenAPI would describe it.
    """

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        self.errors = errors


def _right_or_wrong(value: object) -> BatchQuestion | WrongQuestion:
    try:
        return BatchQuestion.model_validate(value)
    except ValidationError as exc:
        return WrongQuestion(exc.errors(include_url=False, include_input=False))


class BatchRequest(BaseModel):
    """Several questions. One that is wrong is told so in its place and stops no other."""

    model_config = ConfigDict(
        extra="forbid",
        arbitrary_types_allowed=True,
        json_schema_extra={
            "examples": [
                {"questions": [{"question": "法院是怎么判的？"}, {"question": "Who appealed?"}]}
            ]
        },
    )

    questions: list[
        Annotated[
            BatchQuestion | WrongQuestion,
            PlainValidator(_right_or_wrong, json_schema_input_type=BatchQuestion),
        ]
    ] = Field(min_length=1, max_length=MOST_QUESTIONS, description="1 to 50 questions.")


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
