"""What the SDK, its transport and its server's refusals mean, and what to do about them."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import openai

from pincite.errors import (
    LLMError,
    LLMIncompleteError,
    LLMOverloadedError,
    LLMProtocolError,
    LLMRefusedError,
    LLMTimeoutError,
    LLMUnreachableError,
)
from pincite.llm.events import message_of
from pincite.llm.model import Limits

_log = logging.getLogger(__name__)
TRANSPORT_ERRORS = (httpx2.TransportError, httpx2.DecodingError, httpx2.StreamError)
_AGAIN = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
_NO_STREAM = ("text/html", "application/json", "application/xml", "text/xml")


class Faults:
    """Translates the faults of one server. Its key never stands in a message."""

    def __init__(self, base_url: str, model: str, key: str | None, limits: Limits) -> None:
        self._url = base_url
        self._model = model
        self._key = key
        self._limits = limits

    def adapt(self, exc: openai.APIError, sent: Mapping[str, Any], options: dict[str, Any]) -> bool:
        """Change the options where the model refuses one that was sent; tell if it did.

        Reasoning models at OpenAI take ``max_completion_tokens`` and no temperature.
        """
        if not isinstance(exc, openai.BadRequestError) or exc.param not in sent:
            return False
        if exc.param not in {"max_tokens", "temperature"}:
            return False
        # Another question may have found out already.
        if (refused := options.pop(exc.param, None)) is not None:
            _log.info("%s refuses %s: asked without it from now on", self._model, exc.param)
            if exc.param == "max_tokens":
                options["max_completion_tokens"] = refused
        return True

    def wait(self, exc: openai.APIError, attempt: int) -> float | None:
        """Return the seconds after which to ask again, or None if that is no use."""
        limits = self._limits
        if attempt >= limits.retries:
            return None
        wait: float = limits.first_wait * 2**attempt
        if isinstance(exc, openai.APIStatusError):
            if exc.status_code not in _AGAIN:
                return None
            asked = _retry_after(exc.response.headers)
            wait = wait if asked is None else asked
        elif not isinstance(exc, openai.APIConnectionError) or _never_connected(exc):
            return None
        return wait if wait <= limits.longest_wait else None

    def translated(self, exc: openai.APIError) -> LLMError:
        """Return the error to raise for one of the SDK's."""
        if isinstance(exc, openai.APIStatusError):
            return self._status(exc)
        if isinstance(exc, openai.APIConnectionError):
            reason = self._clean(exc.__cause__ or exc)
            if _never_connected(exc):
                return LLMUnreachableError(
                    f"no LLM server answers at {self._url} ({reason}): start it (for Ollama:"
                    " ollama serve), or check PINCITE_LLM_BASE_URL"
                )
            return LLMUnreachableError(
                f"the LLM server at {self._url} closed the connection without an answer"
                f" ({reason}): see its log"
            )
        return LLMProtocolError(f"the LLM server at {self._url} sent what is no answer: {exc}")

    def _status(self, exc: openai.APIStatusError) -> LLMError:
        status = exc.status_code
        said = self._clean(message_of(exc.body))
        if status in {401, 403}:
            what = "refuses the key in" if self._key else "wants a key: set"
            return LLMRefusedError(
                f"the LLM server at {self._url} {what} PINCITE_LLM_API_KEY (status {status})"
            )
        if status == 404:
            return LLMRefusedError(
                f"the LLM server at {self._url} knows no model {self._model} or no"
                f" /chat/completions (status 404: {said}): check PINCITE_LLM_MODEL (for Ollama:"
                f" ollama pull {self._model}) and PINCITE_LLM_BASE_URL, which usually ends in /v1"
            )
        if status in _AGAIN:
            asked = _retry_after(exc.response.headers)
            when = "" if asked is None else f"; it wants to be left alone for {asked:.0f} s"
            return LLMOverloadedError(
                f"the LLM server at {self._url} is overloaded or broken (status {status}:"
                f" {said}){when}"
            )
        return LLMRefusedError(
            f"the LLM server at {self._url} refuses the request (status {status}: {said})"
        )

    def silent(self, *, begun: bool) -> LLMTimeoutError:
        """Return the error of a server that sends nothing, or nothing more."""
        limits = self._limits
        if begun:
            return LLMTimeoutError(
                f"the LLM server at {self._url} fell silent in its answer for"
                f" {limits.token_seconds:g} s (PINCITE_LLM_TOKEN_SECONDS)"
            )
        return LLMTimeoutError(
            f"the LLM server at {self._url} did not begin to answer within"
            f" {limits.first_token_seconds:g} s: it may be loading the model; ask again, or set"
            " PINCITE_LLM_FIRST_TOKEN_SECONDS higher"
        )

    def refuse_type(self, content_type: str) -> None:
        """Refuse a response that is no stream of events.

        Raises:
            LLMProtocolError: If its type says so.
        """
        if content_type.lower().startswith(_NO_STREAM):
            raise LLMProtocolError(
                f"{self._url}/chat/completions answers with {content_type}, wanted a stream of"
                " events: check PINCITE_LLM_BASE_URL, which usually ends in /v1"
            )

    def unfinished(self, *, any_choice: bool, any_byte: bool) -> LLMError:
        """Return the error of a stream that ended without saying why."""
        if any_choice or not any_byte:
            return LLMIncompleteError(
                f"the LLM server at {self._url} broke its answer off before its end"
            )
        return LLMProtocolError(
            f"the LLM server at {self._url} sent no text: its stream holds no choices"
        )

    def unknown_model(self, names: list[str]) -> LLMRefusedError:
        """Return the error of a server that does not list the model."""
        listed = ", ".join(sorted(names)[:10]) or "none"
        return LLMRefusedError(
            f"{self._url} does not list the model {self._model}; it has: {listed}. Set"
            f" PINCITE_LLM_MODEL (for Ollama: ollama pull {self._model})"
        )

    def _clean(self, said: object) -> str:
        text = str(said) or type(said).__name__
        return text.replace(self._key, "…") if self._key else text


def _never_connected(exc: openai.APIConnectionError) -> bool:
    return isinstance(exc.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout)


def _retry_after(headers: Any) -> float | None:
    """Read Retry-After, in seconds or as a date; None if there is none that can be read."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
