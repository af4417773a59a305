"""One turn of the conversation: a question, and what came of it so far."""

import re
from dataclasses import dataclass

from pincite.answer.citations import shown_text
from pincite.answer.messages import messages_for
from pincite.explanation import NO_FILTERS, Filters
from pincite.records import Answer, Message
from pincite.serve.ui.feedback import render_feedback
from pincite.serve.ui.markup import element, text
from pincite.serve.ui.not_found import render_rephrase, render_searched
from pincite.serve.ui.panel import Excerpt, render_section, source_id
from pincite.serve.ui.shell import icon_button
from pincite.serve.ui.strings import Strings, strings_for
from pincite.serve.ui.why import PassageNote, render_why

_MARKER = re.compile(r"\s*\[(\d{1,3})\]")
# The confidence from which an answer counts as well supported, and as supported. It is a calibrated
# probability: of answers at 0.8, about four in five are right.
WELL, ENOUGH = 0.8, 0.6
HISTORY_TURNS = 6


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what came of it: an answer, an error, or what is known so far.

    ``place`` counts from 1; ``tag`` is the interface's language; ``stage`` names the string that
    says what is being done; ``said`` is the answer's text so far; ``related`` are questions that
    the library can answer. ``conversation`` is the id under which the turn is kept, ``unkept`` why
    it is not.
    """

    place: int
    question: str
    tag: str
    stage: str = "searching"
    filters: Filters = NO_FILTERS
    said: str = ""
    answer: Answer | None = None
    excerpts: tuple[Excerpt, ...] = ()
    notes: tuple[PassageNote, ...] = ()
    related: tuple[str, ...] = ()
    error: str | None = None
    stopped: bool = False
    conversation: str = ""
    unkept: str | None = None

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return self.stopped or self.answer is not None or self.error is not None

    @property
    def state(self) -> str:
        """What the turn looks like, as a class name."""
        if self.stopped:
            return "stopped"
        if self.error is not None:
            return "failed"
        return self.answer.status.replace("_", "-") if self.answer else "working"


def history(turns: list[Turn]) -> tuple[Message, ...]:
    """Return the conversation so far as messages, of the latest turns that were answered."""
    messages: list[Message] = []
    for turn in [turn for turn in turns if turn.answer][-HISTORY_TURNS:]:
        assert turn.answer
        messages.append(Message("user", turn.question))
        messages.append(Message("assistant", turn.answer.answer))
    return tuple(messages)


def render_turn(turn: Turn, beat: int = 0) -> str:
    """Render a turn; ``beat`` tells the page that the server still works on it."""
    words = strings_for(turn.answer.language if turn.answer else turn.tag)
    return element(
        "article",
        element(
            "h2",
            element("span", text(strings_for(turn.tag).you), class_="pc-unseen"),
            text(turn.question),
            class_="pc-question",
            dir="auto",
        ),
        element("div", *_reply(turn, words), class_="pc-reply", lang=words.tag),
        class_=f"pc-turn is-{turn.state}",
        id=f"t{turn.place}",
        data_done="" if turn.done else None,
        data_beat=str(beat),
        data_place=str(turn.place),
        data_conversation=turn.conversation or None,
    )


def _reply(turn: Turn, words: Strings) -> list[str]:
    if turn.answer:
        return _answered(turn, turn.answer, words)
    if turn.error is not None:
        return [
            _status(element("b", text(words.failed))),
            element("p", text(turn.error), class_="pc-error", dir="auto"),
            _ask_again(turn, words),
        ]
    if turn.stopped:
        return [
            _status(element("b", text(words.stopped))),
            element("div", marked(turn.said), class_="pc-text", dir="auto"),
            element("p", text(words.stopped_text), class_="pc-note"),
            _ask_again(turn, words),
        ]
    return [
        _status(element("b", text(str(getattr(words, turn.stage))))),
        element("div", marked(turn.said), class_="pc-text", dir="auto"),
    ]


def _ask_again(turn: Turn, words: Strings) -> str:
    return element(
        "button", text(words.ask_again), type="button", class_="pc-small", data_ask=turn.question
    )


def _answered(turn: Turn, answer: Answer, words: Strings) -> list[str]:
    found = answer.status != "not_found"
    parts = [
        _status(*(_verdict(answer, words) if found else [element("b", text(words.not_found))])),
        element("div", _statements(turn, answer, words), class_="pc-text", dir="auto"),
        *_notes(answer, words),
        element("p", text(turn.unkept), class_="pc-note", dir="auto") if turn.unkept else "",
        "" if found else render_searched(answer, words),
        _cards(turn, answer, words),
        ""
        if found
        else render_rephrase(
            turn.question, answer, turn.related, words, filtered=bool(turn.filters)
        ),
        _foot(turn, answer, words),
        render_why(turn.notes, answer, words),
    ]
    if turn.excerpts:
        parts.append(render_section(turn.place, turn.excerpts, answer.language))
    return parts


def _status(*parts: str) -> str:
    return element("p", *parts, class_="pc-status")


def certainty(answer: Answer, words: Strings) -> str:
    """Say in words how sure an answer is."""
    if answer.status == "partial":
        return words.partial
    if answer.confidence >= WELL:
        return words.well_supported
    return words.supported if answer.confidence >= ENOUGH else words.weakly_supported


def made_by(answer: Answer, words: Strings) -> str:
    """Say how an answer was made."""
    return words.quoted if answer.mode == "extractive" else words.written.format(model=answer.model)


def _verdict(answer: Answer, words: Strings) -> list[str]:
    level = "weak" if answer.status == "partial" or answer.confidence < ENOUGH else "good"
    number = words.confidence.format(percent=f"{answer.confidence:.0%}")
    sure = element(
        "b",
        text(certainty(answer, words)),
        element("span", text(f" ({number})"), class_="pc-unseen"),
        class_=f"pc-sure is-{level}",
        title=number,
    )
    return [sure, element("span", text(made_by(answer, words)), class_="pc-mode")]


def _notes(answer: Answer, words: Strings) -> list[str]:
    notes = []
    if answer.resolved:
        notes.append(words.understood.format(question=answer.resolved))
    # That statements were left out says the answer itself.
    if not all(statement.supported for statement in answer.statements):
        notes.append(words.partial_text)
    if answer.degraded:
        notes.append(f"{messages_for(answer.language).degraded}: {answer.degraded}")
    return [element("p", text(note), class_="pc-note", dir="auto") for note in notes]


def marked(said: str) -> str:
    """Escape an answer's text while it is made; its markers lead nowhere yet."""
    pieces: list[str] = []
    at = 0
    for match in _MARKER.finditer(said):
        pieces.append(text(said[at : match.start()]))
        pieces.append(element("span", match[1], class_="pc-marker is-waiting"))
        at = match.end()
    return "".join([*pieces, text(said[at:])])


def _statements(turn: Turn, answer: Answer, words: Strings) -> str:
    """Escape the answer's text; turn its markers into buttons and mark what nothing supports."""
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


def _with_markers(turn: Turn, answer: Answer, part: str, words: Strings) -> str:
    places = {citation.marker: place for place, citation in enumerate(answer.citations, 1)}
    pieces: list[str] = []
    at = 0
    for match in _MARKER.finditer(part):
        number = int(match[1])
        if number not in places:
            continue
        label = words.show_source.format(
            number=number, title=answer.citations[places[number] - 1].title
        )
        pieces.append(text(part[at : match.start()]))
        pieces.append(
            element(
                "button",
                str(number),
                type="button",
                class_="pc-marker",
                data_source=source_id(turn.place, places[number]),
                aria_label=label,
            )
        )
        at = match.end()
    return "".join([*pieces, text(part[at:])])


def _cards(turn: Turn, answer: Answer, words: Strings) -> str:
    if not turn.excerpts:
        return ""
    hint = ""
    if not answer.citations:
        hint = element("h3", text(messages_for(answer.language).closest))
    cards = (_card(turn, place, found, words) for place, found in enumerate(turn.excerpts, 1))
    return element("div", hint, element("ol", *cards), class_="pc-cards")


def _card(turn: Turn, place: int, excerpt: Excerpt, words: Strings) -> str:
    quotation = excerpt.quotation
    number = element("span", str(excerpt.number), class_="pc-number") if excerpt.number else ""
    if excerpt.number:
        label = words.show_source.format(number=excerpt.number, title=quotation.title)
    else:
        label = words.show_nearest.format(title=quotation.title)
    return element(
        "li",
        element(
            "button",
            number,
            element(
                "span",
                element("span", text(quotation.title), class_="pc-card-title", dir="auto"),
                element("span", text(shown_text(quotation.quote)), class_="pc-card-quote"),
                class_="pc-card-text",
            ),
            type="button",
            class_="pc-card",
            data_source=source_id(turn.place, place),
            aria_label=label,
        ),
    )


def duration(milliseconds: float, words: Strings) -> str:
    """Say how long an answer took."""
    if milliseconds < 1000:
        return words.milliseconds.format(ms=max(1, round(milliseconds)))
    return words.seconds.format(s=f"{milliseconds / 1000:.1f}")


def _foot(turn: Turn, answer: Answer, words: Strings) -> str:
    parts = []
    if answer.citations:
        documents = {citation.document_id for citation in answer.citations}
        parts.append(words.count(len(answer.citations), "passage"))
        parts.append(words.count(len(documents), "article"))
    if "total" in answer.timings_ms:
        parts.append(duration(answer.timings_ms["total"], words))
    copy = icon_button("copy", "copy_answer", words, data_copy=answer.answer)
    return element(
        "footer",
        element("p", *(element("span", text(part)) for part in parts), class_="pc-figures"),
        element("div", copy, render_feedback(turn.question, answer, words), class_="pc-buttons"),
        class_="pc-foot",
    )
