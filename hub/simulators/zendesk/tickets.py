"""What becomes of tickets: which fields are taken, what a write is refused for, and the audit that it leaves."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from hub.simulators.kit import Call, Row
from hub.simulators.zendesk.files import claim
from hub.simulators.zendesk.replies import Refused, invalid, too_many
from hub.simulators.zendesk.state import CLOSED, State, User

PRIORITIES = ("urgent", "high", "normal", "low")
TYPES = ("problem", "incident", "question", "task")
STATUSES = ("new", "open", "pending", "hold", "solved", CLOSED)
FIELDS = ("subject", "priority", "type", "status", "external_id", "assignee_id", "group_id", "brand_id",
          "ticket_form_id", "problem_id", "due_at")  # fmt: skip
_TAKEN = frozenset(
    {*FIELDS, "comment", "tags", "additional_tags", "remove_tags", "custom_fields", "requester", "requester_id",
     "metadata", "safe_update", "updated_stamp", "via_followup_source_id", "description", "collaborators"}
)  # fmt: skip
BODY = 65_536  # bytes of a comment


def read(call: Call, name: str) -> dict[str, Any]:
    """The record that a body wraps."""
    try:
        told = msgspec.json.decode(call.body)
    except msgspec.DecodeError:
        raise Refused(400, "Unprocessable Entity", "Server could not parse JSON") from None
    given = told.get(name) if isinstance(told, dict) else None
    if not isinstance(given, dict):
        raise Refused(
            400,
            {
                "title": "Invalid attribute",
                "message": f"You passed an invalid value for the {name} attribute.",
            },
        )
    return given


def create(state: State, call: Call, by: User) -> tuple[Row, dict[str, Any], list[str]]:
    """Store a ticket; the row, its audit, and the keys that were ignored."""
    given = read(call, "ticket")
    comment = _comment(given.get("comment") or {"body": given.get("description")})
    _check(state, given)
    sender = given.get("requester")
    asks = (
        state.requester(str(sender.get("name", "")), str(sender["email"])) if isinstance(sender, dict) else by
    )
    values = {name: given[name] for name in FIELDS if name in given}
    values["status"] = values.get("status") or "new"
    values |= {
        "requester_id": asks.id, "submitter_id": by.id, "description": comment["body"],
        "tags": sorted(given.get("tags") or []), "custom_fields": fields_of(state, given, []),
    }  # fmt: skip
    files = claim(state, comment.get("uploads"))
    row = state.add_ticket(values)
    audit = state.audit(row, by, "api", _custom(given))
    public = comment.get("public", True) is not False
    state.say(row, audit, comment["body"], public=public, files=[state.files[one][0] for one in files])
    audit["events"].append({"id": state.new_id("event", 6164039300000), "type": "Create", "value": values["status"],
                            "field_name": "status"})  # fmt: skip
    sha = hashlib.sha256(call.body).hexdigest()
    store_case(state, row, by, sha, given)
    for one in files:
        state.record_file(one, row.key, by=by, public=public, sha=sha)
    return row, audit, [name for name in given if name not in _TAKEN]


def store_case(state: State, row: Row, by: User, sha: str, given: dict[str, Any]) -> None:
    """Write a new case into the ledger."""
    text = f"{row.values['subject']}\n{row.values['description']}"
    state.ledger.store(
        "case", row.key, at=state.clock.now(), by=by.email, key=state.key_of(row.values) or None, sha256=sha,
        text=text, values=given,
    )  # fmt: skip


def update(state: State, row: Row, call: Call, by: User) -> tuple[dict[str, Any], list[str]]:
    """Change a ticket and comment on it; the audit, and the keys that were ignored."""
    given = read(call, "ticket")
    may_change(row)
    _slow_down(state, row)
    if given.get("safe_update") is True and given.get("updated_stamp") != row.values["updated_at"]:
        raise Refused(409, "UpdateConflict", "Safe Update prevented the update due to outdated ticket data")
    _check(state, given)
    comment = None if given.get("comment") is None else _comment(given["comment"])
    files = claim(state, comment.get("uploads")) if comment else []
    changes = {name: given[name] for name in FIELDS if name in given and given[name] != row.values[name]}
    changes |= _tags(row, given)
    if "custom_fields" in given:
        changes["custom_fields"] = fields_of(state, given, row.values["custom_fields"])
    audit = state.audit(row, by, "api", _custom(given))
    audit["events"] += [
        {"id": state.new_id("event", 6164039300000), "type": "Change", "value": value, "field_name": name,
         "previous_value": row.values[name]}
        for name, value in changes.items()
    ]  # fmt: skip
    state.change(row, changes)
    sha = hashlib.sha256(call.body).hexdigest()
    if comment:
        public = comment.get("public", True) is not False
        add_comment(state, row, audit, comment["body"], by, public=public, files=files, sha=sha)
    if changes:
        state.ledger.store(
            "change", row.key, at=state.clock.now(), by=by.email, parent=row.key, values=changes, sha256=sha
        )
    return audit, [name for name in given if name not in _TAKEN]


def add_comment(
    state: State, row: Row, audit: dict[str, Any], body: str, by: User, *, public: bool, files: list[str], sha: str = ""
) -> str:  # fmt: skip
    """Store a comment and the files that it brings, and write both into the ledger; the comment's id."""
    entry = state.say(row, audit, body, public=public, files=[state.files[one][0] for one in files])
    state.ledger.store(
        "note", str(entry["id"]), at=state.clock.now(), by=by.email, parent=row.key, text=body, public=public,
        sha256=sha or None,
    )  # fmt: skip
    for one in files:
        state.record_file(one, row.key, by=by, public=public, sha=sha)
    return str(entry["id"])


def may_change(row: Row) -> None:
    """Refused for a closed ticket."""
    if row.values["status"] == CLOSED:
        raise invalid(status=("Status: closed prevents ticket update", "InvalidStatus"))


def comment_of(given: Any) -> dict[str, Any]:
    """A comment as a request brings it."""
    return _comment(given)


def check_priority(value: Any) -> None:
    """Refused for a word that is no priority."""
    if value is not None and value not in PRIORITIES:
        raise invalid(priority=(f"Priority: {value} is not a valid priority", "InvalidValue"))


def fields_of(state: State, given: dict[str, Any], held: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Values of the account's custom fields; others are ignored."""
    told = given.get("custom_fields") or []
    values = {one["id"]: one["value"] for one in held} or dict.fromkeys(state.seeds.custom_fields)
    for one in told if isinstance(told, list) else []:
        if isinstance(one, dict) and one.get("id") in state.seeds.custom_fields:
            values[one["id"]] = one.get("value")
    return [{"id": ident, "value": value} for ident, value in values.items()]


def _comment(given: Any) -> dict[str, Any]:
    body = given.get("body") if isinstance(given, dict) else None
    if not isinstance(body, str) or not body.strip():
        raise invalid(base=("Description: cannot be blank", "BlankValue"))
    if len(body.encode()) > BODY:
        raise invalid(comment=("Comment: is too long", "TooLong"))
    return dict(given)


def _check(state: State, given: dict[str, Any]) -> None:  # noqa: ARG001 - the same shape as its siblings
    check_priority(given.get("priority"))
    for name, allowed in (("type", TYPES), ("status", STATUSES)):
        if given.get(name) is not None and given[name] not in allowed:
            raise invalid(**{name: (f"{name.capitalize()}: {given[name]} is not valid", "InvalidValue")})
    if "subject" in given and not isinstance(given["subject"], str):
        raise invalid(subject=("Subject: is not valid", "InvalidValue"))


def _custom(given: dict[str, Any]) -> dict[str, Any]:
    held = given.get("metadata")
    return held if isinstance(held, dict) else {}


def _tags(row: Row, given: dict[str, Any]) -> dict[str, Any]:
    have = set(row.values["tags"])
    want = set(given["tags"]) if isinstance(given.get("tags"), list) else have
    want = (want | set(given.get("additional_tags") or [])) - set(given.get("remove_tags") or [])
    return {"tags": sorted(want)} if want != have else {}


def _slow_down(state: State, row: Row) -> None:
    limit, now = state.options.updates_in_ten_minutes, state.clock.now()
    times = state.written[row.key] = [at for at in state.written.get(row.key, []) if at > now - 600]
    if limit and len(times) >= limit:
        raise too_many(int(times[0] + 600 - now) + 1)
    times.append(now)
