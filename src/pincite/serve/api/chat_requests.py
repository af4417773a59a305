"""What OpenAI's clients send to ``/v1/chat/completions``, read as a question with its history."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pincite.errors import InputError
from pincite.records import LONGEST_HISTORY, MOST_MESSAGES, Message, Mode, Question
from pincite.serve.api.footnotes import without_additions
from pincite.serve.api.schemas import ANSWER_EXAMPLE, AskOptions

MODELS: dict[str, Mode] = {
    "pincite": "auto",
    "pincite-extractive": "extractive",
    "pincite-llm": "llm",
}
MOST_CHAT_MESSAGES = 2_000

COMPLETION_EXAMPLE = {
    "id": "chatcmpl-9f86d081884c7d65",
    "object": "chat.completion",
    "created": 1795339381,
    "model": "pincite",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "法院判决该条款无效 [1]。\n\n---\n\n**来源**\n\n"
                "- [1] 消费者起诉案宣判 · 2025-11-20 · https://example.com/news/1 · "
                "“法院判决该条款无效”",
                "refusal": None,
                "pincite": ANSWER_EXAMPLE,
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 8, "completion_tokens": 52, "total_tokens": 60},
}
CHUNK_EXAMPLE = (
    'data: {"id": "chatcmpl-9f86d081884c7d65", "object": "chat.completion.chunk", "choices": '
    '[{"index": 0, "delta": {"content": "法院判决该条款无效 [1]。"}, "finish_reason": null}]}\n\n'
    "data: [DONE]\n\n"
)


class ContentPart(BaseModel):
    """A part of a message's content; only text is read."""

    model_config = ConfigDict(extra="ignore")

    type: Annotated[str, StringConstraints(max_length=64)]
    text: str | None = None


class ChatMessage(BaseModel):
    """A message; those of ``system``, ``developer`` and tools are passed over."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[ContentPart] | None = None

    def text(self, place: int) -> str:
        """Return what the message says.

        Raises:
            InputError: If a user's message has a part that is no text.
        """
        if isinstance(self.content, str) or self.content is None:
            return self.content or ""
        for number, part in enumerate(self.content):
            if self.role == "user" and part.text is None:
                raise InputError(
                    f"messages.{place}.content.{number} is of the type {part.type!r}; Pincite "
                    "reads text only"
                )
        return "\n".join(part.text for part in self.content if part.text)


class StreamOptions(BaseModel):
    """What a stream is to have besides."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool | None = False


class ChatOptions(AskOptions):
    """Pincite's own options, in the field ``pincite``."""

    footnotes: bool = Field(
        default=True, description="Append the citations to the content, to be read by people."
    )


class ChatRequest(BaseModel):
    """A chat completion as OpenAI's clients ask for it; fields not named here are passed over."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "model": "pincite",
                    "messages": [{"role": "user", "content": "What did the court rule?"}],
                }
            ]
        },
    )

    model: Annotated[str, StringConstraints(max_length=200)] = Field(
        description="`pincite`, `pincite-extractive` or `pincite-llm`."
    )
    messages: list[ChatMessage] = Field(min_length=1, max_length=MOST_CHAT_MESSAGES)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    pincite: ChatOptions = ChatOptions()

    def question(self) -> Question:
        """Return the last user's message as a question, with what was said before it.

        Of a history longer than Pincite reads, the newest messages are kept.

        Raises:
            InputError: If there is no question, or one that is no text.
        """
        places = [n for n, message in enumerate(self.messages) if message.role == "user"]
        if not places:
            raise InputError("messages has no message of the role 'user'; the last is the question")
        last = places[-1]
        text = self.messages[last].text(last)
        return self.pincite.question_of(text, MODELS[self.model], self._history(last))

    def prompt(self) -> str:
        """Return all that was sent as text, to estimate its tokens."""
        return "\n".join(message.text(n) for n, message in enumerate(self.messages))

    def _history(self, last: int) -> Sequence[Message]:
        said: list[Message] = []
        characters = 0
        for place in reversed(range(last)):
            message = self.messages[place]
            if message.role not in ("user", "assistant"):
                continue
            text = message.text(place)
            if message.role == "assistant":
                text = without_additions(text)
            characters += len(text)
            if len(said) == MOST_MESSAGES or characters > LONGEST_HISTORY:
                break
            if text:
                said.append(Message(message.role, text))
        return said[::-1]
