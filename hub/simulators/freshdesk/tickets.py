"""Creates and changes tickets: the accepted fields, and the reasons for refusing a write."""

from __future__ import annotations

import hashlib
from typing import Any

from hub.simulators.freshdesk import markup
from hub.simulators.freshdesk.bodies import Given
from hub.simulators.freshdesk.replies import Invalid, Refused, mismatch, missing, outside, unexpected
from hub.simulators.freshdesk.state import AGENT, CLOSED, State
from hub.simulators.kit import Call, Row

_REQUESTERS = ("requester_id", "email", "phone", "twitter_id", "facebook_id", "unique_external_id")
_TAKEN = frozenset(
    {
        *_REQUESTERS,
        "name",
        "subject",
        "type",
        "status",
        "priority",
        "description",
        "responder_id",
        "cc_emails",
        "custom_fields",
        "due_by",
        "email_config_id",
        "fr_due_by",
        "group_id",
        "product_id",
        "source",
        "tags",
        "company_id",
        "parent_id",
        "related_ticket_ids",
    }
)
_NEEDED = ("subject", "description", "status", "priority", "source")
_SOURCES = (1, 2, 3, 5, 6, 7, 9, 11)
_TYPES: dict[str, type | tuple[type, ...]] = {
    "subject": str,
    "description": str,
    "status": int,
    "priority": int,
    "source": int,
    "email": str,
    "tags": list,
    "custom_fields": dict,
    "cc_emails": list,
    "type": (str, type(None)),
    "requester_id": int,
    "responder_id": (int, type(None)),
    "group_id": (int, type(None)),
    "product_id": (int, type(None)),
}
_KINDS = {str: "String", int: "Integer", list: "Array", dict: "key/value pair"}
SUBJECT = 255  # characters


def create(state: State, given: Given, call: Call) -> Row:
    """Store a ticket; Invalid with every field that is wrong."""
    values = given.values
    errors = [missing(name) for name in _NEEDED if values.get(name) in (None, "")]
    if not any(values.get(name) for name in _REQUESTERS):
        names = ", ".join(_REQUESTERS)
        errors.append(("requester_id", "missing_field", f"Please fill at least 1 of {names} fields"))
    custom = values.get("custom_fields")
    have = custom if isinstance(custom, dict) else {}
    errors += [missing(name) for name in state.options.required_fields if not have.get(name)]
    _check(state, values, errors)
    fields = {name: value for name, value in values.items() if name not in {"email", "name", "phone"}}
    files = [state.keep_file(part.filename or "", part.content_type, part.data) for part in given.files]
    row = state.add_ticket(
        fields
        | {
            "description": markup.kept(values["description"]),
            "attachments": files,
            "tags": list(values.get("tags", [])),
        }
    )
    text = row.values["subject"] + "\n" + row.values["description_text"]
    sha = hashlib.sha256(call.body).hexdigest()
    state.ledger.store(
        "case",
        row.key,
        at=state.clock.now(),
        by=str(AGENT),
        key=state.key_of(row) or None,
        sha256=sha,
        text=text,
        values=fields,
    )
    for about in files:
        state.record_file(about, row.key, by=str(AGENT), public=True, sha=sha)
    return row


def update(state: State, row: Row, given: Given, call: Call) -> None:
    """Change a ticket; Invalid or Refused."""
    values = given.values
    if not values:
        raise Refused(400, "missing_params", "Please send the fields to be updated")
    errors: list[tuple[str, str, str]] = []
    if values.get("status") == CLOSED:
        have = row.values["custom_fields"] | (values.get("custom_fields") or {})
        errors += [missing(name) for name in state.options.required_to_close if not have.get(name)]
    _check(state, values, errors)
    may_change(state, row)
    changed = dict(values)
    if "custom_fields" in values:
        changed["custom_fields"] = row.values["custom_fields"] | values["custom_fields"]
    if "description" in values:
        html = markup.kept(values["description"])
        changed |= {"description": html, "description_text": markup.text_of(html)}
    state.change(row, changed)
    state.ledger.store(
        "change",
        row.key,
        at=state.clock.now(),
        by=str(AGENT),
        parent=row.key,
        values=values,
        sha256=hashlib.sha256(call.body).hexdigest(),
    )


def may_change(state: State, row: Row) -> None:
    """Refused for a closed ticket where closing is final."""
    if state.options.closed_is_final and row.values["status"] == CLOSED:
        raise Refused(409, "inconsistent_state", "The ticket is closed and can't be modified")


def comment(state: State, row: Row, given: Given, call: Call, *, reply: bool) -> dict[str, Any]:
    """Store a note or a reply with its files."""
    allowed = {
        "body",
        "user_id",
        *(("cc_emails", "bcc_emails", "from_email") if reply else ("private", "notify_emails", "incoming")),
    }
    values = given.values
    errors = [unexpected(name) for name in values if name not in allowed]
    body, private = values.get("body"), values.get("private", True)
    if body is None or body == "":
        errors.append(missing("body"))
    elif not isinstance(body, str):
        errors.append(mismatch("body", "String"))
    if not isinstance(private, bool):
        errors.append(mismatch("private", "Boolean"))
    if errors:
        raise Invalid(*errors)
    may_change(state, row)
    private = private and not reply
    files = [state.keep_file(part.filename or "", part.content_type, part.data) for part in given.files]
    html = markup.kept(str(body))
    entry = state.add_comment(row, html, private=private, by=AGENT, source=0 if reply else 2, files=files)
    sha = hashlib.sha256(call.body).hexdigest()
    state.ledger.store(
        "note",
        str(entry["id"]),
        at=state.clock.now(),
        by=str(AGENT),
        parent=row.key,
        sha256=sha,
        text=entry["body_text"],
        public=not private,
    )
    for about in files:
        state.record_file(about, row.key, by=str(AGENT), public=not private, sha=sha)
    return entry


def _check(state: State, values: dict[str, Any], errors: list[tuple[str, str, str]]) -> None:
    errors += [unexpected(name) for name in values if name not in _TAKEN]
    for name, kind in _TYPES.items():
        if name in values and (not isinstance(values[name], kind) or isinstance(values[name], bool)):
            errors.append(mismatch(name, _KINDS[kind[0] if isinstance(kind, tuple) else kind]))
    wrong = {field for field, _, _ in errors}
    lists: dict[str, tuple[Any, ...]] = {
        "status": tuple(state.statuses),
        "priority": (1, 2, 3, 4),
        "source": _SOURCES,
        "type": (*state.seeds.types, None),
    }
    for name, allowed in lists.items():
        if name in values and name not in wrong and values[name] not in allowed:
            errors.append(outside(name, ",".join(map(str, allowed))))
    subject = values.get("subject")
    if isinstance(subject, str) and len(subject) > SUBJECT:
        says = f"Has {len(subject)} characters, it can have maximum of {SUBJECT} characters"
        errors.append(("subject", "invalid_value", says))
    if isinstance(values.get("email"), str) and "@" not in values["email"]:
        errors.append(("email", "invalid_value", "It should be in the 'valid email address' format"))
    custom = values.get("custom_fields")
    if isinstance(custom, dict):
        errors += [unexpected(f"custom_fields.{name}") for name in custom if name not in state.seeds.custom_fields]
        errors += [
            mismatch(f"custom_fields.{name}", "String")
            for name, value in custom.items()
            if value is not None and not isinstance(value, str)
        ]
    if errors:
        raise Invalid(*errors)
