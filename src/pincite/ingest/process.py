"""The parent's side of the parser process: started when needed, killed when it takes too long."""

import json
import re
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, fields
from threading import Event, Lock, Timer
from typing import IO, Any

from pincite.errors import ParseError, ParseTimeoutError, SourceError
from pincite.ingest.child import Limits
from pincite.ingest.clean import one_line
from pincite.records import ParsedDocument, RawSource

# -P: a folder of documents that happens to be the working directory is no place to import from.
_COMMAND = [sys.executable, "-P", "-W", "ignore", "-m", "pincite.ingest.child"]
_GRACE = 5.0
_NO_MEMORY = re.compile(r"MemoryError|bad_alloc|[Oo]ut of memory")
_ERRORS: dict[str, type[SourceError]] = {
    error.code: error for error in SourceError.__subclasses__()
}


class ParserProcess:
    """One long-lived child that parses documents, one at a time, whatever the calling thread."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._complaints: IO[bytes] | None = None

    def parse(self, raw: RawSource) -> ParsedDocument:
        """Parse a document in the child.

        Raises:
            ParseTimeoutError: If it took more time or memory than the limits allow.
            ParseError: If the parser crashed on it.
            SourceError: Whatever else the parser found wrong.
        """
        with self._lock:
            reply = self._ask(raw)
        if "document" in reply:
            return ParsedDocument(**reply["document"])
        raise _ERRORS[reply["code"]](reply["message"])

    def close(self) -> None:
        """End the child; the next document would start another."""
        with self._lock:
            self._end(grace=0)

    def _ask(self, raw: RawSource) -> Any:
        process = self._running()
        late = Event()

        def kill() -> None:
            late.set()
            process.kill()

        timer = Timer(self._limits.wall_seconds, kill)
        timer.start()
        reply = b""
        try:
            reply = self._exchange(process, raw)
        finally:
            timer.cancel()
            if not reply:
                # Crashed, killed or interrupted: what it would still say answers no question.
                complaint = self._end(grace=_GRACE if sys.exc_info()[0] is None else 0)
        if not reply:
            raise self._fault(raw.name, process.returncode, complaint, late=late.is_set())
        return json.loads(reply)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            # It died between two documents, which is not this one's fault.
            self._end(grace=0)
        if self._process is None:
            self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the child)
            self._process = subprocess.Popen(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                # Ctrl-C is for the parent alone.
                start_new_session=True,
            )
        return self._process

    def _exchange(self, process: subprocess.Popen[bytes], raw: RawSource) -> bytes:
        """Send a document and read the reply; empty if the child went away."""
        assert process.stdin is not None and process.stdout is not None
        about = {
            field.name: getattr(raw, field.name) for field in fields(raw) if field.name != "data"
        }
        header = {"raw": about, "size": len(raw.data), "limits": asdict(self._limits)}
        try:
            process.stdin.write(json.dumps(header).encode("ascii") + b"\n" + raw.data)
            process.stdin.flush()
        except BrokenPipeError:
            return b""
        length = process.stdout.readline()
        body = process.stdout.read(int(length)) if length.endswith(b"\n") else b""
        return body if length and len(body) == int(length) else b""

    def _end(self, *, grace: float) -> str:
        """End the child, after waiting for it to end by itself; return its last complaint."""
        process, complaints = self._process, self._complaints
        self._process = self._complaints = None
        if process is None or complaints is None:
            return ""
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):
                if pipe is not None:
                    pipe.close()
        with complaints:
            complaints.seek(max(0, complaints.seek(0, 2) - 2000))
            lines = complaints.read().decode("utf-8", errors="replace").split("\n")
        return next((one_line(line) for line in reversed(lines) if line.strip()), "")

    def _fault(self, name: str, status: int, complaint: str, *, late: bool) -> SourceError:
        if late:
            return ParseTimeoutError(
                f"{name}: not parsed within {self._limits.wall_seconds:g} s; split or simplify it"
            )
        died_of = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        if died_of == "SIGXCPU":
            return ParseTimeoutError(
                f"{name}: parsing it took more than {self._limits.cpu_seconds} s of processor "
                "time; split or simplify it"
            )
        if died_of == "SIGKILL" or _NO_MEMORY.search(complaint):
            return ParseTimeoutError(f"{name}: parsing it took too much memory; split it")
        return ParseError(
            f"{name}: the parser crashed on it ({died_of}{': ' if complaint else ''}{complaint}); "
            "the file may be damaged or too complex: open it and save it again"
        )
