"""The process that listens: only this module knows uvicorn."""

import logging
import signal
import socket
from collections.abc import Callable

import uvicorn

from pincite.serve.access.guard import Guard

DRAIN_SECONDS = 5


class _Server(uvicorn.Server):
    def __init__(self, app: Guard, on_ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        super().__init__(config)
        self._guard = app
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._guard.end_heartbeats()
        await super().shutdown(sockets)


def _stop(*_: object) -> None:
    raise SystemExit(0)


def run(
    app: Guard, listener: socket.socket, *, on_ready: Callable[[], None], log_server: bool
) -> None:
    """Serve until SIGINT or SIGTERM, then finish the requests under way.

    Args:
        app: The application.
        listener: A bound socket.
        on_ready: Called once requests are accepted.
        log_server: Log what the server itself does; if not, only what goes wrong.

    Raises:
        SystemExit: After a signal, once drained, so that the caller's contexts are left in order.
    """
    # uvicorn drains on a signal and then raises it again, which would kill the process outright.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    logging.getLogger("uvicorn").setLevel(logging.INFO if log_server else logging.WARNING)
    _Server(app, on_ready).run(sockets=[listener])
