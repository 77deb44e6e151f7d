"""Creates and changes tickets: the accepted keys, the reasons for refusing a write, and its audit."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from hub.simulators.kit import Call, Reply, Row
from hub.simulators.zendesk import shapes, uploads
from hub.simulators.zendesk.paging import root
from hub.simulators.zendesk.replies import Refused, document, invalid
from hub.simulators.zendesk.state import State

STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
_ALLOWED: dict[str, tuple[Any, ...]] = {
    "status": STATUSES,
    "priority": ("urgent", "high", "normal", "low", None),
    "type": ("problem", "incident", "question", "task", None),
}
_FIELDS = frozenset(
    {
        "subject",
        "external_id",
        "priority",
        "type",
        "status",
        "assignee_id",
        "group_id",
        "organization_id",
        "tags",
        "custom_fields",
        "due_at",
        "collaborator_ids",
        "follower_ids",
        "ticket_form_id",
        "brand_id",
        "problem_id",
        "requester_id",
        "submitter_id",
        "custom_status_id",
        "recipient",
    }
)
_ORDERS = frozenset(
    {
        "comment",
        "requester",
        "metadata",
        "description",
        "additional_tags",
        "remove_tags",
        "safe_update",
        "updated_stamp",
        "via_followup_source_id",
        "email_ccs",
        "followers",
        "collaborators",
    }
)
_KEY_LENGTH, _BODY = 255, 65_536


def body_of(call: Call, name: str) -> dict[str, Any]:
    """The object under this name in a write; Refused when it can't be read."""
    try:
        given = msgspec.json.decode(call.body or b"{}")
    except msgspec.DecodeError:
        raise Refused(400, "InvalidJSON", "The request body is not valid JSON") from None
    fields = given.get(name) if isinstance(given, dict) else None
    if not isinstance(fields, dict):
        raise Refused(400, {"title": "Invalid attribute", "message": f"Parameter {name} is required"})
    return fields


def create_once(state: State, call: Call, by: int, replies: dict[str, tuple[float, str, Reply]]) -> Reply:
    """Store a ticket, or repeat the earlier reply if its Idempotency-Key is still remembered for the same body."""
    key = call.headers.get("Idempotency-Key", "")
    if not key:
        return create(state, call, by)
    if len(key) > _KEY_LENGTH:
        raise Refused(400, "IdempotentRequestError", "Idempotency key is too long")
    said = hashlib.sha256(call.body).hexdigest()
    at, before, reply = replies.get(key, (0.0, "", Reply(0)))
    if before and state.clock.now() < at + state.options.key_seconds and "key_forgotten" not in call.faults:
        if before != said:
            says = "Request parameters don't match the given idempotency key"
            raise Refused(400, "IdempotentRequestError", says)
        return Reply(reply.status, reply.body, reply.headers | {"x-idempotency-lookup": "hit"})
    made = create(state, call, by)
    replies[key] = (state.clock.now(), said, made)
    return Reply(made.status, made.body, made.headers | {"x-idempotency-lookup": "miss"})


def create(state: State, call: Call, by: int) -> Reply:
    """Store a ticket with its first comment."""
    given = body_of(call, "ticket")
    comment = given.get("comment") or ({"body": given["description"]} if given.get("description") else None)
    if comment is None:
        raise invalid("base", "BlankValue", "Description: cannot be blank")
    text = check_comment(state, comment)
    check(given)
    values = _values(state, given, {"tags": []})
    asks = given.get("requester")
    if isinstance(asks, dict) and asks.get("email"):
        values["requester_id"] = state.user_of(asks["email"], asks.get("name", ""))
    row, audit = store(state, call, values | {"submitter_id": by}, comment, text, by, given.get("metadata"))
    place = f"{root(call)}/api/v2/tickets/{row.key}.json"
    made = document({"ticket": shapes.ticket(call, row), "audit": shapes.audit(call, audit)}, 201, location=place)
    return warned(made, given, "ticket", _FIELDS | _ORDERS)


def store(
    state: State,
    call: Call,
    values: dict[str, Any],
    comment: dict[str, Any],
    text: str,
    by: int,
    custom: dict[str, Any] | None = None,
) -> tuple[Row, dict[str, Any]]:
    """Store a ticket, its comment, files and audit, and enter them into the ledger."""
    public = comment.get("public", True)
    values = {"subject": text[:80], **values, "description": text, "is_public": public}
    if "assignee_id" in values and values["assignee_id"] and values.get("status", "new") == "new":
        values["status"] = "open"
    tokens = uploads.claim(state, comment)
    row, sha = state.add_ticket(values), hashlib.sha256(call.body).hexdigest()
    ident = state.new_id()
    files = [state.files[file_token][0] for file_token in tokens]
    said = state.add_comment(
        row, text, public=public, by=by, audit=ident, files=files, html=comment.get("html_body", "")
    )
    change = {"id": state.new_id(), "type": "Create", "value": row.values["status"], "field_name": "status"}
    audit = state.audit(row, [said, change], by=by, custom=custom, ident=ident)
    state.ledger.store(
        "case",
        row.key,
        at=state.clock.now(),
        by=str(by),
        sha256=sha,
        key=state.key_of(row) or None,
        values=values,
        text=f"{row.values['subject']}\n{text}",
    )
    for file_token in tokens:
        state.record_file(file_token, row.key, by=by, public=public, sha=sha)
    return row, audit


def update(state: State, row: Row, call: Call, by: int) -> Reply:
    """Change a ticket; Refused for a closed ticket, a wrong value, or a conflicting change."""
    given = body_of(call, "ticket")
    if given.get("safe_update") in (True, "true") and given.get("updated_stamp") != row.values["updated_at"]:
        raise Refused(409, "UpdateConflict", "Safe Update prevented the update due to outdated ticket data")
    may_change(row)
    check(given)
    comment = given.get("comment")
    text = check_comment(state, comment) if comment is not None else ""
    values = _values(state, given, row.values)
    events = apply(state, row, call, values, comment, text, by, given.get("metadata"))
    made = document({"ticket": shapes.ticket(call, row), "audit": shapes.audit(call, events)})
    return warned(made, given, "ticket", _FIELDS | _ORDERS)


def apply(
    state: State,
    row: Row,
    call: Call,
    values: dict[str, Any],
    comment: dict[str, Any] | None,
    text: str,
    by: int,
    custom: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Carry out a checked change and enter it into the ledger; returns its audit."""
    sha, ident, now = hashlib.sha256(call.body).hexdigest(), state.new_id(), state.clock.now()
    changed = {name: value for name, value in values.items() if row.values.get(name) != value}
    events: list[dict[str, Any]] = []
    if comment is not None:
        public, tokens = comment.get("public", True), uploads.claim(state, comment)
        files, html = [state.files[file_token][0] for file_token in tokens], comment.get("html_body", "")
        said = state.add_comment(row, text, public=public, by=by, files=files, audit=ident, html=html)
        said["metadata"]["custom"] = custom or {}
        events.append(said)
        state.ledger.store(
            "note", str(said["id"]), at=now, by=str(by), parent=row.key, sha256=sha, text=text, public=public
        )
        for file_token in tokens:
            state.record_file(file_token, row.key, by=by, public=public, sha=sha)
    events += [
        {
            "id": state.new_id(),
            "type": "Change",
            "field_name": name,
            "value": value,
            "previous_value": row.values.get(name),
        }
        for name, value in changed.items()
    ]
    if events:
        state.change(row, changed)
    if changed:
        state.ledger.store("change", row.key, at=now, by=str(by), parent=row.key, values=changed, sha256=sha)
    return state.audit(row, events, by=by, custom=custom, ident=ident)


def may_change(row: Row) -> None:
    """Refused for a closed ticket: that is final."""
    if row.values["status"] == "closed":
        raise invalid("status", "InvalidStatus", "Status: closed prevents ticket update")


def check(given: dict[str, Any]) -> None:
    """Refused for a value that is not on its list."""
    for name, allowed in _ALLOWED.items():
        if name in given and given[name] not in allowed:
            raise invalid(name, "InvalidValue", f"{name.capitalize()}: {given[name]} is not a valid {name}")
    if not isinstance(given.get("subject", ""), str):
        raise invalid("subject", "InvalidValue", "Subject: must be a string")


def check_comment(state: State, comment: Any) -> str:
    """The comment's text; Refused for an empty or long text, and for unknown files."""
    if not isinstance(comment, dict):
        raise invalid("comment", "InvalidValue", "Comment: must be an object")
    text = comment.get("body") or comment.get("html_body") or ""
    if not text and not comment.get("uploads"):
        raise invalid("base", "BlankValue", "Description: cannot be blank")
    if len(text.encode()) > _BODY:
        raise invalid("comment", "TooLong", "Comment: is too long (maximum is 65536 bytes)")
    uploads.check(state, comment)
    return str(text)


def warned(reply: Reply, given: dict[str, Any], name: str, permitted: frozenset[str]) -> Reply:
    """The reply with a warning about the keys that were ignored."""
    unknown = [f"{name}.{key}" for key in given if key not in permitted]
    if unknown:
        reply.headers["x-zendesk-api-warn"] = f'{{"unpermitted_keys":["{",".join(unknown)}"]}}'
    return reply


def _values(state: State, given: dict[str, Any], current: dict[str, Any]) -> dict[str, Any]:
    values = {name: given[name] for name in _FIELDS if name in given}
    tags = set(values.get("tags", current["tags"])) | set(given.get("additional_tags", ()))
    if {"tags", "additional_tags", "remove_tags"} & set(given):
        values["tags"] = sorted(tags - set(given.get("remove_tags", ())))
    if "custom_fields" in values:
        new = {field["id"]: field.get("value") for field in values["custom_fields"] if isinstance(field, dict)}
        old = {field["id"]: field["value"] for field in current.get("custom_fields", ())}
        merged = old | {ident: value for ident, value in new.items() if ident in state.seeds.fields}
        values["custom_fields"] = values["fields"] = [{"id": ident, "value": merged[ident]} for ident in merged]
    if "external_id" in values and values["external_id"] is not None:
        values["external_id"] = str(values["external_id"])
    if "subject" in values:
        values["raw_subject"] = values["subject"]
    return values


def only_comments(body: bytes) -> bool:
    """Whether an update only adds a comment."""
    try:
        update = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return False
    given: Any = (update.get("ticket") or update.get("request")) if isinstance(update, dict) else None
    return isinstance(given, dict) and "comment" in given and set(given) <= {"comment", "metadata"}
