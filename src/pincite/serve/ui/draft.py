"""The form that makes an evaluation question of a rating."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from pincite.answer.citations import shown_text
from pincite.errors import InputError
from pincite.records import LONGEST_QUESTION
from pincite.serve.evaluation import DraftQuestion
from pincite.serve.ui.markup import element, origin, text
from pincite.serve.ui.shell import word
from pincite.serve.ui.strings import Strings
from pincite.state.feedback import StoredOpinion

if TYPE_CHECKING:
    from pincite.workspace import Workspace

_NEAR_PASSAGES = 4
_MOST_NEAR = 20
_Piece = tuple[str, str]
# One piece of evidence, as its checkbox sends it.
_PIECE: TypeAdapter[_Piece] = TypeAdapter(tuple[str, str])


class Given(BaseModel):
    """What the form sends."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, StringConstraints(max_length=LONGEST_QUESTION)] = ""
    lang: Annotated[str, StringConstraints(max_length=35)] = ""
    answerable: Literal["yes", "no"] = "yes"
    evidence: list[Annotated[str, StringConstraints(max_length=20_000)]] = []
    expected: Annotated[str, StringConstraints(max_length=4_000)] = ""


def first_draft(stored: StoredOpinion) -> Given:
    """Return the form as it is first shown: a good answer's citations are taken for right."""
    opinion = stored.opinion
    chosen = opinion.evidence if opinion.rating == "up" else ()
    refused = opinion.status == "not_found" and opinion.rating == "up"
    return Given(
        question=opinion.question,
        lang=opinion.language or "",
        answerable="no" if refused else "yes",
        evidence=[_written(piece) for piece in chosen],
    )


def draft_of(given: Given, stored: StoredOpinion) -> DraftQuestion:
    """Return the question that the form describes.

    Raises:
        InputError: If a piece of evidence is none.
    """
    lines = (line.split("|") for line in given.expected.splitlines())
    groups = (tuple(word.strip() for word in line if word.strip()) for line in lines)
    yes = given.answerable == "yes"
    note = f"rated {stored.opinion.rating} on {stored.created[:10]}"
    return DraftQuestion(
        text=given.question,
        lang=given.lang or None,
        evidence=tuple(map(_read, given.evidence)) if yes else (),
        answers=tuple(group for group in groups if group) if yes else (),
        note=f"{note}: {stored.opinion.comment}" if stored.opinion.comment else note,
    )


def nearby(workspace: "Workspace", stored: StoredOpinion) -> list[_Piece]:
    """Return the sentences of the passages nearest to the question that were not cited."""
    cited = {quote for _, quote in stored.opinion.evidence}
    found: dict[_Piece, None] = {}
    for hit in workspace.search(stored.opinion.question, _NEAR_PASSAGES):
        passage = hit.passage
        for span in passage.sentences:
            quote = passage.text[span.start - passage.start : span.end - passage.start]
            if quote not in cited:
                found[hit.document.source, quote] = None
    return list(found)[:_MOST_NEAR]


def _written(piece: _Piece) -> str:
    return _PIECE.dump_json(piece).decode()


def _read(value: str) -> _Piece:
    try:
        return _PIECE.validate_json(value)
    except ValidationError as exc:
        raise InputError("a piece of evidence is no source and quote: reload the form") from exc


def render_draft(
    stored: StoredOpinion, given: Given, near: Sequence[_Piece], path: str | None, words: Strings
) -> str:
    """Render the form; ``path`` is the question file, if there is one."""
    chosen = set(given.evidence)

    def pieces(title: str, found: Sequence[_Piece]) -> str:
        if not found:
            return ""
        boxes = (_box(piece, words, checked=_written(piece) in chosen) for piece in found)
        return word(title, words, "h3") + "".join(boxes)

    if path is None:
        return element("p", text(words.no_question_file), class_="pc-alert")
    return element(
        "form",
        element("label", text(words.you), for_="pc-question"),
        element(
            "textarea",
            text(given.question),
            id="pc-question",
            name="question",
            rows="2",
            maxlength=str(LONGEST_QUESTION),
            required="",
            dir="auto",
        ),
        element("input", type="hidden", name="lang", value=given.lang),
        element(
            "fieldset",
            word("can_answer", words, "legend"),
            _radio("yes", "can_answer_yes", given, words),
            _radio("no", "can_answer_no", given, words),
        ),
        element(
            "fieldset",
            word("evidence", words, "legend"),
            word("evidence_text", words, "p", class_="pc-note"),
            pieces("cited", stored.opinion.evidence),
            pieces("nearby", near),
            class_="pc-if-yes",
        ),
        element(
            "div",
            element("label", text(words.expected), for_="pc-expected"),
            element(
                "textarea",
                text(given.expected),
                id="pc-expected",
                name="expected",
                rows="2",
                maxlength="4000",
                aria_describedby="pc-expected-text",
                dir="auto",
            ),
            word("expected_text", words, "p", id="pc-expected-text", class_="pc-note"),
            class_="pc-fields pc-if-yes",
        ),
        element(
            "div",
            element("p", text(words.question_file.format(path=path)), class_="pc-note"),
            word("add_question", words, "button", type="submit", class_="pc-primary"),
            class_="pc-draft-foot",
        ),
        method="post",
        action=f"/feedback-list/{stored.id}",
        class_="pc-fields pc-draft",
    )


def _radio(value: str, name: str, given: Given, words: Strings) -> str:
    return element(
        "label",
        element(
            "input",
            type="radio",
            name="answerable",
            value=value,
            checked="" if given.answerable == value else None,
        ),
        word(name, words),
        class_="pc-check",
    )


def _box(piece: _Piece, words: Strings, *, checked: bool) -> str:
    source, quote = piece
    return element(
        "label",
        element(
            "input",
            type="checkbox",
            name="evidence",
            value=_written(piece),
            checked="" if checked else None,
        ),
        element(
            "span",
            element("span", text(shown_text(quote)), class_="pc-quote"),
            element("span", text(origin(source).name), class_="pc-about"),
            dir="auto",
        ),
        class_="pc-check",
    )
