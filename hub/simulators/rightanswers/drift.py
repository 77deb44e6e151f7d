"""RightAnswers' own faults: their kinds, and how they change or replace replies. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from hub.simulators.kit import FaultKind, FaultRule, Reply
from hub.simulators.rightanswers.replies import text

KINDS: Final = (
    FaultKind("token_dropped", "vendor", "all tokens are refused from now on"),
    FaultKind("unlicensed", "instead", "the company is not licensed for web services"),
    FaultKind("html_503", "instead", "503 with a page"),
    FaultKind("text_failure", "instead", "200 with a text that reports a failure"),
    FaultKind("no_id", "shape", "a text that reports success without the id"),
    FaultKind("missing_field", "shape", "`field` is missing"),
    FaultKind("changed_type", "shape", "`field` contains `value`"),
    FaultKind("extra_field", "shape", "an unknown field"),
)


def refuse(rule: FaultRule) -> Reply:
    """The refusal that a fault calls for."""
    match rule.kind:
        case "html_503":
            return Reply(503, b"<html><body>Service unavailable</body></html>", {"Content-Type": "text/html"})
        case "text_failure":
            return text("Could not save solution.User does not have access to template")
    status = int(rule.kind.removeprefix("http_")) if rule.kind.startswith("http_") else 500
    return Reply.json({"error": "An error occurred"}, status)


def reshape(rule: FaultRule, reply: Reply) -> Reply:
    """The reply with each of its solutions changed as the rule's kind says."""
    if rule.kind == "no_id":
        return text("Successfully created solution") if reply.body.startswith(b"Success") else reply
    try:
        document = msgspec.json.decode(reply.body)
    except msgspec.DecodeError:
        return reply
    for item in (document.get("solutions") or [document]) if isinstance(document, dict) else []:
        name = rule.field or "lastModifiedDate"
        if rule.kind == "missing_field":
            item.pop(name, None)
        else:
            item["novelty" if rule.kind == "extra_field" else name] = "new" if rule.value is None else rule.value
    return Reply.json(document, reply.status)
