"""ServiceNow's own faults: their kinds, and how they change or replace replies. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from hub.simulators.kit import FaultKind, FaultRule, Reply
from hub.simulators.servicenow.replies import Refused, plain

_CUT = "Transaction cancelled: maximum execution time exceeded"
KINDS: Final = (
    FaultKind("login_refused", "vendor", "401 server_error on login although the credentials are right"),
    FaultKind("session_dropped", "vendor", "the token is ended: 401"),
    FaultKind("short_page", "vendor", "a list shows no row of its page, although more exist"),
    FaultKind("broken_filter", "vendor", "the query's conditions are ignored"),
    FaultKind("error_inside", "instead", "200 with an error object: the transaction was cancelled"),
    FaultKind("hibernating", "instead", "200 with the page of a hibernating instance"),
    FaultKind("business_rule", "instead", "403 by a business rule"),
    FaultKind("no_access", "instead", "403 by an ACL"),
    FaultKind("missing_record", "instead", "404 for a record that exists"),
    FaultKind("unknown_status", "shape", "state has the unknown value `value`"),
    FaultKind("missing_field", "shape", "the field `field` is missing"),
    FaultKind("changed_type", "shape", "the field `field` contains a list"),
)


def refuse(rule: FaultRule) -> Reply:
    """The refusal that a fault calls for."""
    match rule.kind:
        case "error_inside":
            return plain({"error": {"message": _CUT, "detail": _CUT}, "status": "failure"})
        case "hibernating":
            return Reply(200, b"<html><body>Your instance is hibernating</body></html>", {"Content-Type": "text/html"})
        case "business_rule":
            detail = "Operation against file 'sn_customerservice_case' was aborted by Business Rule 'Abort'"
            return Refused(403, "Operation Failed", detail).reply()
        case "no_access" | "http_403":
            return Refused(403, "User Not Authorized", "Failed API level ACL Validation").reply()
        case "missing_record":
            return Refused(404, "No Record found", "Record doesn't exist").reply()
    return Refused(500, "Script error", "").reply()


def reshape(rule: FaultRule, reply: Reply) -> Reply:
    """The reply with each of its records changed as the rule's kind says."""
    if reply.status >= 300 or not reply.body.startswith(b"{"):
        return reply
    document = msgspec.json.decode(reply.body)
    result = document.get("result")
    for record in result if isinstance(result, list) else [result]:
        if isinstance(record, dict):
            _bend(rule, record)
    return Reply(reply.status, msgspec.json.encode(document), reply.headers)


def _bend(rule: FaultRule, record: dict[str, Any]) -> None:
    if rule.kind == "unknown_status" and "state" in record:
        record["state"] = rule.value or "99"
    elif rule.kind == "missing_field":
        record.pop(rule.field or "sys_updated_on", None)
    elif rule.kind == "changed_type":
        record[rule.field or "state"] = ["1"]
