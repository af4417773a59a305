"""A model behind an OpenAI-compatible server, asked through the ``openai`` SDK."""

import asyncio
import json
import logging
import queue
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping, Sequence
from concurrent import futures
from contextlib import aclosing, closing, suppress
from functools import cached_property
from typing import Any, TypeVar

import httpx2
import openai

from pincite.errors import CancelledError, LLMIncompleteError, LLMTimeoutError
from pincite.llm.address import host_of, is_loopback
from pincite.llm.events import DONE, EventLines, chunk_of, ending_error
from pincite.llm.loop import LoopThread
from pincite.llm.model import Limits
from pincite.llm.sdk_errors import TRANSPORT_ERRORS, Faults
from pincite.llm.thoughts import Thoughts
from pincite.llm.tokens import token_counter
from pincite.records import Message

_log = logging.getLogger(__name__)
_POLL = 0.1
_CHECK_SECONDS = 5.0
_END_SECONDS = 1.0
# Not every server lists its models; one of ``transformers serve`` fails where it has no cache.
_NO_LIST = frozenset({404, 405, 500, 501})

_T = TypeVar("_T")
_Put = Callable[[str | None], None]


class OpenAIModel:
    """A model behind any server that speaks OpenAI's chat completions.

    The SDK runs on one event loop of its own, so that a caller that cancels, or leaves, closes
    the connection at once even while the server is silent. Redirects are not followed. Nothing is
    taken from the environment but proxies, and none of those for a server on this machine.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str | None = None,
        limits: Limits | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        """Make the client; no connection is made yet.

        Args:
            base_url: Where ``/chat/completions`` is, such as http://127.0.0.1:11434/v1.
            model: The model's name at the server.
            api_key: Sent as bearer token, if given.
            limits: Tokens and seconds.
            extra: Further fields of each request.

        Raises:
            InputError: If the URL is none.
        """
        host = host_of(base_url)
        self._limits = limits or Limits()
        self._model = model
        self._base_url = base_url.rstrip("/")
        self._faults = Faults(self._base_url, model, api_key, self._limits)
        self._thread = LoopThread(f"llm-{model}")
        self._client = openai.AsyncOpenAI(
            base_url=self._base_url,
            api_key=api_key or "none",
            organization="",
            project="",
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(
                trust_env=not is_loopback(host), follow_redirects=False
            ),
            timeout=httpx2.Timeout(None, connect=self._limits.connect_seconds),
        )
        self._headers: dict[str, Any] = {
            "OpenAI-Organization": openai.Omit(),
            "OpenAI-Project": openai.Omit(),
            "Accept-Encoding": "identity",
            **({} if api_key else {"Authorization": openai.Omit()}),
        }
        self._extra = dict(extra or {})
        # What some models refuse; ``Faults.adapt`` changes it then.
        self._options: dict[str, Any] = {
            "max_tokens": self._limits.max_tokens,
            "temperature": self._limits.temperature,
        }

    @property
    def name(self) -> str:
        """The model's name at the server."""
        return self._model

    @property
    def context_tokens(self) -> int:
        """The most tokens that prompt and continuation may have together."""
        return self._limits.context_tokens

    @property
    def max_tokens(self) -> int:
        """The most tokens that one continuation has."""
        return self._limits.max_tokens

    @cached_property
    def _counter(self) -> Callable[[str], int]:
        return token_counter(self._model)

    def count_tokens(self, text: str) -> int:
        """Count a text's tokens by tiktoken, or its bytes: never too few."""
        return self._counter(text)

    def stream(
        self, messages: Sequence[Message], cancel: threading.Event | None = None
    ) -> Generator[str, None, None]:
        """Yield the continuation's text piece by piece; see ``LanguageModel.stream``."""
        pieces: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        sent = [{"role": message.role, "content": message.content} for message in messages]
        work = self._thread.submit(self._converse(sent, pieces.put))
        try:
            while True:
                if cancel is not None and cancel.is_set():
                    raise CancelledError("the answer is no longer wanted")
                try:
                    piece = pieces.get(timeout=_POLL)
                except queue.Empty:
                    if not work.done():
                        continue
                    piece = None
                if piece is None:
                    break
                yield piece
            self._result(work)
        finally:
            work.cancel()

    def check(self) -> str:
        """Ask the server for its models; where it lists none, for the beginning of an answer.

        Raises:
            LLMError: If it cannot be used.
        """
        names = self._result(self._thread.submit(self._models()))
        if names is None:
            pieces = self.stream([Message("user", "Hi")])
            with closing(pieces):
                next(pieces)
            return f"{self._model} answers at {self._base_url}"
        if self._model in names or f"{self._model}:latest" in names:
            return f"{self._base_url} serves {self._model}"
        raise self._faults.unknown_model(names)

    def close(self) -> None:
        """Close the connections."""
        self._thread.submit(self._client.close()).result()
        self._thread.close()

    @staticmethod
    def _result(work: "futures.Future[_T]") -> _T:
        try:
            return work.result()
        except futures.CancelledError as exc:
            raise CancelledError("the model was closed while it answered") from exc

    async def _converse(self, messages: list[dict[str, str]], put: _Put) -> None:
        limits = self._limits
        try:
            async with asyncio.timeout(limits.total_seconds):
                await self._attempts(messages, put)
        except TimeoutError as exc:
            raise LLMTimeoutError(
                f"the LLM at {self._base_url} did not end its answer within"
                f" {limits.total_seconds:g} s: use a faster model, or set"
                " PINCITE_LLM_TOTAL_SECONDS higher"
            ) from exc
        finally:
            put(None)

    async def _attempts(self, messages: list[dict[str, str]], put: _Put) -> None:
        """Ask, and ask again while the server says so before it begins to answer."""
        attempt = 0
        while True:
            sent = dict(self._options)
            try:
                return await self._once(messages, sent, put)
            except openai.APIError as exc:
                if self._faults.adapt(exc, sent, self._options):
                    continue
                wait = self._faults.wait(exc, attempt)
                if wait is None:
                    raise self._faults.translated(exc) from exc
                _log.info("the LLM server failed (%s); asked again in %g s", _kind(exc), wait)
                attempt += 1
                await asyncio.sleep(wait)

    async def _once(
        self, messages: list[dict[str, str]], options: dict[str, Any], put: _Put
    ) -> None:
        limits, begun = self._limits, False
        create: Any = self._client.chat.completions.with_streaming_response.create
        loop = asyncio.get_running_loop()
        try:
            async with (
                asyncio.timeout(limits.first_token_seconds) as timer,
                create(
                    model=self._model,
                    messages=messages,
                    stream=True,
                    extra_headers=self._headers,
                    extra_body=self._extra,
                    **options,
                ) as response,
                # Closed here, on the loop; one that is left to be collected may be so elsewhere.
                aclosing(response.iter_bytes()) as data,
                aclosing(self._texts(data)) as texts,
            ):
                self._faults.refuse_type(response.headers.get("content-type", ""))
                async for text in texts:
                    begun = True
                    timer.reschedule(loop.time() + limits.token_seconds)
                    if text:
                        put(text)
        except TimeoutError as exc:
            raise self._faults.silent(begun=begun) from exc
        except TRANSPORT_ERRORS as exc:
            raise LLMIncompleteError(
                f"the LLM server at {self._base_url} broke its answer off ({_kind(exc)})"
            ) from exc

    async def _texts(self, data: AsyncIterator[bytes]) -> AsyncGenerator[str, None]:
        """Yield what each event adds to the text, which may be nothing."""
        lines, thoughts = EventLines(), Thoughts()
        written, any_choice, finish = 0, False, None
        async for line in _lines(data, lines):
            if line == DONE:
                break
            chunk = chunk_of(line)
            any_choice = any_choice or chunk.has_choice
            text = thoughts.feed(chunk.text)
            written += len(text)
            if written > self._limits.most_characters:
                raise LLMIncompleteError(
                    f"the LLM server wrote more than {self._limits.most_characters:,} characters"
                    f" though {self._limits.max_tokens} tokens were asked for"
                )
            yield text
            if finish := chunk.finish:
                break
        if finish is None:
            raise self._faults.unfinished(any_choice=any_choice, any_byte=lines.bytes_read > 0)
        if error := ending_error(finish, self._limits.max_tokens):
            raise error
        yield thoughts.finish()
        # Read to the end, so that the connection can be used again.
        with suppress(TimeoutError, *TRANSPORT_ERRORS):
            async with asyncio.timeout(_END_SECONDS):
                async for _ in data:
                    pass

    async def _models(self) -> list[str] | None:
        """Return the names of the server's models, or None if it does not list them."""
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                raw = await self._client.models.with_raw_response.list(extra_headers=self._headers)
                found: Any = json.loads(raw.text)
            return [str(entry["id"]) for entry in found["data"]]
        except openai.APIStatusError as exc:
            if exc.status_code in _NO_LIST:
                return None
            raise self._faults.translated(exc) from exc
        except openai.APIError as exc:
            raise self._faults.translated(exc) from exc
        except TimeoutError as exc:
            raise LLMTimeoutError(
                f"the LLM server at {self._base_url} did not list its models within"
                f" {_CHECK_SECONDS:g} s"
            ) from exc
        except (ValueError, LookupError, TypeError):
            return None


async def _lines(data: AsyncIterator[bytes], lines: EventLines) -> AsyncIterator[str]:
    async for piece in data:
        for line in lines.feed(piece):
            yield line
    for line in lines.finish():
        yield line


def _kind(exc: Exception) -> str:
    return f"status {exc.status_code}" if isinstance(exc, openai.APIStatusError) else str(exc)
