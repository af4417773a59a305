"""Why an answer is what it is: the passages compared, as a table that people can read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pincite.answer.citations import shown_text
from pincite.errors import DocumentNotFoundError
from pincite.explanation import Explanation
from pincite.records import Answer, Passage
from pincite.serve.ui.markup import element, text
from pincite.serve.ui.not_found import render_searched
from pincite.serve.ui.strings import Strings

_SHOWN = 90


@dataclass(frozen=True, slots=True)
class PassageNote:
    """A passage that was compared, with its beginning and what is said of it."""

    row: Explanation
    ordinal: int | None
    beginning: str


def passage_notes(
    answer: Answer, passages: Callable[[str], Sequence[Passage]]
) -> tuple[PassageNote, ...]:
    """Return what an answer's explanation says of each passage, with how the passage begins."""
    rows = answer.explain or []
    known: dict[int, Passage] = {}
    for document_id in dict.fromkeys(row.document_id for row in rows):
        try:
            known.update((passage.id, passage) for passage in passages(document_id))
        except DocumentNotFoundError:
            # Deleted since: its row keeps the title.
            continue
    return tuple(_note(row, known.get(row.passage_id)) for row in rows)


def _note(row: Explanation, passage: Passage | None) -> PassageNote:
    if passage is None:
        return PassageNote(row, None, "")
    line = shown_text(passage.text)
    return PassageNote(row, passage.ordinal + 1, line[:_SHOWN] + "…" * (len(line) > _SHOWN))


def render_why(notes: Sequence[PassageNote], answer: Answer, words: Strings) -> str:
    """Render the table, folded up; without an explanation there is none."""
    if not notes:
        return ""
    titles = (words.compared, words.by_meaning, words.by_words, words.support, words.outcome)
    head = element("tr", *(element("th", text(title), scope="col") for title in titles))
    table = element(
        "table",
        element("thead", head),
        element("tbody", *(_row(note, words) for note in notes)),
    )
    return element(
        "details",
        element("summary", text(words.why)),
        "" if answer.status == "not_found" else render_searched(answer, words),
        element("p", text(words.why_text), class_="pc-note"),
        element(
            "div", table, class_="pc-scroll", tabindex="0", role="region", aria_label=words.why
        ),
        class_="pc-why",
    )


def _row(note: PassageNote, words: Strings) -> str:
    row = note.row
    place = f" ¶ {note.ordinal}" if note.ordinal else ""
    cells = [
        element(
            "th",
            element("span", text(row.title + place), class_="pc-why-title", dir="auto"),
            element("span", text(note.beginning), class_="pc-why-text", dir="auto"),
            scope="row",
        ),
        element("td", *_ranked(row.dense_rank, row.cosine, words.by_meaning, words)),
        element("td", *_ranked(row.lexical_rank, row.coverage, words.by_words, words)),
        element("td", *_supported(row.support, words)),
        element("td", text(row.why), dir="auto"),
    ]
    return element("tr", *cells, class_="is-used" if row.used else None)


def _ranked(rank: int | None, score: float, label: str, words: Strings) -> list[str]:
    said = words.rank.format(rank=rank) if rank else words.unranked
    return [element("span", text(said)), _bar(score, label)]


def _supported(support: float | None, words: Strings) -> list[str]:
    if support is None:
        return [element("span", text(words.unranked))]
    return [element("span", f"{support:.0%}"), _bar(support, words.support)]


def _bar(value: float, label: str) -> str:
    share = min(1.0, max(0.0, value))
    return element(
        "meter", min="0", max="1", value=f"{share:.3f}", aria_label=f"{label}: {share:.0%}"
    )
