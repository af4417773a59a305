"""``pincite eval add``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape

from pincite.errors import InputError
from pincite.settings import Settings

if TYPE_CHECKING:
    from pincite.evaluate.questions import Evidence
    from pincite.workspace import Workspace

_CANDIDATES = 4
_KINDS = "fact, reason, advice, yes_no, summary, multi, near_miss, far_miss"


@click.command("add")
@click.option("--question", help="The question, as a person would ask it.")
@click.option("--lang", help="Its language, for the slices.  [default: detected]")
@click.option("--kind", help=f"Its kind, for the slices: {_KINDS}.  [default: fact]")
@click.option(
    "--evidence",
    multiple=True,
    metavar="DOCUMENT::QUOTE",
    help="A quote that answers it, letter by letter, in the document of this file name, source,"
    " title or id; may be repeated.",
)
@click.option(
    "--answers",
    multiple=True,
    metavar="TEXT|TEXT",
    help="Expected words, one of these; given again, one of those too.",
)
@click.option("--unanswerable", is_flag=True, help="The documents do not answer it.")
@click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("eval/questions.jsonl"),
    show_default=True,
    help="The question file; it is made if it is not there.",
)
@click.pass_context
def add_command(
    ctx: click.Context,
    *,
    question: str | None,
    lang: str | None,
    kind: str | None,
    evidence: tuple[str, ...],
    answers: tuple[str, ...],
    unanswerable: bool,
    path: Path,
) -> None:
    """Add a question to a question file.

    Without --question, --evidence or --unanswerable it asks for them: the library's best
    sentences for the question are shown, and you choose those that answer it.

    \b
    Examples:
      pincite eval add
      pincite eval add --question "Who sued?" --evidence "news.txt::The buyer sued the firm"
      pincite eval add --question "Who is the lawyer?" --unanswerable --kind near_miss
    """
    from pincite.evaluate.add import NewQuestion, add_question
    from pincite.wiring import open_workspace

    if evidence and unanswerable:
        raise InputError("--evidence and --unanswerable exclude each other")
    if not path.parent.is_dir():
        raise InputError(
            f"there is no folder {path.parent} to write {path.name} into; make it first"
        )
    settings: Settings = ctx.obj
    text = question if question is not None else _ask("Question", "--question")
    groups = tuple(_group(one) for one in answers)
    pieces = tuple(_evidence(one) for one in evidence)
    with open_workspace(settings) as workspace:
        if not pieces and not unanswerable:
            pieces = _choose(workspace, text)
            if pieces and not groups:
                groups = _ask_answers()
            kind = kind or _ask("Kind", "--kind", "fact" if pieces else "near_miss")
        new = NewQuestion(text, pieces, groups, lang, kind or "fact")
        added = add_question(path, new, workspace.documents(), workspace.document)
    quotes = len(added.evidence)
    what = f"{quotes} quote{'s' if quotes > 1 else ''}" if quotes else "unanswerable"
    Console(soft_wrap=True, highlight=False).print(
        escape(f"{path}: added {added.id} ({added.lang}, {added.kind}, {what})")
    )


def _ask(what: str, option: str, default: str | None = None) -> str:
    if not sys.stdin.isatty():
        raise InputError(f"there is no terminal to ask at; give {option}")
    return str(click.prompt(what, default=default))


def _group(text: str) -> tuple[str, ...]:
    group = tuple(part.strip() for part in text.split("|") if part.strip())
    if not group:
        raise InputError("--answers is blank; write the words expected, parted by |")
    return group


def _evidence(text: str) -> "Evidence":
    from pincite.evaluate.questions import Evidence

    document, parted, quote = text.partition("::")
    if not parted or not document.strip() or not quote.strip():
        raise InputError(f'--evidence "{text}": write DOCUMENT::QUOTE')
    return Evidence(document.strip(), quote.strip())


def _choose(workspace: "Workspace", text: str) -> "tuple[Evidence, ...]":
    """Show the sentences of the best passages; return those that the person picks."""
    from pincite.evaluate.add import document_names
    from pincite.evaluate.questions import Evidence

    if not sys.stdin.isatty():
        raise InputError("there is no terminal to ask at; give --evidence or --unanswerable")
    console = Console(soft_wrap=True, highlight=False)
    found: list[Evidence] = []
    names = document_names(workspace.documents())
    for hit in workspace.search(text, _CANDIDATES):
        passage = hit.passage
        console.print(f"\n[dim]{escape(hit.document.title)} · {escape(hit.document.source)}[/]")
        for span in passage.sentences:
            quote = passage.text[span.start - passage.start : span.end - passage.start]
            found.append(Evidence(names[hit.document.id], quote))
            console.print(f"[bold]{len(found):>3}[/] {escape(' '.join(quote.split()))}")
    console.print(
        "\nWhich of them answer the question? List all that a reasonable person would accept;"
        " nothing, if the documents do not answer it."
    )
    while True:
        given = click.prompt("Numbers", default="", show_default=False)
        numbers = given.replace(",", " ").split()
        if all(n.isascii() and n.isdecimal() and 1 <= int(n) <= len(found) for n in numbers):
            return tuple(found[int(n) - 1] for n in dict.fromkeys(numbers))
        console.print(f"Write numbers from 1 to {len(found)}, parted by blanks.")


def _ask_answers() -> tuple[tuple[str, ...], ...]:
    given = click.prompt(
        "Expected words (alternatives parted by |, none: Enter)", default="", show_default=False
    )
    return (_group(given),) if given.strip() else ()
