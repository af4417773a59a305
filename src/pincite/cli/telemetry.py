"""What the settings say about metrics, traces and logs of a process that answers."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pincite.errors import MissingExtraError
from pincite.settings import Settings

if TYPE_CHECKING:
    from pincite.serve.watch.telemetry import Telemetry, Tracer

logger = logging.getLogger(__name__)


@contextmanager
def telemetry_of(settings: Settings) -> Iterator["Telemetry"]:
    """Yield what the surfaces tell what they do; traces are flushed when the block ends.

    Raises:
        MissingExtraError: If ``PINCITE_OTEL`` asks for traces and the extra is not installed.
    """
    from pincite.serve.watch.telemetry import NoTracer, Telemetry

    with _tracer(settings) as tracer:
        yield Telemetry(tracer=tracer or NoTracer(), log_questions=settings.log_questions)


@contextmanager
def _tracer(settings: Settings) -> Iterator["Tracer | None"]:
    if not settings.traces:
        yield None
        return
    try:
        from pincite.serve.watch.tracing import tracing
    except ModuleNotFoundError as exc:
        missing = "the traces need an extra that is not installed: pip install 'pincite[otel]'"
        if settings.otel:
            raise MissingExtraError(missing) from exc
        # The variable may be there for other programs.
        logger.warning("OTEL_EXPORTER_OTLP_ENDPOINT is set, but %s", missing)
        yield None
        return
    with tracing() as tracer:
        yield tracer
