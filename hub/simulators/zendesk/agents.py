"""What agents ask of tickets: one by one, by their external id, with comments and audits."""

from __future__ import annotations

import hashlib
from typing import Any

from hub.simulators.kit import Call, Reply, Row
from hub.simulators.zendesk import lists, tickets
from hub.simulators.zendesk.files import located
from hub.simulators.zendesk.replies import Refused, document, no_such_path, unknown
from hub.simulators.zendesk.state import DELETED, State, User


def answer(state: State, call: Call, by: User, rest: list[str]) -> Reply:
    """What was asked below /tickets."""
    if not rest:
        return _create(state, call, by) if call.method == "POST" else document(_listed(state, call))
    row = state.tickets.get(rest[0])
    if row is None or row.values["status"] == DELETED:
        raise unknown()
    match call.method, rest[1:]:
        case "GET", []:
            return document({"ticket": _shown(call, row)})
        case "PUT", []:
            audit, ignored = tickets.update(state, row, call, by)
            return document(
                {"ticket": _shown(call, row), "audit": _audit(call, audit)}, 200, **_warned(ignored)
            )
        case "GET", ["comments"]:
            return document(lists.comments(state, call, row, public_only=False))
        case "GET", ["audits"]:
            audits = [_audit(call, one) for one in state.audits.get(row.key, [])]
            return document(lists.sliced(call, "audits", audits))
    raise no_such_path()


def _create(state: State, call: Call, by: User) -> Reply:
    """Store a ticket once for each idempotency key, for some hours; then the first answer is given again."""
    key, now = call.headers.get("Idempotency-Key", ""), state.clock.now()
    mark = hashlib.sha256(call.body).hexdigest()
    kept = state.answered.get(key) if key else None
    if kept is not None and kept[0] > now:
        if kept[1] != mark:
            says = "Request parameters don't match the given idempotency key"
            raise Refused(400, "IdempotentRequestError", says)
        return document(kept[2], 201, **{"x-idempotency-lookup": "hit"})
    row, audit, ignored = tickets.create(state, call, by)
    told = {"ticket": _shown(call, row), "audit": _audit(call, audit)}
    headers = _warned(ignored) | {"location": told["ticket"]["url"]}
    if key:
        state.answered[key] = now + state.options.idempotency_seconds, mark, told
        headers["x-idempotency-lookup"] = "miss"
    return document(told, 201, **headers)


def _listed(state: State, call: Call) -> dict[str, Any]:
    wanted = call.query.get("external_id")
    rows = state.tickets.where("external_id", wanted) if wanted is not None else list(state.tickets)
    there = [_shown(call, row) for row in rows if row.values["status"] != DELETED]
    return lists.sliced(call, "tickets", there)


def _shown(call: Call, row: Row) -> dict[str, Any]:
    return {"url": f"http://{call.headers.get('Host', '')}/api/v2/tickets/{row.key}.json"} | lists.shown(row)


def _audit(call: Call, audit: dict[str, Any]) -> dict[str, Any]:
    host = call.headers.get("Host", "")
    events = [
        one | {"attachments": [located(about, host) for about in one["attachments"]]}
        if "attachments" in one
        else one
        for one in audit["events"]
    ]
    return audit | {"events": events}


def _warned(ignored: list[str]) -> dict[str, str]:
    names = ", ".join(f'"ticket.{name}"' for name in ignored)
    return {"x-zendesk-api-warn": f"unpermitted_keys: [{names}]"} if ignored else {}
