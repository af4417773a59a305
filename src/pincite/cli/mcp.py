"""``pincite mcp``."""

import signal

import click

from pincite.settings import Settings


@click.command("mcp")
@click.pass_context
def mcp_command(ctx: click.Context) -> None:
    """Serve the library to one AI application over standard input and output (MCP).

    Applications such as Claude Desktop, Claude Code, Cursor and VS Code start this command
    themselves. "pincite serve" offers the same tools over HTTP, at /mcp. Logs go to standard error.

    \b
    Examples:
      claude mcp add pincite -- pincite mcp
      pincite --home /srv/library mcp
    """
    from pincite.cli.telemetry import telemetry_of
    from pincite.serve.api.readiness import WarmUp
    from pincite.serve.gate import Gate
    from pincite.serve.mcp.server import serve_stdio
    from pincite.serve.watch.observed import observed, watcher
    from pincite.wiring import open_workspace

    settings: Settings = ctx.obj
    # A thread waits for the next line of input and would keep a process that has caught Ctrl+C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with (
        telemetry_of(settings) as telemetry,
        open_workspace(settings, watch_llm=watcher(telemetry)) as workspace,
    ):
        warm_up = WarmUp(workspace)
        warm_up.start()
        serve_stdio(observed(workspace, telemetry), Gate(running=4, waiting=64))
        warm_up.wait()
