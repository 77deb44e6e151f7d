"""Zendesk's own faults: their kinds, and how they change or replace replies. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from hub.simulators.kit import FaultKind, FaultRule, Reply
from hub.simulators.zendesk.replies import Refused, document, forbidden, invalid, missing, unknown_caller

KINDS: Final = (
    FaultKind("key_refused", "instead", "401 although the credentials are right"),
    FaultKind("forbidden_object", "instead", "403 whose error is an object"),
    FaultKind("scope_missing", "instead", "403 that names a scope"),
    FaultKind("validation", "instead", "422 that refuses the field `field`"),
    FaultKind("conflict", "instead", "409 as for a concurrent change"),
    FaultKind("record_gone", "instead", "404 for a record that exists"),
    FaultKind("too_many_values", "instead", "400 TooManyValues"),
    FaultKind("maintenance", "instead", "503 with Retry-After"),
    FaultKind("rate_limited", "instead", "429 in the account's own words, with Retry-After: `seconds`"),
    FaultKind("session_dropped", "vendor", "all OAuth tokens end before the call"),
    FaultKind("key_forgotten", "vendor", "an Idempotency-Key is not remembered"),
    FaultKind("page_ignored", "vendor", "every page of a list is the first"),
    FaultKind("cursor_lost", "vendor", "a cursor is refused as invalid"),
    FaultKind("search_empty", "vendor", "the search has not indexed anything yet"),
    FaultKind("file_gone", "vendor", "404 for the address of a file"),
    FaultKind("unknown_status", "shape", "status has the unknown value `value`"),
    FaultKind("missing_field", "shape", "the field `field` is missing"),
    FaultKind("changed_type", "shape", "the field `field` contains a list"),
)
_RECORDS = ("tickets", "requests", "results", "comments", "articles", "ticket", "request", "article", "upload")


def refuse(rule: FaultRule) -> Reply:
    """The refusal that a fault calls for."""
    match rule.kind:
        case "key_refused":
            return unknown_caller().reply()
        case "forbidden_object":
            return forbidden(nested=True).reply()
        case "scope_missing":
            return Refused(403, "Forbidden", "Missing the following required scopes: read").reply()
        case "http_403":
            return forbidden().reply()
        case "validation":
            return invalid(rule.field or "base", "InvalidValue", f"{rule.field or 'Value'}: is invalid").reply()
        case "conflict":
            return Refused(409, "Conflict", "The record was changed by somebody else").reply()
        case "record_gone":
            return missing().reply()
        case "too_many_values":
            return Refused(400, "TooManyValues", "Too many values", max_count=100).reply()
        case "maintenance":
            wait = f"{1 if rule.seconds is None else rule.seconds:g}"
            return document({"error": "ServiceUnavailable"}, 503, **{"Retry-After": wait})
        case "rate_limited":
            return busy(1 if rule.seconds is None else int(rule.seconds)).reply()
    return Refused(500, "InternalError", "Something went wrong").reply()


def busy(seconds: int) -> Refused:
    """The refusal of a call beyond the rate limit."""
    made = Refused(429, "APIRateLimitExceeded", "Number of allowed API requests per minute exceeded")
    made.headers["Retry-After"] = str(seconds)
    return made


def reshape(rule: FaultRule, reply: Reply) -> Reply:
    """The reply with each of its records changed as the rule's kind says."""
    if reply.status >= 300 or reply.body[:1] != b"{":
        return reply
    body = msgspec.json.decode(reply.body)
    for name in _RECORDS:
        records = body.get(name)
        for row in records if isinstance(records, list) else [records] if isinstance(records, dict) else []:
            _bend(rule, row)
    return Reply(reply.status, msgspec.json.encode(body), reply.headers)


def _bend(rule: FaultRule, row: dict[str, Any]) -> None:
    if rule.kind == "unknown_status" and "status" in row:
        row["status"] = rule.value or "waiting_for_godot"
    elif rule.kind == "missing_field":
        row.pop(rule.field or "updated_at", None)
    elif rule.kind == "changed_type":
        row[rule.field or "status"] = ["open"]
