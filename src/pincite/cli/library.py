"""``pincite status``, ``pincite tag``, ``pincite forget`` and ``pincite reindex``."""

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from pincite.cli.places import stored_source
from pincite.errors import InputError
from pincite.settings import Settings


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--documents", "list_documents", is_flag=True, help="List the documents too.")
@click.pass_context
def status_command(ctx: click.Context, as_json: bool, list_documents: bool) -> None:
    """Show what the library holds, and the model that made it."""
    from pincite.wiring import open_workspace

    settings: Settings = ctx.obj
    with open_workspace(settings) as workspace:
        status = workspace.status()
        documents = workspace.documents() if list_documents else []
    if as_json:
        listed = {"documents_list": [asdict(d) for d in documents]} if list_documents else {}
        click.echo(json.dumps({**asdict(status), **listed}, ensure_ascii=False))
        return
    console = Console(soft_wrap=True, highlight=False)
    rows = {
        "home": status.home,
        "documents": f"{status.documents:,}",
        "passages": f"{status.passages:,} ({status.sentences:,} sentences)",
        "model": f"{status.model.name}, revision {status.model.revision},"
        f" {status.model.dimension} dimensions",
        "splitter": f"version {status.splitter_version}, up to {status.passage_tokens} tokens",
        "generation": str(status.generation),
        "size": f"database {_megabytes(status.database_bytes)},"
        f" index caches {_megabytes(status.index_bytes)}",
        "calibration": f"{status.calibration.name}, answers from"
        f" {status.calibration.threshold:.2f} on",
    }
    for name, value in rows.items():
        console.print(f"[dim]{name:11}[/] ", end="")
        console.print(value, markup=False)
    if status.calibration.degraded:
        console.print(status.calibration.degraded, style="yellow", markup=False)
    if documents:
        id_column = Column("id", no_wrap=True)
        columns = ("title", "published", "lang", "passages", "tags", "source")
        table = Table(id_column, *columns, box=None)
        for d in documents:
            passages, tags = str(d.passages), ", ".join(d.tags) or "–"
            table.add_row(d.id, d.title, d.published or "–", d.lang, passages, tags, d.source)
        console.print(table, markup=False)


def _megabytes(number: int) -> str:
    return f"{number / 2**20:.1f} MB"


@click.command("tag")
@click.argument("documents", nargs=-1, metavar="[ID|SOURCE]...")
@click.option("--add", multiple=True, metavar="TAG", help="Give the documents this tag.")
@click.option("--remove", multiple=True, metavar="TAG", help="Take this tag from the documents.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def tag_command(
    ctx: click.Context,
    documents: tuple[str, ...],
    add: tuple[str, ...],
    remove: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show and change documents' tags, to which `pincite ask --tag` limits a search.

    Without documents: all tags, with the number of documents that have them. Nothing is embedded
    again. Tags are kept in lower case.

    \b
    Examples:
      pincite tag
      pincite tag handbook.pdf --add hr --add policy --remove draft
    """
    from pincite.wiring import open_workspace

    if (add or remove) and not documents:
        raise InputError("no document was named: give ids, sources or file names")
    settings: Settings = ctx.obj
    console = Console(soft_wrap=True, highlight=False)
    with open_workspace(settings) as workspace:
        if not documents:
            tags = workspace.tags()
            lines = [f"{count:6,}  {tag}" for tag, count in tags.items()]
            found: dict[str, object] = {"tags": tags}
        else:
            names = map(stored_source, documents)
            infos = [workspace.tag(name, add=add, remove=remove) for name in names]
            lines = [f"{d.id}  {d.title}: {', '.join(d.tags) or '–'}" for d in infos]
            found = {"documents": [asdict(info) for info in infos]}
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for line in lines:
            console.print(line, markup=False)


@click.command("forget")
@click.argument("document", metavar="ID|SOURCE")
@click.pass_context
def forget_command(ctx: click.Context, document: str) -> None:
    """Delete a document for good: its text, passages, vectors and index entries.

    SOURCE may be a whole path or URL, or its end where that names one document only.
    """
    from pincite.wiring import open_workspace

    settings: Settings = ctx.obj
    with open_workspace(settings) as workspace:
        gone = workspace.forget(stored_source(document))
    click.echo(f"forgotten {gone.id} {gone.title} ({gone.source})", err=True)


@click.command("reindex")
@click.pass_context
def reindex_command(ctx: click.Context) -> None:
    """Split and embed every stored document again, with the present model and splitter.

    Needed after --encoder names another model, or after an upgrade that changes the splitter.
    The old passages stay in use until the new ones are complete.
    """
    from pincite.wiring import reindex

    settings: Settings = ctx.obj
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reindexing", total=None)
        with reindex(
            settings, lambda done, total: bar.update(task, completed=done, total=total)
        ) as workspace:
            status = workspace.status()
    click.echo(
        f"{status.documents} documents in {status.passages} passages by {status.model.name}",
        err=True,
    )
    if status.calibration.degraded:
        click.echo(status.calibration.degraded, err=True)
