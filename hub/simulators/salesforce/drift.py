"""Salesforce's own faults: their kinds, and how they change or replace replies. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from hub.simulators.kit import FaultKind, FaultRule, Reply
from hub.simulators.salesforce.errors import SfError

KINDS: Final = (
    FaultKind("session_dropped", "vendor", "the user's sessions are ended: 401 INVALID_SESSION_ID"),
    FaultKind("login_refused", "vendor", "400 invalid_grant on login although the credentials are right"),
    FaultKind("other_instance", "vendor", "the token's instance_url names another host, by default `value`"),
    FaultKind("no_instance", "vendor", "the token has no instance_url"),
    FaultKind("small_batch", "vendor", "a query returns at most `size` rows at a time"),
    FaultKind("slow_index", "vendor", "queries find a new case only after `seconds`"),
    FaultKind("late_row", "vendor", "a new case appears after `seconds`, with the current time stamp"),
    FaultKind("several_matches", "instead", "300 with a list of records for an upsert"),
    FaultKind("duplicate_race", "instead", "400 DUPLICATE_VALUE, as for an upsert that lost a race"),
    FaultKind("request_limit", "instead", "403 REQUEST_LIMIT_EXCEEDED"),
    FaultKind("no_access", "instead", "403 INSUFFICIENT_ACCESS"),
    FaultKind("api_disabled", "instead", "403 API_DISABLED_FOR_ORG"),
    FaultKind("row_lock", "instead", "400 UNABLE_TO_LOCK_ROW"),
    FaultKind("query_timeout", "instead", "400 QUERY_TIMEOUT"),
    FaultKind("locator_gone", "instead", "400 INVALID_QUERY_LOCATOR"),
    FaultKind("validation_rule", "instead", "400 FIELD_CUSTOM_VALIDATION_EXCEPTION"),
    FaultKind("entity_deleted", "instead", "404 ENTITY_IS_DELETED"),
    FaultKind("missing_record", "instead", "404 NOT_FOUND for a record that exists"),
    FaultKind("bare_404", "instead", "404 with a page instead of Salesforce's own error"),
    FaultKind("not_acceptable", "instead", "406 without a reason, as happens at times"),
    FaultKind("status_420", "instead", "420 without a reason"),
    FaultKind("server_unavailable", "instead", "503 SERVER_UNAVAILABLE"),
    FaultKind("unknown_status", "shape", "Status has the unknown label `value`"),
    FaultKind("unknown_priority", "shape", "Priority has the unknown label `value`"),
    FaultKind("extra_field", "shape", "an unknown field, named `field`"),
    FaultKind("missing_field", "shape", "the field `field` is missing"),
    FaultKind("changed_type", "shape", "the field `field` contains `value`, by default an object"),
)

_REFUSALS: Final[dict[str, tuple[int, str, str]]] = {
    "duplicate_race": (400, "DUPLICATE_VALUE", "duplicate value found: a field duplicates value on record"),
    "request_limit": (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    "no_access": (403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id"),
    "http_403": (403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id"),
    "api_disabled": (403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."),
    "row_lock": (400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
    "query_timeout": (400, "QUERY_TIMEOUT", "Your query request was running for too long."),
    "locator_gone": (400, "INVALID_QUERY_LOCATOR", "invalid query locator"),
    "validation_rule": (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "This case can not be changed by partners"),
    "entity_deleted": (404, "ENTITY_IS_DELETED", "entity is deleted"),
    "missing_record": (404, "NOT_FOUND", "The requested resource does not exist"),
    "server_unavailable": (503, "SERVER_UNAVAILABLE", "The server is temporarily unavailable"),
    "http_500": (500, "UNKNOWN_EXCEPTION", "An unexpected error occurred"),
}


def refuse(rule: FaultRule) -> Reply:
    """The refusal that a fault calls for."""
    match rule.kind:
        case "several_matches":
            urls = [f"/services/data/v62.0/sobjects/Case/5005e0000000{n}AAA" for n in (1, 2)]
            return Reply(300, msgspec.json.encode(urls), {"Content-Type": "application/json"})
        case "bare_404":
            return Reply(404, b"<html><body>URL No Longer Exists</body></html>", {"Content-Type": "text/html"})
        case "not_acceptable":
            return Reply(406)
        case "status_420":
            return Reply(420)
    return SfError(*_REFUSALS.get(rule.kind, _REFUSALS["http_500"])).reply()


def reshape(rule: FaultRule, reply: Reply) -> Reply:
    """The reply with each of its records changed as the rule's kind says."""
    if reply.status >= 300 or not reply.body:
        return reply
    document = msgspec.json.decode(reply.body)
    records = document.get("records", [document]) if isinstance(document, dict) else []
    for record in records:
        _bend(rule, record)
    return Reply(reply.status, msgspec.json.encode(document), reply.headers)


def _bend(rule: FaultRule, record: dict[str, Any]) -> None:
    match rule.kind:
        case "unknown_status":
            record["Status"] = rule.value or "Under the moon"
        case "unknown_priority":
            record["Priority"] = rule.value or "Whenever"
        case "extra_field":
            record[rule.field or "Novelty__c"] = rule.value or "new"
        case "missing_field":
            record.pop(rule.field or "Status", None)
        case "changed_type":
            record[rule.field or "Status"] = {"value": 1} if rule.value is None else rule.value
