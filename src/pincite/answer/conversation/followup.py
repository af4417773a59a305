"""Follow-up questions: what the conversation before adds to a question, without an LLM."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import get_args

import numpy as np

from pincite.answer.confidence.support import (
    SENTENCE,
    Candidate,
    SupportModel,
    question_names,
    ranked,
)
from pincite.answer.messages import messages_for
from pincite.records import LONGEST_QUESTION, Message, Reason
from pincite.retrieve.retriever import Retrieval
from pincite.text import HAN, clean_text, content_terms

# A question stands alone if another article answers it then, and its best sentence has this much
# more log-odds than the best for the question after its context; more is wanted of a question that
# points back, and less of one that names what it is about. Where the article is the same, only one
# that names its subject and does not point back does. And so does one that does not point back and
# to which nothing in the library is near.
CHANGED = 1.0
CUE = 2.0
# Of the log-odds of an article's best sentence, as an answer to question and context, this part is
# added to each of its sentences.
ARTICLE_WEIGHT = 0.5
# Of the reader's log-odds for the question alone, this part gives way to those with its context.
CONTEXT_READ = 0.5
# Turns looked back at, and characters of a message that count.
_TURNS = 6
_LONGEST = 300

_ALONE_TERMS = 6  # content terms of a question that could be asked by itself

# Words that point back, openings that go on, and questions cut down to the asking word.
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|theirs?|he|him|his|she|hers?|this|that|these|those|there|then|ones?)\b"
    r"|^\W*(?:and|but|so|or|what about|how about)\b"
    r"|^\W*(?:why|when|where|who|how|how (?:much|many|long|often))\W*$"
    r"|[他她它牠]|[这這那該该]|其(?![他它中实實])|呢\W*$",
    re.IGNORECASE,
)
_MARKER = re.compile(r"\[\d+\]")
_ENDED = re.compile(r"[.!?…。！？；;:：][\"'”’」』）)]*$")
_HAN_END = re.compile(rf"[{HAN}]\W*$")
_HAN_START = re.compile(rf"^\W*[{HAN}]")
_LABEL = re.compile(
    r"^\W*(?:(?:the\s+)?(?:stand-?alone|rewritten|rephrased|resolved|self-contained|follow-?up)?"
    r"\s*(?:question|query)|独立的?问题|獨立的?問題|改写后的?问题|改寫後的?問題|问题|問題)"
    r"(?:\s+is)?\W*?[:：]\W*",
    re.IGNORECASE,
)
_QUOTES = "\"'`“”‘’「」『』*_ \t"


@dataclass(frozen=True, slots=True)
class Platt:
    """What turns the best sentence's score into a confidence, and the confidence wanted."""

    slope: float
    offset: float
    threshold: float
    floor: float


# Of the scores below, fitted by bench/followups.py --fit to the development follow-ups.
READ = Platt(slope=0.612, offset=1.290, threshold=0.354, floor=0.158)
UNREAD = Platt(slope=0.514, offset=0.719, threshold=0.271, floor=0.136)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found for a text, and its sentences with their features."""

    retrieval: Retrieval
    sentences: list[Candidate]


Look = Callable[[str, Retrieval | None], Looked]
"""Searches and reads for a text: among all passages, or those alone that were found for another."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A question with what it takes from the conversation.

    ``text`` is the question as it is understood, ``scored`` its sentences with their log-odds of
    answering, best first, and ``model`` what makes a confidence of these.
    """

    text: str
    retrieval: Retrieval
    scored: list[tuple[float, Candidate]]
    model: SupportModel


def joined(question: str, earlier: Sequence[str]) -> str:
    """Return a question after those it goes on from: "what was decided? and why?"."""
    text = question
    for before in reversed(earlier):
        text = _after(before, text)
    return text


def leading_up(history: Sequence[Message], article: Callable[[str], str | None]) -> list[str]:
    """Return the questions that a conversation's last subject was asked about with, oldest first.

    The last question always belongs to it, and those before as long as they and their answers lead
    to the same article; a refusal leads nowhere. Of more than three the first, which named the
    subject, and the last two are returned. Answers are not: searching with them finds what was
    already said.

    Args:
        history: The conversation, oldest first.
        article: Finds the article that a text fits best, by id.
    """
    kept: list[str] = []
    subject = None
    turns = _turns(history)[-_TURNS:]
    for asked, said in reversed(turns):
        known = said and len(turns) > 1
        about = article(f"{asked} {said}"[: 2 * _LONGEST]) if known else None
        if kept and subject and about and about != subject:
            break
        kept.insert(0, asked[:_LONGEST])
        subject = subject or about
    return kept if len(kept) <= 3 else [kept[0], *kept[-2:]]


def follow(
    question: str,
    history: Sequence[Message],
    model: SupportModel,
    look: Look,
    article: Callable[[str], str | None],
) -> Followed:
    """Search and read for a question in the light of the conversation before it.

    The question after its context finds the article, and how well that answers both together
    tells whether the subject is the same still. Within it, the question alone finds the sentence:
    one that was asked about by name would draw the answer to the sentence with the name. A
    sentence's log-odds are those for the question alone, with half of the reader's part taken from
    the question after its context, plus half of the log-odds of the article's best sentence. What
    the answer before quoted gets nothing from the context, which it answered.

    Args:
        question: What is asked now.
        history: The conversation before, oldest first.
        model: The support model in use.
        look: Searches and reads for a text.
        article: Finds the article that a text fits best, by id.
    """
    alone = look(question, None)
    context = joined(question, leading_up(history, article))
    mine = ranked(model, alone.sentences)
    if context == question:
        return Followed(question, alone.retrieval, mine, model)
    together = look(context, None)
    theirs = ranked(model, together.sentences)
    if not theirs or (mine and _stands_alone(model, question, mine[0], theirs[0])):
        return Followed(question, alone.retrieval, mine, model)
    within = look(question, together.retrieval)
    _, last = _turns(history)[-1]
    platt = READ if model.reader else UNREAD
    # On the scale of the confidence, so that a sentence's support can be read beside it.
    shift = platt.offset / platt.slope
    found = _combined(model, within.sentences, theirs, last)
    scored = [(log_odds + shift, candidate) for log_odds, candidate in found]
    fitted = replace(
        model,
        slope=platt.slope,
        offset=0.0,
        threshold=platt.threshold,
        floor=platt.floor,
    )
    return Followed(context, together.retrieval, scored, fitted)


def rewritten(said: str, question: str) -> str:
    """Return the standalone question that an LLM wrote, without what it wrote around it.

    The first line that holds anything counts, without a label such as "Standalone question:",
    quotation marks or emphasis. What is empty or too long for a question is none: the question
    itself is returned then.

    Args:
        said: What the LLM returned.
        question: What the user asked.
    """
    for line in clean_text(said).splitlines():
        text = " ".join(_LABEL.sub("", line).split()).strip(_QUOTES)
        if text.strip(".…-–—:：?？"):
            return text if len(text) <= LONGEST_QUESTION else question
    return question


def points_back(question: str) -> bool:
    """Tell whether a question's words lean on what was said before: "and why?", "那谁赔？"."""
    return _POINTS_BACK.search(question) is not None


def names_its_subject(question: str) -> bool:
    """Tell whether a question has a name or so many words that it could be asked by itself."""
    return bool(question_names(question)) or len(content_terms(question)) >= _ALONE_TERMS


def _stands_alone(
    model: SupportModel,
    question: str,
    alone: tuple[float, Candidate],
    together: tuple[float, Candidate],
) -> bool:
    """Tell whether a question takes nothing from its context, from the best sentences of both."""
    back, named = points_back(question), names_its_subject(question)
    if not back and model.confidence(alone[0]) < model.floor:
        return True
    if alone[1].hit.document.id == together[1].hit.document.id:
        return named and not back
    wanted = CHANGED + CUE * back - CUE * named
    return alone[0] - together[0] > wanted


def _combined(
    model: SupportModel,
    alone: Sequence[Candidate],
    together: Sequence[tuple[float, Candidate]],
    said: str,
) -> list[tuple[float, Candidate]]:
    """Score the sentences by the question alone and by the question after its context.

    What is quoted in the answer just given answers the context: only the question alone counts.
    """
    own = {_place(candidate): candidate for candidate in alone}
    of_article: dict[str, float] = {}
    for log_odds, candidate in together:
        of_article.setdefault(candidate.hit.document.id, log_odds)
    scored = []
    for _, candidate in together:
        if (mine := own.get(_place(candidate))) is None:
            continue  # deleted between the two searches
        quoted = " ".join(candidate.text.split()) in said
        read = _read(model, candidate) - _read(model, mine)
        log_odds = (
            model.sentence.log_odds(mine.features)
            + CONTEXT_READ * read * (not quoted)
            + ARTICLE_WEIGHT * of_article[candidate.hit.document.id]
        )
        scored.append((log_odds, candidate))
    return sorted(scored, key=lambda s: (-s[0], *_place(s[1])))


def _place(candidate: Candidate) -> tuple[int, int]:
    return candidate.hit.passage.id, candidate.span.start


def _read(model: SupportModel, candidate: Candidate) -> float:
    """Return the reader's part of a sentence's log-odds, 0 where nothing is read."""
    first = len(SENTENCE)
    return float(np.dot(model.sentence.weights[first:], candidate.features[first:]))


def _turns(history: Sequence[Message]) -> list[tuple[str, str]]:
    """Pair the questions with their answers, "" where there is none or it says "not found"."""
    turns: list[tuple[str, str]] = []
    for message in history:
        text = " ".join(_MARKER.sub(" ", clean_text(message.content)).split())
        if message.role == "user" and text:
            turns.append((text, ""))
        elif message.role == "assistant" and turns and text not in _refusals():
            turns[-1] = (turns[-1][0], text)
    return turns


@cache
def _refusals() -> frozenset[str]:
    languages = map(messages_for, ("en", "zh", "zh-Hant"))
    return frozenset(words.not_found(reason) for words in languages for reason in get_args(Reason))


def _after(before: str, text: str) -> str:
    chinese = _HAN_END.search(before) is not None
    if not _ENDED.search(before):
        before += "？" if chinese else "?"
    return f"{before}{'' if chinese and _HAN_START.search(text) else ' '}{text}"
