"""Document360's own faults: their kinds, and how they change or replace replies. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from hub.simulators.document360.replies import refusal
from hub.simulators.kit import FaultKind, FaultRule, Reply

KINDS: Final = (
    FaultKind("bad_request", "instead", "400 with an envelope that names the error"),
    FaultKind("not_success", "shape", "200 whose envelope says success: false"),
    FaultKind("no_data", "shape", "200 whose envelope has no data"),
    FaultKind("missing_field", "shape", "`field` is missing from each item of the data"),
    FaultKind("changed_type", "shape", "`field` contains `value` in each item of the data"),
    FaultKind("extra_field", "shape", "an unknown field in each item of the data"),
)


def refuse(rule: FaultRule) -> Reply:
    """The refusal that a fault calls for."""
    if rule.kind == "bad_request":
        return refusal("The request is not valid", "BAD_REQUEST")
    status = int(rule.kind.removeprefix("http_")) if rule.kind.startswith("http_") else 500
    return Reply.json({"message": "An error occurred"}, status)


def reshape(rule: FaultRule, reply: Reply) -> Reply:
    """The reply with its envelope or each item of its data changed as the rule's kind says."""
    if reply.status != 200:
        return reply
    document = msgspec.json.decode(reply.body)
    if rule.kind == "not_success":
        document |= {"success": False, "errors": [{"description": "failed", "error_code": "X"}]}
    elif rule.kind == "no_data":
        del document["data"]
    else:
        data = document["data"]
        items = data.get("hits", [data]) if isinstance(data, dict) else data
        for item in items:
            _bend(rule, item)
    return Reply(200, msgspec.json.encode(document), reply.headers)


def _bend(rule: FaultRule, item: dict[str, Any]) -> None:
    match rule.kind:
        case "missing_field":
            item.pop(rule.field or "id", None)
        case "changed_type":
            item[rule.field or "public_version"] = "many" if rule.value is None else rule.value
        case "extra_field":
            item[rule.field or "novelty"] = rule.value or "new"
