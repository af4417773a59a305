"""The prompts for a language model: an answer from numbered passages, a follow-up made whole."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pincite.answer.citations import shown_text
from pincite.answer.prompt_texts import texts_for
from pincite.errors import LLMRefusedError
from pincite.explanation import Prompted
from pincite.llm.model import LanguageModel
from pincite.records import Hit, Message
from pincite.text import clean_text, detect_language

PROMPT_VERSION = 1
"""Raised with each change of a prompt's wording or shape."""

# A message's role and separators, in any chat template.
_TOKENS_A_MESSAGE = 16
_LONGEST_LABEL = 200
_LONGEST_MESSAGE = 2_000
_HISTORY_SHARE = 3
_REWRITTEN_FROM = 6

# What a chat template or our own delimiters could take for a mark: <|im_start|>, </s>, [INST].
_MARK = re.compile(r"<(?=[^\W\d]|[/|｜!?<])")
_BRACKET_MARK = re.compile(r"\[(?=/?[A-Z_]{3,}\])")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent to the model.

    ``hits`` are the passages it holds: the marker ``[n]`` means ``hits[n - 1]``. ``tokens`` is
    the most that the prompt takes.
    """

    messages: tuple[Message, ...]
    hits: tuple[Hit, ...]
    version: int
    tokens: int

    @property
    def used(self) -> Prompted:
        """The prompt as explanations show it."""
        text = "\n\n".join(f"{message.role}:\n{message.content}" for message in self.messages)
        return Prompted(self.version, self.tokens, len(self.hits), text)


def answer_prompt(
    question: str,
    history: Sequence[Message],
    hits: Sequence[Hit],
    language: str,
    model: LanguageModel,
) -> Prompt:
    """Ask for an answer from passages only, a marker after each statement.

    What the model's context cannot hold beside ``max_tokens`` of answer is left out: the oldest
    messages of the conversation, which gets a third of the room at most, then the last passages.

    Args:
        question: What is asked, in its own words.
        history: The conversation before it, oldest first.
        hits: The passages, best first.
        language: BCP 47 tag of the answer's language.
        model: Bounds the prompt and counts its tokens.

    Raises:
        LLMRefusedError: If not even one passage has room.
    """
    tag = _tag([question, *(hit.passage.text for hit in hits)])
    texts = texts_for(language)
    rules = Message("system", texts.rules.format(tag=tag))
    asked = f"{texts.question}{_defused(question)}\n\n{texts.reminder}"
    frame = f"<passages-{tag}>\n\n</passages-{tag}>\n\n{asked}"
    room = model.context_tokens - model.max_tokens
    room -= _tokens(model, [rules, Message("user", frame)])
    before = _alternating(_recent(history, room // _HISTORY_SHARE, model))
    room -= _tokens(model, before)
    blocks: list[str] = []
    for number, hit in enumerate(hits, 1):
        block = _block(number, hit, tag)
        cost = model.count_tokens(f"{block}\n")
        if cost > room:
            break
        room -= cost
        blocks.append(block)
    if hits and not blocks:
        raise LLMRefusedError(
            f"the prompt with one passage does not fit into the {model.context_tokens} tokens of"
            f" {model.name}, of which {model.max_tokens} are kept for its answer: set"
            " PINCITE_LLM_CONTEXT_TOKENS to what the model really has, or ask a shorter question"
        )
    data = "\n".join([f"<passages-{tag}>", *blocks, f"</passages-{tag}>"])
    messages = (rules, *before, Message("user", f"{data}\n\n{asked}"))
    return Prompt(messages, tuple(hits[: len(blocks)]), PROMPT_VERSION, _tokens(model, messages))


def rewrite_prompt(
    history: Sequence[Message], question: str, model: LanguageModel
) -> tuple[Message, ...]:
    """Ask for a follow-up question written so that it stands alone.

    The model is to write the question and nothing else; one that stands alone already, unchanged.
    The last messages of the conversation are sent, as many as the model's context holds.
    """
    texts = texts_for(detect_language(question))
    tag = _tag([question, *(message.content for message in history)])
    rules = Message("system", texts.rewriting.format(tag=tag))
    asked = f"{texts.question}{_defused(question)}"
    frame = Message("user", f"<conversation-{tag}>\n\n</conversation-{tag}>\n\n{asked}")
    room = model.context_tokens - model.max_tokens - _tokens(model, [rules, frame])
    before = _recent(history[-_REWRITTEN_FROM:], room, model)
    lines = [f"{message.role}: {message.content}" for message in before]
    data = "\n".join([f"<conversation-{tag}>", *lines, f"</conversation-{tag}>"])
    return rules, Message("user", f"{data}\n\n{asked}")


def _block(number: int, hit: Hit, tag: str) -> str:
    """Write one passage: its number, title, date and source, and its text."""
    document, passage = hit.document, hit.passage
    labels = {
        "title": document.title,
        "section": passage.heading.removeprefix(document.title).lstrip("> "),
        "date": document.published or "",
        # The folders of a file are none of the model's business.
        "source": document.source if "://" in document.source else Path(document.source).name,
    }
    given = "".join(f' {name}="{_label(value)}"' for name, value in labels.items() if value)
    lines = (shown_text(line) for line in clean_text(passage.text).splitlines())
    text = "\n".join(line for line in map(_defused, lines) if line)
    return f'<passage-{tag} number="{number}"{given}>\n{text}\n</passage-{tag}>'


def _label(value: str) -> str:
    return _shortened(_defused(shown_text(clean_text(value))).replace('"', "'"), _LONGEST_LABEL)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


def _defused(text: str) -> str:
    """Make marks harmless: what begins one is written with a character that looks like it."""
    return _BRACKET_MARK.sub("［", _MARK.sub("‹", clean_text(text)))


def _recent(history: Sequence[Message], room: int, model: LanguageModel) -> list[Message]:
    """Return the last messages that fit, without their markers, which meant other passages."""
    kept: list[Message] = []
    for message in reversed(history):
        if message.role == "system":
            continue
        content = shown_text(message.content) if message.role == "assistant" else message.content
        plain = Message(message.role, _shortened(_defused(content), _LONGEST_MESSAGE))
        room -= _tokens(model, [plain])
        if room < 0:
            break
        kept.insert(0, plain)
    return kept


def _alternating(messages: Sequence[Message]) -> list[Message]:
    """Make turns of messages as chat templates want them: the user begins, the assistant ends."""
    turns: list[Message] = []
    for message in messages:
        if turns and turns[-1].role == message.role:
            turns[-1] = Message(message.role, f"{turns[-1].content}\n\n{message.content}")
        elif turns or message.role == "user":
            turns.append(message)
    return turns if not turns or turns[-1].role == "assistant" else turns[:-1]


def _tokens(model: LanguageModel, messages: Sequence[Message]) -> int:
    return sum(_TOKENS_A_MESSAGE + model.count_tokens(message.content) for message in messages)


def _tag(texts: Sequence[str]) -> str:
    """Return a name that the texts cannot hold: it depends on every character of them."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{len(text)}:{text}".encode("utf-8", "replace"))
    return digest.hexdigest()[:8]
