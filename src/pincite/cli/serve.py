"""``pincite serve``."""

import os
import socket
from typing import TYPE_CHECKING, Any

import click

from pincite.errors import InputError, ListenError
from pincite.settings import Settings

if TYPE_CHECKING:
    from pincite.serve.access.config import ServerConfig
    from pincite.state.store import State

SHORTEST_PUBLIC_KEY = 16


@click.command("serve")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; beyond this machine only with a key (`pincite keys add`).",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=7860,
    show_default=True,
    help="Port to listen on; 0: any that is free.",
)
@click.pass_context
def serve_command(ctx: click.Context, host: str, port: int) -> None:
    """Serve the chat (/), the API (/ask, /search, /documents; described by /openapi.json), the
    tools for AI applications (/mcp) and the metrics (/metrics).

    \b
    Examples:
      pincite serve
      pincite keys add laptop --role manage && pincite serve --host 0.0.0.0
    """
    from pincite.serve.access.guard import is_loopback
    from pincite.state.store import State

    settings: Settings = ctx.obj
    family, address = _address(host, port)
    with State.open(settings.home) as state:
        config = _config(settings, loopback=is_loopback(str(address[0])))
        if not config.loopback:
            _require_key(host, config, state)
        with _listening(host, family, address) as listener:
            _serve(settings, state, config, host, listener)


def _address(host: str, port: int) -> tuple[socket.AddressFamily, tuple[Any, ...]]:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as exc:
        raise ListenError(f"cannot listen on {host}: it is no address of this machine") from exc
    return family, address


def _config(settings: Settings, *, loopback: bool) -> "ServerConfig":
    from pincite.serve.access.config import ServerConfig
    from pincite.serve.access.cors import sound_origins
    from pincite.state.users import read_users

    if settings.users:
        read_users(settings.users)
    return ServerConfig(
        max_upload_bytes=settings.max_upload_mb * 2**20,
        loopback=loopback,
        api_key=settings.api_key.get_secret_value() if settings.api_key else None,
        users=settings.users,
        cors_origins=sound_origins(settings.cors_origins),
        rate_limit=settings.rate_limit,
    )


def _listening(host: str, family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as exc:
        listener.close()
        raise ListenError(
            f"cannot listen on {host}, port {address[1]}: {exc.strerror}; name another with --port"
        ) from exc
    return listener


def _require_key(host: str, config: "ServerConfig", state: "State") -> None:
    key = config.api_key
    if key is None and config.users is None and all(k.revoked for k in state.keys.all()):
        raise InputError(
            f"{host} can be reached from other machines: make a key with `pincite keys add NAME"
            " --role manage` (or set PINCITE_API_KEY to a long random one), or listen on 127.0.0.1"
        )
    if key is not None and len(key) < SHORTEST_PUBLIC_KEY:
        raise InputError(
            f"PINCITE_API_KEY has {len(key)} characters; listening on {host} takes a random one of "
            f"at least {SHORTEST_PUBLIC_KEY}"
        )


def _serve(
    settings: Settings,
    state: "State",
    config: "ServerConfig",
    host: str,
    listener: socket.socket,
) -> None:
    # Gradio keeps its files in a folder that all users of the machine share unless told.
    os.environ["GRADIO_TEMP_DIR"] = str(settings.home / "tmp" / "gradio")
    from pincite.cli.evaluation import evaluation_of
    from pincite.cli.telemetry import telemetry_of
    from pincite.serve.app import create_app
    from pincite.serve.server import run
    from pincite.serve.watch.observed import watcher
    from pincite.wiring import open_workspace

    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{listener.getsockname()[1]}"
    with (
        telemetry_of(settings) as told,
        open_workspace(settings, create=True, watch_llm=watcher(told)) as workspace,
    ):
        run(
            create_app(workspace, state, config, told, evaluation_of(settings, workspace)),
            listener,
            on_ready=lambda: click.echo(f"Pincite is on {address} (Ctrl+C ends it)"),
            log_server=settings.log_level == "debug",
        )
