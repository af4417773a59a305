"""``pincite doctor``."""

import json
from dataclasses import asdict

import click
from rich.console import Console

from pincite.settings import Settings

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "fault": ("✗", "bold red")}
_FAULT_FOUND = 1


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def doctor_command(ctx: click.Context, as_json: bool) -> None:
    """Look whether everything is in order, and say what to do where it is not.

    Checks Python, SQLite, the files of the bundled model, the library and its indexes, free disk
    space, the models that the settings name, and whether the network is needed. A language model
    is asked whether it is there; an Ollama on this machine is offered, and never used unasked.
    Nothing is changed or downloaded.

    Exit code: 0 if there is no fault (✗), 1 if there is one.
    """
    from pincite.cli.checks import all_checks

    settings: Settings = ctx.obj
    console = Console(soft_wrap=True, highlight=False)
    checks = []
    for check in all_checks(settings):
        checks.append(check)
        if as_json:
            continue
        mark, style = _MARKS[check.state]
        console.print(f"[{style}]{mark}[/] [bold]{check.name:15}[/] ", end="")
        console.print(check.found, markup=False)
        if check.next:
            console.print(f"{'':18}[dim]→[/] ", end="")
            console.print(check.next, markup=False)
    faults = [check for check in checks if check.state == "fault"]
    if as_json:
        found = {"ok": not faults, "checks": [asdict(check) for check in checks]}
        click.echo(json.dumps(found, ensure_ascii=False))
    if faults:
        ctx.exit(_FAULT_FOUND)
