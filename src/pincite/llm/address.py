"""Where a model's server is."""

import ipaddress
from urllib.parse import urlsplit

from pincite.errors import InputError


def host_of(base_url: str) -> str:
    """Return the host of a server's base URL.

    Raises:
        InputError: If it is no http or https URL.
    """
    try:
        parts = urlsplit(base_url)
        parts.port  # noqa: B018 - raises where it is no port
    except ValueError as exc:
        raise InputError(f"PINCITE_LLM_BASE_URL is no URL ({exc})") from exc
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(
            "PINCITE_LLM_BASE_URL is no http or https URL; wanted for example"
            " http://127.0.0.1:11434/v1"
        )
    if "@" in parts.netloc:
        raise InputError(
            "PINCITE_LLM_BASE_URL holds a user's name or password; a key goes into"
            " PINCITE_LLM_API_KEY"
        )
    if parts.query or parts.fragment:
        raise InputError(
            "PINCITE_LLM_BASE_URL holds a query or a fragment, to which no path can be added; a key"
            " goes into PINCITE_LLM_API_KEY, other fields into PINCITE_LLM_EXTRA"
        )
    return parts.hostname


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address is this machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
