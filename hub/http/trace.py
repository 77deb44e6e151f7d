"""W3C trace ids: all calls of one operation carry the same id.

Source: W3C Trace Context (https://www.w3.org/TR/trace-context/), version 00 of the `traceparent` header.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from hub.errors import BadInput

_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")

current_trace: ContextVar[str] = ContextVar("current_trace", default="")
"""The current trace id: 32 hexadecimal digits, or empty when none is set."""


def new_trace_id() -> str:
    """A new trace id: 32 hexadecimal digits, never all zero."""
    return secrets.token_hex(16)


@contextmanager
def trace(trace_id: str) -> Iterator[str]:
    """Send this trace id with each call inside the block; raises BadInput unless it is 32 hex digits."""
    if not _TRACE_ID.fullmatch(trace_id):
        raise BadInput("the trace id is not 32 lower-case hexadecimal digits", next_step="use new_trace_id()")
    token = current_trace.set(trace_id)
    try:
        yield trace_id
    finally:
        current_trace.reset(token)


def traceparent(trace_id: str) -> str:
    """The header's value for one call: the trace id and a new span id, marked as sampled."""
    return f"00-{trace_id}-{secrets.token_hex(8)}-01"
