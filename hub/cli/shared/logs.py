"""Logging of the command line: text for people or JSON for machines, on stderr, without secrets or tickets' texts."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, Literal

import structlog

from hub.cli.shared.failures import safe_trace
from hub.http.redact import redact

QUIET = ("alembic", "apscheduler", "httpx", "httpcore", "aiohttp", "asyncio", "sqlalchemy", "psycopg")
"""Libraries whose messages could quote addresses or statements; only their warnings are logged."""


def set_up_logging(level: str, form: Literal["text", "json"]) -> None:
    """Send all log records of this process to stderr, from this level on, redacted."""
    handler = logging.StreamHandler(sys.stderr)
    render: Any = structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else _as_text
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[_add_fields], processors=[_redacted, render])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _add_fields(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record: logging.LogRecord = event["_record"]
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return {"time": at, "level": record.levelname.lower(), "logger": record.name, **event}


def _redacted(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The event's own fields, redacted; of an exception only its trace, without messages."""
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    raised = event.pop("exc_info", None)
    error = raised[1] if isinstance(raised, tuple) else raised
    fields = {name: redact(value) if isinstance(value, str) else value for name, value in event.items()}
    if isinstance(error, BaseException):
        fields["trace"] = safe_trace(error)
    return fields


def _as_text(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    line = f"{event['time'][:19].replace('T', ' ')}Z {event['level']:<7} {event['logger']}: {event['event']}"
    return f"{line}\n{event['trace'].rstrip()}" if "trace" in event else line
