"""ServiceNow's own faults: what each is called, and the replies that they bend or replace. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from hub.simulators.kit import Kind, Reply, Rule
from hub.simulators.servicenow.replies import Refused, plain

_CUT = "Transaction cancelled: maximum execution time exceeded"
KINDS: Final = (
    Kind("login_refused", "vendor", "401 server_error on login although all is right"),
    Kind("session_dropped", "vendor", "the token is ended: 401"),
    Kind("short_page", "vendor", "a list shows no row of its page, with more to come"),
    Kind("broken_filter", "vendor", "the query's conditions are ignored"),
    Kind("error_inside", "instead", "200 with an error object: the transaction was cancelled"),
    Kind("hibernating", "instead", "200 with the page of a hibernating instance"),
    Kind("business_rule", "instead", "403 by a business rule"),
    Kind("no_access", "instead", "403 by an ACL"),
    Kind("missing_record", "instead", "404 for a record that exists"),
    Kind("unknown_status", "shape", "state holds `value`, which nobody knows"),
    Kind("missing_field", "shape", "the field `field` is gone"),
    Kind("changed_type", "shape", "the field `field` holds a list"),
)


def refuse(rule: Rule) -> Reply:
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


def reshape(rule: Rule, reply: Reply) -> Reply:
    """The reply with each record in it bent as the rule's kind says."""
    if reply.status >= 300 or not reply.body.startswith(b"{"):
        return reply
    document = msgspec.json.decode(reply.body)
    found = document.get("result")
    for record in found if isinstance(found, list) else [found]:
        if isinstance(record, dict):
            _bend(rule, record)
    return Reply(reply.status, msgspec.json.encode(document), reply.headers)


def _bend(rule: Rule, record: dict[str, Any]) -> None:
    if rule.kind == "unknown_status" and "state" in record:
        record["state"] = rule.value or "99"
    elif rule.kind == "missing_field":
        record.pop(rule.field or "sys_updated_on", None)
    elif rule.kind == "changed_type":
        record[rule.field or "state"] = ["1"]
