"""How a server is set up."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """What the settings and the command line say about a server.

    Args:
        max_upload_bytes: Most bytes of one upload request's files.
        loopback: Whether it listens on this machine only, and so may do without keys.
        api_key: A manage key besides those of the state file.
        users: The file of users who sign in by name and password.
        cors_origins: Origins whose pages may call the API.
        rate_limit: Requests a minute for each caller; 0: any number.
    """

    max_upload_bytes: int
    loopback: bool = False
    api_key: str | None = field(default=None, repr=False)
    users: Path | None = None
    cors_origins: frozenset[str] = frozenset()
    rate_limit: int = 0
