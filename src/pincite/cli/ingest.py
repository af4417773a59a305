"""``pincite ingest``."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pincite.cli.main import DONE, REFUSALS
from pincite.errors import InputError
from pincite.records import Action, Outcome
from pincite.settings import Settings

DEFAULT_FOLDERS = ("seeds", "corpus")
_ACTIONS: tuple[Action, ...] = ("added", "changed", "unchanged", "removed", "refused")
_COLOURS = {"added": "green", "changed": "yellow", "removed": "magenta", "refused": "red"}


@click.command("ingest")
@click.argument("locations", nargs=-1, metavar="[PATH|URL]...")
@click.option("--prune", is_flag=True, help="Remove documents whose file is gone from these paths.")
@click.option(
    "--tag", "tags", metavar="TAG", multiple=True, help="Give all these documents this tag."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
@click.pass_context
def ingest_command(
    ctx: click.Context,
    locations: tuple[str, ...],
    prune: bool,
    tags: tuple[str, ...],
    as_json: bool,
) -> None:
    """Take in files, folders (recursively) and URLs: txt, md, html, pdf, docx.

    Without arguments: the folders seeds/ and corpus/ of the current folder. Unchanged files are
    recognised by their content and cost no embedding; changed ones replace their passages. A
    file that cannot be read is refused by name, and the others go on. Tags are added to those
    that a document has; `pincite tag` takes them away.

    \b
    Examples:
      pincite ingest
      pincite ingest handbook/ report.pdf https://example.org/news.html
      pincite ingest --prune corpus/
      pincite ingest --tag hr --tag 2025 handbook/
    """
    from pincite.wiring import open_workspace

    settings: Settings = ctx.obj
    chosen = list(locations) or [name for name in DEFAULT_FOLDERS if Path(name).is_dir()]
    if not chosen:
        raise InputError(
            "nothing to ingest: there is no seeds/ or corpus/ here; name files, folders or URLs"
        )
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    with open_workspace(settings, create=True) as workspace, bar:
        task = bar.add_task("Ingesting", total=None)

        def told(outcome: Outcome) -> None:
            bar.advance(task)
            if not as_json:
                _tell(console, outcome)

        outcomes = workspace.ingest(
            chosen,
            prune=prune,
            tags=tags,
            on_found=lambda number: bar.update(task, total=number),
            on_outcome=told,
        )
        status = workspace.status()
    counts = Counter(outcome.action for outcome in outcomes)
    if as_json:
        summary = {action: counts[action] for action in _ACTIONS}
        click.echo(
            json.dumps({**summary, "outcomes": [asdict(o) for o in outcomes]}, ensure_ascii=False)
        )
    else:
        parts = [f"{counts[a]} {a}" for a in _ACTIONS]
        console.print(
            f"{', '.join(parts)}. The library holds {status.documents} documents"
            f" in {status.passages} passages."
        )
    ctx.exit(REFUSALS if counts["refused"] else DONE)


def _tell(console: Console, outcome: Outcome) -> None:
    if outcome.action == "unchanged" and not outcome.note:
        return
    colour = _COLOURS.get(outcome.action, "default")
    why = f" ({outcome.code}) {outcome.message}" if outcome.code else ""
    note = f" - {outcome.note}" if outcome.note else ""
    console.print(f"[{colour}]{outcome.action:9}[/] {escape(outcome.source + why + note)}")
