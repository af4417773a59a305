"""The conversation: questions, answers with their markers, and what became of each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pincite.answer.citations import shown_text
from pincite.answer.messages import messages_for
from pincite.records import Answer
from pincite.serve.ui.markup import element, text
from pincite.serve.ui.panel import Excerpt, render_panel, render_section, source_id
from pincite.serve.ui.strings import Strings, strings_for

_MARKER = re.compile(r"\s*\[(\d{1,3})\]")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what came of it: an answer, an error, or nothing yet.

    ``place`` counts from 1; ``tag`` is the interface's language.
    """

    place: int
    question: str
    tag: str
    answer: Answer | None = None
    excerpts: tuple[Excerpt, ...] = ()
    error: str | None = None


def render_conversation(turns: Sequence[Turn]) -> str:
    """Render all turns, oldest first."""
    return element(
        "div", *(_turn(turn) for turn in turns), class_="pc-turns", role="log", aria_live="polite"
    )


def render_sources(turns: Sequence[Turn], words: Strings) -> str:
    """Render the panel for all turns; the last turn's sources are the ones shown."""
    last = turns[-1].place if turns else 0
    sections = [
        render_section(turn.place, turn.excerpts, turn.answer.language, current=turn.place == last)
        for turn in turns
        if turn.answer and turn.excerpts
    ]
    shown = bool(turns) and bool(turns[-1].excerpts)
    return render_panel("".join(sections) if shown else "", words)


def render_welcome(documents: int, words: Strings) -> str:
    """Render what stands in the place of a conversation that has not begun."""
    paragraph = words.welcome_text if documents else words.welcome_empty
    return element(
        "div",
        element("h2", text(words.welcome)),
        element("p", text(paragraph)),
        class_="pc-welcome",
    )


def _turn(turn: Turn) -> str:
    words = strings_for(turn.tag)
    return element(
        "article",
        element("h2", text(turn.question), class_="pc-question", dir="auto", aria_label=words.you),
        _reply(turn, words),
        class_="pc-turn",
        id=f"t{turn.place}",
    )


def _reply(turn: Turn, words: Strings) -> str:
    if turn.answer:
        return _answer(turn, turn.answer, strings_for(turn.answer.language))
    if turn.error is not None:
        status = _status(words.failed)
        return element("div", status, element("p", text(turn.error)), class_="pc-answer is-failed")
    return element("div", _status(words.searching), class_="pc-answer is-searching")


def _answer(turn: Turn, answer: Answer, words: Strings) -> str:
    degraded = f"{messages_for(answer.language).degraded}: {answer.degraded}"
    return element(
        "div",
        _status(*_status_words(answer, words)),
        element("div", _marked(turn.place, answer, words), class_="pc-text"),
        element("p", text(degraded), class_="pc-hint") if answer.degraded else "",
        _cards(turn, messages_for(answer.language).closest),
        class_=f"pc-answer is-{answer.status.replace('_', '-')}",
        lang=answer.language,
    )


def _status(*parts: str) -> str:
    return element("p", *(element("span", text(part)) for part in parts), class_="pc-status")


def _status_words(answer: Answer, words: Strings) -> list[str]:
    parts = [
        {"answered": words.answered, "partial": words.partial, "not_found": words.not_found}[
            answer.status
        ]
    ]
    if answer.citations:
        documents = {citation.document_id for citation in answer.citations}
        parts.append(words.count(len(answer.citations), "passage"))
        parts.append(words.count(len(documents), "article"))
    if "total" in answer.timings_ms:
        parts.append(words.milliseconds.format(ms=max(1, round(answer.timings_ms["total"]))))
    return parts


def _marked(turn: int, answer: Answer, words: Strings) -> str:
    """Escape the answer's text; turn its markers into links and mark what nothing supports."""
    pieces: list[str] = []
    at = 0
    for statement in answer.statements:
        pieces.append(_with_markers(turn, answer, answer.answer[at : statement.start], words))
        body = _with_markers(turn, answer, answer.answer[statement.start : statement.end], words)
        if not statement.supported:
            body = element("span", body, class_="pc-unsupported", title=words.unsupported)
        pieces.append(body)
        at = statement.end
    pieces.append(_with_markers(turn, answer, answer.answer[at:], words))
    return "".join(pieces)


def _with_markers(turn: int, answer: Answer, part: str, words: Strings) -> str:
    places = {citation.marker: place for place, citation in enumerate(answer.citations, 1)}
    pieces: list[str] = []
    at = 0
    for match in _MARKER.finditer(part):
        number = int(match[1])
        if number not in places:
            continue
        pieces.append(text(part[at : match.start()]))
        pieces.append(_marker(source_id(turn, places[number]), number, words))
        at = match.end()
    return "".join([*pieces, text(part[at:])])


def _marker(target: str, number: int, words: Strings) -> str:
    label = words.show_passage.format(number=number)
    link = element(
        "a", str(number), class_="pc-marker", href=f"#{target}", data_source=target, title=label
    )
    return element("sup", link)


def _cards(turn: Turn, closest: str) -> str:
    if not turn.excerpts:
        return ""
    numbered = any(excerpt.number for excerpt in turn.excerpts)
    hint = "" if numbered else element("p", text(closest), class_="pc-hint")
    cards = (_card(turn, place, excerpt) for place, excerpt in enumerate(turn.excerpts, 1))
    return hint + element("ol", *cards, class_="pc-cards")


def _card(turn: Turn, place: int, excerpt: Excerpt) -> str:
    target = source_id(turn.place, place)
    quotation = excerpt.quotation
    number = element("span", str(excerpt.number), class_="pc-number") if excerpt.number else ""
    link = element(
        "a",
        number,
        element(
            "span",
            element("span", text(quotation.title), class_="pc-card-title"),
            element("span", text(shown_text(quotation.quote)), class_="pc-card-quote"),
            class_="pc-card-text",
        ),
        class_="pc-card",
        href=f"#{target}",
        data_source=target,
    )
    return element("li", link)
