"""The ``pincite`` command: its groups, its common options, its exit codes."""

from importlib import import_module
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from pincite import __version__
from pincite.cli.logs import configure_logging
from pincite.errors import InputError, PinciteError
from pincite.settings import Settings

DONE, REFUSALS, USAGE, NOT_POSSIBLE = 0, 1, 2, 3
# 128 + SIGINT, as shells have it.
INTERRUPTED = 130

_COMMANDS = {
    "ingest": "pincite.cli.ingest",
    "ask": "pincite.cli.ask",
    "chat": "pincite.cli.chat",
    "status": "pincite.cli.library",
    "tag": "pincite.cli.library",
    "forget": "pincite.cli.library",
    "reindex": "pincite.cli.library",
    "eval": "pincite.cli.eval",
    "calibrate": "pincite.cli.calibrate",
    "serve": "pincite.cli.serve",
    "keys": "pincite.cli.keys",
    "feedback": "pincite.cli.feedback",
    "mcp": "pincite.cli.mcp",
    "doctor": "pincite.cli.doctor",
}


class _Commands(click.Group):
    """Imports a command's module only when it is needed; turns errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(_COMMANDS[cmd_name]), f"{cmd_name}_command")
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PinciteError as error:
            console = Console(stderr=True, soft_wrap=True, highlight=False)
            console.print(f"[bold red]{error.code}[/]: {escape(str(error))}")
            ctx.exit(USAGE if isinstance(error, InputError) else NOT_POSSIBLE)
        except KeyboardInterrupt:
            # A status of its own: 1 would pass for a gate that was missed.
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""Exit codes: 0 done; 1 done, but sources were refused, a gate of eval was missed or
    doctor found a fault;
    2 wrong usage; 3 not possible (no library, another model, library in use); 130 interrupted.""",
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the library.  [env: PINCITE_HOME; default: the user's data folder]",
)
@click.option(
    "--encoder",
    metavar="NAME_OR_PATH",
    help="Embedding model: 'bundled', or any sentence-transformers model.  [env: PINCITE_ENCODER]",
)
@click.version_option(__version__, "-V", "--version", message="pincite %(version)s")
@click.pass_context
def main(ctx: click.Context, home: Path | None, encoder: str | None) -> None:
    """Answers questions about your articles, each sentence pinned to its passage.

    \b
    Start here:
      pincite ingest articles/            take in files, folders or URLs
      pincite ask "what did the court rule?"
      pincite serve                       the chat and the API on 127.0.0.1:7860
    """
    given: dict[str, Any] = {"home": home, "encoder": encoder}
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as exc:
        faults = "; ".join(f"PINCITE_{e['loc'][0]}".upper() + f": {e['msg']}" for e in exc.errors())
        raise InputError(f"a setting is wrong: {faults}") from exc
    configure_logging(settings.log_level, settings.log_format)
    ctx.obj = settings
