"""The way to a vendor's API: an account's client, connection and login, and what became of its writes."""

from hub.http.auth import Auth, BasicAuth, BearerAuth, Call, HeaderAuth, OAuthLogin, SessionLogin
from hub.http.body import MultipartPart
from hub.http.client import Client
from hub.http.connection import Connection
from hub.http.redact import mask_url, redact
from hub.http.reply import Reply
from hub.http.trace import current_trace, new_trace_id, trace
from hub.http.writes import Captured, Outgoing, capture_writes, guard_writes, watch_writes

__all__ = [
    "Auth",
    "BasicAuth",
    "BearerAuth",
    "Call",
    "Captured",
    "Client",
    "Connection",
    "HeaderAuth",
    "MultipartPart",
    "OAuthLogin",
    "Outgoing",
    "Reply",
    "SessionLogin",
    "capture_writes",
    "current_trace",
    "guard_writes",
    "mask_url",
    "new_trace_id",
    "redact",
    "trace",
    "watch_writes",
]
