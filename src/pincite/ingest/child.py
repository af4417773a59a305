"""The process that parses documents: `python -m pincite.ingest.child`, spoken to over pipes.

A request is one line of JSON (a `RawSource` without its bytes, with their number and the limits)
and then the bytes; a reply is the length of a JSON object on a line and then the object. Nothing
here reaches for the network. An error that no parser foresaw ends the process: its parent reports
it and starts another.
"""

import json
import logging
import math
import os
import sys
import time
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from pincite.errors import ParseTimeoutError, SourceError
from pincite.ingest.formats import sniff
from pincite.records import ParsedDocument, RawSource

if sys.platform != "win32":
    import resource

_MODULES = {
    "text": "pincite.ingest.text",
    "html": "pincite.ingest.html",
    "pdf": "pincite.ingest.pdf",
    "docx": "pincite.ingest.docx",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What parsing one document may take; memory is beyond what the process holds before it.

    The memory limit needs Linux and the CPU limit a POSIX system; the wall clock always counts.
    """

    cpu_seconds: int = 20
    wall_seconds: float = 30.0
    memory_bytes: int = 2**30


def parse(raw: RawSource, limits: Limits) -> ParsedDocument:
    """Parse one document within its limits; the format's library is imported when first met."""
    module = import_module(_MODULES[sniff(raw)])
    _restrict(limits)
    parsed: ParsedDocument = module.parse(raw)
    return parsed


def _restrict(limits: Limits) -> None:
    if sys.platform == "win32":
        return

    def lower(kind: int, soft: int) -> None:
        resource.setrlimit(kind, (soft, resource.getrlimit(kind)[1]))

    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_CPU, math.ceil(time.process_time()) + limits.cpu_seconds)
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        lower(resource.RLIMIT_AS, pages * resource.getpagesize() + limits.memory_bytes)


def _reply(header: dict[str, Any], data: bytes) -> dict[str, Any]:
    raw = RawSource(**header["raw"], data=data)
    try:
        return {"document": asdict(parse(raw, Limits(**header["limits"])))}
    except SourceError as exc:
        return {"code": exc.code, "message": str(exc)}
    except MemoryError:
        return {
            "code": ParseTimeoutError.code,
            "message": f"{raw.name}: parsing it took too much memory; split it",
        }


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until the parent closes its end."""
    while line := requests.readline():
        header = json.loads(line)
        body = json.dumps(_reply(header, requests.read(header["size"]))).encode("ascii")
        replies.write(b"%d\n" % len(body) + body)
        replies.flush()


def main() -> None:
    """Serve on standard input and output, keeping libraries from printing into the replies."""
    logging.disable(logging.CRITICAL)
    with os.fdopen(os.dup(1), "wb") as replies:
        os.dup2(2, 1)
        serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
