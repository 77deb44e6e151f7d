"""Freshdesk's own faults: their kinds, and how they change or replace replies. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from hub.simulators.freshdesk.replies import Invalid, Refused, unexpected
from hub.simulators.kit import FaultKind, FaultRule, Reply

KINDS: Final = (
    FaultKind("key_refused", "instead", "401 invalid_credentials although the credentials are right"),
    FaultKind("access_denied", "instead", "403 access_denied"),
    FaultKind("account_suspended", "instead", "403 account_suspended"),
    FaultKind("validation", "instead", "400 that refuses the field `field`"),
    FaultKind("conflict", "instead", "409 inconsistent_state"),
    FaultKind("bare_404", "instead", "404 without a body for a record that exists"),
    FaultKind("page_ignored", "vendor", "every page of a list is the first"),
    FaultKind("no_link", "vendor", "a list does not link to its next page"),
    FaultKind("search_empty", "vendor", "the search has not indexed anything yet"),
    FaultKind("expired_link", "vendor", "the address of a file has expired"),
    FaultKind("unknown_status", "shape", "status has the unknown value `value`"),
    FaultKind("missing_field", "shape", "the field `field` is missing"),
    FaultKind("changed_type", "shape", "the field `field` contains a list"),
)


def refuse(rule: FaultRule) -> Reply:
    """The refusal that a fault calls for."""
    match rule.kind:
        case "key_refused":
            return bad_key().reply()
        case "account_suspended":
            return Refused(403, "account_suspended", "Your account has been suspended.").reply()
        case "access_denied" | "http_403":
            return Refused(403, "access_denied", "You are not authorized to perform this action.").reply()
        case "validation":
            return Invalid(unexpected(rule.field or "custom_fields.cf_other")).reply()
        case "conflict":
            return Refused(409, "inconsistent_state", "The resource is in another state").reply()
        case "bare_404":
            return Refused(404).reply()
    return Refused(500, "", "We're sorry, but something went wrong.").reply()


def bad_key() -> Refused:
    """The refusal of a wrong key."""
    return Refused(401, "invalid_credentials", "You have to be logged in to perform this action.")


def reshape(rule: FaultRule, reply: Reply) -> Reply:
    """The reply with each of its records changed as the rule's kind says."""
    if reply.status >= 300 or reply.body[:1] not in {b"{", b"["}:
        return reply
    document = msgspec.json.decode(reply.body)
    rows = document if isinstance(document, list) else document.get("results", [document])
    for row in rows:
        _bend(rule, row)
    return Reply(reply.status, msgspec.json.encode(document), reply.headers)


def _bend(rule: FaultRule, row: dict[str, Any]) -> None:
    if rule.kind == "unknown_status" and "subject" in row:
        row["status"] = rule.value or 99
    elif rule.kind == "missing_field":
        row.pop(rule.field or "updated_at", None)
    elif rule.kind == "changed_type":
        row[rule.field or "status"] = ["2"]
