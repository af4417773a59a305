"""The only reader of the environment: every setting, its default and its meaning."""

import os
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, Json, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

BUNDLED = "bundled"
NO_RERANKER = "none"


class Settings(BaseSettings):
    """Settings from ``PINCITE_*`` environment variables; command line options override them."""

    model_config = SettingsConfigDict(env_prefix="PINCITE_", frozen=True, extra="ignore")

    home: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("pincite", appauthor=False),
        description="Folder of the library: database, index caches, calibration, temporary files.",
    )
    encoder: str = Field(
        default=BUNDLED,
        description="Embedding model: 'bundled', or a sentence-transformers name or path.",
    )
    encoder_revision: str | None = Field(
        default=None, description="Revision (commit) of a named embedding model."
    )
    reranker: str = Field(
        default=NO_RERANKER,
        description="Cross-encoder that ranks the best passages again: 'none', or a name or path.",
    )
    reranker_revision: str | None = Field(
        default=None, description="Revision (commit) of a named cross-encoder."
    )
    rerank_passages: int = Field(
        default=20, ge=1, le=100, description="Most passages of a question that are ranked again."
    )
    reader: Literal["bundled", "none"] = Field(
        default="bundled",
        description="What reads the best passages with the question before it answers: the bundled"
        " model, or none, which is faster and finds fewer answers.",
    )
    device: str = Field(
        default="auto",
        description="Device of a sentence-transformers model, reranker or in-process language"
        " model: auto, cpu, cuda, mps.",
    )
    threads: int = Field(
        default=0,
        ge=0,
        description="Threads for ingesting; 0: one per core, at most 4.",
    )
    mode: Literal["auto", "extractive", "llm"] = Field(
        default="auto", description="Answer mode when the question names none."
    )
    llm: Literal["none", "openai", "transformers"] = Field(
        default="none",
        description="Language model that writes answers: none, openai (any OpenAI-compatible"
        " server), or transformers (in this process, with the extra 'models').",
    )
    llm_base_url: str | None = Field(
        default=None,
        description="The server's URL up to /chat/completions, such as http://127.0.0.1:11434/v1.",
    )
    llm_model: str | None = Field(
        default=None,
        description="The model's name at the server, or a transformers name or path.",
    )
    llm_revision: str | None = Field(
        default=None, description="Revision (commit) of a transformers language model."
    )
    llm_api_key: SecretStr | None = Field(
        default=None, description="Key for the language model's server, if it wants one."
    )
    llm_context_tokens: int = Field(
        default=8192,
        ge=512,
        description="Most tokens of prompt and answer together; what the server really gives.",
    )
    llm_max_tokens: int = Field(
        default=1024,
        ge=16,
        description="Most tokens of one answer, a reasoning model's thoughts included.",
    )
    llm_temperature: float = Field(
        default=0.0, ge=0.0, le=2.0, description="0 for the most likely words; more for variety."
    )
    llm_extra: Json[dict[str, Any]] = Field(
        default="{}",
        validate_default=True,
        description="Further fields of each request to the server, or variables of the chat"
        ' template, as JSON, such as {"reasoning_effort": "none"}.',
    )
    llm_connect_seconds: float = Field(
        default=5.0, gt=0, description="Longest wait for a connection to the server."
    )
    llm_first_token_seconds: float = Field(
        default=60.0, gt=0, description="Longest wait for an answer's first token."
    )
    llm_token_seconds: float = Field(
        default=20.0, gt=0, description="Longest silence between two tokens."
    )
    llm_total_seconds: float = Field(
        default=180.0, gt=0, description="Longest time of a whole answer, retries included."
    )
    llm_retries: int = Field(
        default=3, ge=0, le=10, description="Further attempts where the server fails at the start."
    )
    llm_pause_after: int = Field(
        default=5, ge=1, description="Failures in a row after which the model is left alone."
    )
    llm_pause_seconds: float = Field(
        default=30.0, gt=0, description="How long it is left alone then."
    )
    api_key: SecretStr | None = Field(
        default=None,
        description="A key that may manage; others are made with `pincite keys add`. Listening"
        " beyond this machine takes one of them, or users.",
    )
    users: Path | None = Field(
        default=None,
        description="File of the users who sign in by name and password; see `pincite keys"
        " passwd`.",
    )
    questions: Path | None = Field(
        default=None,
        description="File that evaluation questions made of feedback go into; unset:"
        " questions.jsonl in PINCITE_HOME.",
    )
    cors_origins: str = Field(
        default="", description="Origins, parted by commas, whose pages may call the API."
    )
    rate_limit: int = Field(
        default=300,
        ge=0,
        le=1_000_000,
        description="Requests a minute for each key, or each address without keys; 0: any number.",
    )
    max_upload_mb: int = Field(default=20, ge=1, le=1000, description="Largest document, in MB.")
    passage_tokens: int = Field(
        default=160,
        ge=32,
        le=8192,
        description="Longest passage, in tokens of the embedding model.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe messages that are logged."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Form of the log: for a person, or one JSON object a line."
    )
    log_questions: bool = Field(
        default=False, description="Whether the log holds the questions' text."
    )
    otel: bool | None = Field(
        default=None,
        description="Whether traces are sent by OpenTelemetry; unset: if the standard variable"
        " OTEL_EXPORTER_OTLP_ENDPOINT names a collector. Needs the extra otel.",
    )

    @property
    def traces(self) -> bool:
        """Whether traces are wanted, by our setting or by the standard variables."""
        if self.otel is not None:
            return self.otel
        named = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        disabled = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
        return not disabled and any(os.environ.get(name) for name in named)
