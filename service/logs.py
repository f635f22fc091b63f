"""JSON lines from an allow-list of events and fields: what is not listed here cannot be logged.

The words of a person, a path, a query, a header or an exception's message are in no field, so that no mistake
elsewhere can let them out.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

EVENTS = frozenset(
    {
        "request",
        "failure",
        "library",
        "starting",
        "serving",
        "stopping",
        "stopped",
        "catalogue_taken",
        "catalogue_refused",
        "sign_in",
        "sign_in_refused",
        "sign_out",
    }
)
FIELDS: Mapping[str, str] = {
    "time": "when, UTC",
    "level": "info, warning or error",
    "event": "what happened",
    "request_id": "random, also in the answer's X-Request-Id header",
    "response_id": "the answer's id, for outcomes",
    "method": "HTTP method",
    "route": "the route's template, never the path",
    "status": "HTTP status",
    "duration_ms": "from the first byte read to the last byte written",
    "caller": "the key's id, or local",
    "count": "how many suggestions, services or consultations",
    "engine": "version of the engine",
    "catalogue": "version of the catalogue",
    "settings": "fingerprint of the settings",
    "as_of": "the day answered for",
    "reason": "a code of ours, never words",
    "error": "the type of an exception, never its message",
    "where": "file and line an exception came from",
    "logger": "the library that logged",
    "address": "where the service listens",
    "workers": "how many processes answer",
    "worker": "process id",
}
"""Every field with its meaning; the operators' guide lists them."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def only_listed(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field and every event name that is not on the list."""
    kept = {field: event[field] for field in FIELDS if field in event}
    kept["event"] = event["event"] if event.get("event") in EVENTS else "library"
    return kept


def place_of(error: BaseException) -> str:
    """The file and line that raised, without the message."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"


class _Library(logging.Handler):
    """What other libraries log, by name, level and place only: their messages may quote anything."""

    def emit(self, record: logging.LogRecord) -> None:
        event = {"logger": record.name, "where": f"{record.filename}:{record.lineno}"}
        if record.exc_info and record.exc_info[0]:
            event["error"] = record.exc_info[0].__name__
        log(record.levelname.lower(), "library", **event)


def configure(stream: TextIO | None = None) -> None:
    """Log to ``stream`` (standard error when left out), libraries included, from warnings on."""
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            only_listed,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_Library()]
    root.setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], name != "uvicorn.access"


def log(level: str, event: str, **fields: Any) -> None:
    """Write one line. Fields that are not listed in :data:`FIELDS` are dropped."""
    structlog.get_logger().info(event, level=level, **fields)
