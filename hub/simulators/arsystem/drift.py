"""AR System's own faults: their kinds, and how they change or replace replies. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from hub.simulators.arsystem.errors import (
    CHANGED_MEANWHILE,
    NO_ENTRY,
    NO_PERMISSION,
    OTHER_SESSION,
    STATUS_RULE,
    TIMEOUT_ON_READ,
    TIMEOUT_ON_UPDATE,
    ArError,
)
from hub.simulators.kit import FaultKind, FaultRule, Reply

KINDS: Final = (
    FaultKind("token_dropped", "vendor", "the user's tokens are revoked: 401"),
    FaultKind("login_refused", "vendor", "401 on login although the password is right"),
    FaultKind("guest_login", "vendor", "login answers 200 with a guest's token and X-AR-Messages"),
    FaultKind("missing_entry", "instead", "404 with AR 302 for an entry that exists"),
    FaultKind("changed_meanwhile", "instead", "412 with AR 309"),
    FaultKind("refused", "instead", "400 with an error array"),
    FaultKind("ar_93", "instead", "500 with AR 93, a time-out on retrieval"),
    FaultKind("ar_9093", "instead", "500 with AR 9093, the user is connected elsewhere"),
    FaultKind("ar_92", "shape", "500 with AR 92 although the update is stored"),
    FaultKind("repeated_page", "vendor", "the previous page is repeated"),
    FaultKind("empty_page_with_next", "vendor", "no entries, but a next link"),
    FaultKind("missing_next", "vendor", "more entries exist, but there is no next link"),
    FaultKind("shifting_items", "vendor", "pages after the first are shifted by `size` items"),
    FaultKind("page_cap", "vendor", "at most `size` entries whatever the limit says"),
    FaultKind("slow_index", "vendor", "searches find a new incident only after `seconds`"),
    FaultKind("extra_field", "shape", "an unknown field, named `field`"),
    FaultKind("missing_field", "shape", "the field `field` is missing"),
    FaultKind("changed_type", "shape", "the field `field` contains `value`, by default an object"),
    FaultKind("unknown_status", "shape", "Status has the unknown label `value`"),
)

_REFUSALS: Final[dict[str, tuple[int, int, str, str | None]]] = {
    "missing_entry": (404, NO_ENTRY, "Entry does not exist in database", None),
    "changed_meanwhile": (412, CHANGED_MEANWHILE, "Entry has been modified since it was last retrieved", None),
    "refused": (400, STATUS_RULE, "The request was rejected by a rule of this server", "ask the administrator"),
    "ar_93": (500, TIMEOUT_ON_READ, "Timeout during data retrieval due to busy server; retry the operation", None),
    "ar_9093": (500, OTHER_SESSION, "User is currently connected from another machine or session", None),
    "ar_92": (500, TIMEOUT_ON_UPDATE, "Timeout during database update; the operation may have completed", None),
    "http_403": (403, NO_PERMISSION, "You do not have permission for this operation", None),
    "http_500": (500, STATUS_RULE, "An unexpected error occurred in a filter", None),
}


def refuse(rule: FaultRule) -> Reply:
    """The refusal that a fault calls for."""
    return ArError(*_REFUSALS[rule.kind]).reply()


def reshape(rule: FaultRule, reply: Reply) -> Reply:
    """The reply with each entry's values changed; replies that are not JSON objects stay unchanged."""
    if rule.kind == "ar_92":
        return refuse(rule)
    if not reply.body.startswith(b"{"):
        return reply
    document: dict[str, Any] = msgspec.json.decode(reply.body)
    for values in _entries(document):
        _bend(rule, values)
    return Reply(reply.status, msgspec.json.encode(document), reply.headers)


def _entries(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in document.get("entries", [document]):
        if "values" in entry:
            yield entry["values"]


def _bend(rule: FaultRule, values: dict[str, Any]) -> None:
    match rule.kind:
        case "extra_field":
            values[rule.field or "Sentiment Score"] = "0.83" if rule.value is None else rule.value
        case "missing_field":
            values.pop(rule.field or next(iter(values), ""), None)
        case "changed_type":
            values[rule.field or "Status"] = {"value": 4} if rule.value is None else rule.value
        case "unknown_status" if "Status" in values:
            values["Status"] = rule.value or "Awaiting Triage"
