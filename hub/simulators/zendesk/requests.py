"""Requests: tickets as their requester sees and writes them."""

from __future__ import annotations

import hashlib
from typing import Any

from hub.simulators.kit import Call, Row
from hub.simulators.zendesk import tickets
from hub.simulators.zendesk.files import claim
from hub.simulators.zendesk.replies import invalid, unknown
from hub.simulators.zendesk.state import CLOSED, DELETED, State, User

_SHOWN = ("id", "status", "priority", "type", "subject", "description", "organization_id", "requester_id",
          "assignee_id", "via", "custom_fields", "collaborator_ids", "is_public", "due_at", "created_at",
          "updated_at")  # fmt: skip


def mine(state: State, number: str, by: User) -> Row:
    """A request of this user's."""
    row = state.tickets.get(number)
    if row is None or not is_mine(row, by):
        raise unknown()
    return row


def is_mine(row: Row, by: User) -> bool:
    """Whether the user asked for it, and it is there."""
    return bool(row.values["requester_id"] == by.id) and row.values["status"] != DELETED


def shown(state: State, row: Row, host: str) -> dict[str, Any]:
    """A request as it is told."""
    told = {name: row.values[name] for name in _SHOWN}
    told["fields"] = told["custom_fields"]
    told["can_be_solved_by_me"] = _solvable(row)
    told["url"] = f"http://{host}/api/v2/requests/{row.key}.json"
    return told | ({"priority": None} if state.options.priority_hidden else {})


def create(state: State, call: Call, by: User) -> Row:
    """Store a request: subject, comment, priority, form and fields are taken, all else is ignored."""
    given = tickets.read(call, "request")
    comment = tickets.comment_of(given.get("comment"))
    tickets.check_priority(given.get("priority"))
    subject = given.get("subject")
    if not isinstance(subject, str) or not subject.strip():
        raise invalid(base=("Subject: cannot be blank", "BlankValue"))
    files = claim(state, comment.get("uploads"))
    row = state.add_ticket(
        {
            "subject": subject, "priority": None if state.options.priority_hidden else given.get("priority"),
            "requester_id": by.id, "submitter_id": by.id, "description": comment["body"],
            "custom_fields": tickets.fields_of(state, given, []),
        }
    )  # fmt: skip
    audit = state.audit(row, by, "api", {})
    state.say(row, audit, comment["body"], public=True, files=[state.files[one][0] for one in files])
    sha = hashlib.sha256(call.body).hexdigest()
    tickets.store_case(state, row, by, sha, given)
    for one in files:
        state.record_file(one, row.key, by=by, public=True, sha=sha)
    return row


def update(state: State, row: Row, call: Call, by: User) -> None:
    """Comment, and solve where that is allowed; all else is ignored. A comment opens a solved request again."""
    given = tickets.read(call, "request")
    tickets.may_change(row)
    comment = None if given.get("comment") is None else tickets.comment_of(given["comment"])
    solves = given.get("solved") in (True, "true")
    if solves and not _solvable(row):
        raise invalid(base=("Request: can not be solved by the requester", "InvalidValue"))
    sha = hashlib.sha256(call.body).hexdigest()
    audit = state.audit(row, by, "api", {})
    status = (
        "solved" if solves else "open" if comment and row.values["status"] in {"solved", "pending"} else ""
    )
    changes = {"status": status} if status and status != row.values["status"] else {}
    if comment:
        files = claim(state, comment.get("uploads"))
        tickets.add_comment(state, row, audit, comment["body"], by, public=True, files=files, sha=sha)
    if changes or comment:
        state.change(row, changes)
    if solves and changes:
        state.ledger.store(
            "change", row.key, at=state.clock.now(), by=by.email, parent=row.key, values=changes, sha256=sha
        )


def _solvable(row: Row) -> bool:
    """Assigned, no problem, and not over."""
    values = row.values
    over = values["status"] in {"solved", CLOSED}
    return values["assignee_id"] is not None and values["type"] != "problem" and not over
