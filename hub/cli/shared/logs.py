"""Logging of the command line: lines for people or JSON for machines, on stderr, without secrets or texts."""

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
"""Libraries whose chatter could quote addresses or statements; only their warnings are logged."""


def set_up_logging(level: str, form: Literal["text", "json"]) -> None:
    """Send all log records of this process to stderr, from this level on, redacted."""
    handler = logging.StreamHandler(sys.stderr)
    render: Any = structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else _as_text
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[_known], processors=[_told_safely, render])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _known(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record: logging.LogRecord = event["_record"]
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return {"time": at, "level": record.levelname.lower(), "logger": record.name, **event}


def _told_safely(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The event's own fields, redacted; of an exception only where it comes from."""
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    trouble = event.pop("exc_info", None)
    error = trouble[1] if isinstance(trouble, tuple) else trouble
    told = {name: redact(value) if isinstance(value, str) else value for name, value in event.items()}
    if isinstance(error, BaseException):
        told["trace"] = safe_trace(error)
    return told


def _as_text(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    line = f"{event['time'][:19].replace('T', ' ')}Z {event['level']:<7} {event['logger']}: {event['event']}"
    return f"{line}\n{event['trace'].rstrip()}" if "trace" in event else line
