"""The appliance's own faults: error documents, dropped tokens, limits and hostile XML."""

from __future__ import annotations

from hub.simulators.beyondtrust.auth import denied
from hub.simulators.beyondtrust.xml import error
from hub.simulators.kit import FaultKind, FaultRule, Reply

KINDS = (
    FaultKind("token_dropped", "vendor", "all tokens are revoked, as with a new client secret"),
    FaultKind("error_document", "instead", "HTTP 200 with an error document with the message `value`"),
    FaultKind("json_500", "instead", "HTTP 500 with a JSON message"),
    FaultKind("access_denied", "instead", "401 in JSON although the token is valid"),
    FaultKind("entity_bomb", "shape", "XML that declares entities within entities"),
    FaultKind("outside_entity", "shape", "XML whose entity names a file"),
    FaultKind("unended_xml", "shape", "truncated XML"),
    FaultKind("no_end_time", "shape", "a report whose sessions lack end_time"),
    FaultKind("odd_time", "shape", "a report with invalid times"),
)
_BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><session_list>&b;</session_list>'
_OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><session_list>&a;</session_list>'


def refuse(rule: FaultRule) -> Reply:
    """The refusal that a fault calls for."""
    match rule.kind:
        case "json_500":
            return Reply.json({"message": "Internal error."}, 500)
        case "access_denied":
            return denied()
        case "http_403":
            return Reply.json({"message": "Forbidden"}, 403)
        case "error_document":
            return error(str(rule.value or "Internal error."), "")
    status = int(rule.kind.rpartition("_")[2]) if rule.kind.startswith("http_") else 500
    return Reply.json({"message": "The request could not be completed."}, status)


def reshape(rule: FaultRule, reply: Reply) -> Reply:
    """A reply bent by a fault."""
    data = reply.body
    match rule.kind:
        case "entity_bomb":
            data = _BOMB
        case "outside_entity":
            data = _OUTSIDE
        case "unended_xml":
            data = data[:-5]
        case "no_end_time":
            data = data.replace(b"end_time", b"finish_time")
        case "odd_time":
            data = data.replace(b'timestamp="', b'timestamp="x')
    return Reply(reply.status, data, reply.headers)
