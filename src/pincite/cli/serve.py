"""``pincite serve``."""

import os
import socket

import click

from pincite.errors import InputError, ListenError
from pincite.settings import Settings

SHORTEST_PUBLIC_KEY = 16


@click.command("serve")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; beyond this machine only with PINCITE_API_KEY set.",
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
    """Serve the chat (/), the API (/ask, /search, /documents) and its description (/openapi.json).

    \b
    Examples:
      pincite serve
      PINCITE_API_KEY=$(openssl rand -base64 32) pincite serve --host 0.0.0.0
    """
    settings: Settings = ctx.obj
    key = settings.api_key.get_secret_value() if settings.api_key else None
    with _listening(host, port, key) as listener:
        _serve(settings, key, host, listener)


def _listening(host: str, port: int, key: str | None) -> socket.socket:
    from pincite.serve.guard import is_loopback

    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as exc:
        raise ListenError(f"cannot listen on {host}: it is no address of this machine") from exc
    if not is_loopback(str(address[0])):
        _require_key(host, key)
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as exc:
        listener.close()
        raise ListenError(
            f"cannot listen on {host}, port {port}: {exc.strerror}; name another with --port"
        ) from exc
    return listener


def _require_key(host: str, key: str | None) -> None:
    if key is None:
        raise InputError(
            f"{host} can be reached from other machines: set PINCITE_API_KEY to a long random key, "
            "or listen on 127.0.0.1"
        )
    if len(key) < SHORTEST_PUBLIC_KEY:
        raise InputError(
            f"PINCITE_API_KEY has {len(key)} characters; listening on {host} takes a random one of "
            f"at least {SHORTEST_PUBLIC_KEY}"
        )


def _serve(settings: Settings, key: str | None, host: str, listener: socket.socket) -> None:
    # Gradio keeps its files in a folder that all users of the machine share unless told.
    os.environ["GRADIO_TEMP_DIR"] = str(settings.home / "tmp" / "gradio")
    from pincite.serve.app import create_app
    from pincite.serve.server import run
    from pincite.wiring import open_workspace

    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{listener.getsockname()[1]}"
    with open_workspace(settings, create=True) as workspace:
        run(
            create_app(workspace, api_key=key, max_upload_bytes=settings.max_upload_mb * 2**20),
            listener,
            on_ready=lambda: click.echo(f"Pincite is on {address} (Ctrl+C ends it)"),
            log_requests=settings.log_level == "debug",
        )
