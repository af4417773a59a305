"""HTML from text that is not ours: everything is escaped here, and nothing is rendered."""

import re
from dataclasses import dataclass
from html import escape
from pathlib import PureWindowsPath
from urllib.parse import urlsplit

# Direction overrides and isolates would let a text reorder the page around it.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def text(value: str) -> str:
    """Escape a text for HTML, in an element or a quoted attribute."""
    return escape(_BIDI.sub("", value), quote=True)


def attributes(**values: str | None) -> str:
    """Write attributes, escaped; those that are None are left out.

    A trailing underscore is cut off, other underscores become hyphens: ``class_``, ``data_turn``.
    """
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{text(value)}"'
        for name, value in values.items()
        if value is not None
    )


def element(name: str, /, *children: str, **values: str | None) -> str:
    """Write an element. ``children`` are markup already; the attributes' values are not."""
    return f"<{name}{attributes(**values)}>{''.join(children)}</{name}>"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document came from, as it is shown; ``url`` only if it may be a link."""

    name: str
    url: str | None


def origin(source: str) -> Origin:
    """Describe a source: the host of an http(s) URL, else the file's name without its folders."""
    try:
        parts = urlsplit(source)
        host = parts.hostname
    except ValueError:
        return Origin(source, None)
    if parts.scheme in {"http", "https"} and host:
        return Origin(host, source)
    return Origin(PureWindowsPath(source.removeprefix("upload:")).name or source, None)
