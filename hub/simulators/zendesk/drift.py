"""Zendesk's own faults: what each is called, and the replies that they bend or replace. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from hub.simulators.kit import Kind, Reply, Rule
from hub.simulators.zendesk.replies import Refused, forbidden, invalid, out_of_scope, too_many, unauthorized

KINDS: Final = (
    Kind("key_refused", "instead", "401 although all is right"),
    Kind("scope_missing", "instead", "403 that names a scope"),
    Kind("conflict", "instead", "409 of a change by somebody else"),
    Kind("validation", "instead", "422 that refuses the field `field`"),
    Kind("busy", "instead", "429 in the account's own words"),
    Kind("cursor_stuck", "vendor", "an export's cursor does not move, and there is more"),
    Kind("search_empty", "vendor", "the search has not indexed anything yet"),
    Kind("unknown_status", "shape", "status holds `value`, which nobody knows"),
    Kind("missing_field", "shape", "the field `field` is gone"),
    Kind("changed_type", "shape", "the field `field` holds a list"),
)
_LISTS = ("tickets", "requests", "comments", "articles", "results")


def refuse(rule: Rule) -> Reply:
    """The refusal that a fault calls for."""
    match rule.kind:
        case "key_refused":
            return unauthorized().reply()
        case "scope_missing":
            return out_of_scope("read").reply()
        case "http_403":
            return forbidden().reply()
        case "conflict":
            return Refused(409, "DatabaseConflict", "The record was changed by another process").reply()
        case "validation":
            return invalid(**{rule.field or "base": ("The value is not valid", "InvalidValue")}).reply()
        case "busy":
            return too_many(37).reply()
    return Refused(500, "InternalError", "We're sorry, but something went wrong.").reply()


def reshape(rule: Rule, reply: Reply) -> Reply:
    """The reply with each record in it bent as the rule's kind says."""
    if reply.status >= 300 or reply.body[:1] != b"{":
        return reply
    told = msgspec.json.decode(reply.body)
    rows = [row for name in _LISTS for row in told.get(name, [])]
    rows += [told[name] for name in ("ticket", "request", "article") if name in told]
    for row in rows:
        _bend(rule, row)
    return Reply(reply.status, msgspec.json.encode(told), reply.headers)


def _bend(rule: Rule, row: dict[str, Any]) -> None:
    if rule.kind == "unknown_status" and "subject" in row:
        row["status"] = rule.value or "on_the_moon"
    elif rule.kind == "missing_field":
        row.pop(rule.field or "updated_at", None)
    elif rule.kind == "changed_type":
        row[rule.field or "status"] = ["open"]
