"""Stores cases and files: which fields a user may write, and the rules for writes."""

from __future__ import annotations

import hashlib

from hub.simulators.servicenow.query import Row
from hub.simulators.servicenow.replies import Refused
from hub.simulators.servicenow.state import CASE_FIELDS, CASES, State, key

_CREATE = frozenset(
    {
        "account",
        "asset",
        "comments",
        "consumer",
        "contact",
        "contact_type",
        "partner",
        "partner_contact",
        "priority",
        "product",
        "short_description",
        "state",
    }
)
_UPDATE = frozenset({"comments", "state"})
_SYSTEM = frozenset(name for name in CASE_FIELDS if name.startswith("sys_")) | {"number", "opened_at"}
_SECRET = ("work_notes", "correlation_id", "correlation_display")


def readable(state: State) -> tuple[str, ...]:
    """The fields of a case that the user may read."""
    hidden: tuple[str, ...] = _SECRET if state.options.profile == "external" else ()
    if not state.options.correlation_readable:
        hidden += ("correlation_id",)
    return tuple(name for name in CASE_FIELDS if name not in hidden)


def allowed(state: State, given: Row, *, new: bool) -> Row:
    """The accepted fields; unknown and forbidden fields are silently dropped."""
    may = (_CREATE if new else _UPDATE) if state.options.profile == "external" else frozenset(CASE_FIELDS)
    most = state.options.text_limit
    return {name: str(value)[:most] for name, value in given.items() if name in may and name not in _SYSTEM}


def create(state: State, given: Row, sha256: str) -> Row:
    """Store a case."""
    values = allowed(state, given, new=True)
    said = values.pop("comments", "")
    user = (state.seeds.user, state.seeds.name)
    row = state.add_case(values, user[0])
    if said:
        state.add_entry(row, "comments", said, user)
    state.ledger.store(
        "case",
        row["number"],
        at=state.clock.now(),
        by=user[0],
        key=key(row) or None,
        sha256=sha256,
        text="\n".join((row["short_description"], row["description"], said)),
        values=values,
    )
    return row


def update(state: State, row: Row, given: Row, sha256: str) -> None:
    """Change a case that is not closed; a comment opens a case that awaits information."""
    values = allowed(state, given, new=False)
    if row["state"] == "3":
        detail = f"Operation against file '{CASES}' was aborted by Business Rule 'Closed case'"
        raise Refused(403, "Operation Failed", detail)
    if values.get("state") == "6" and not (values.get("close_notes") and values.get("resolution_code")):
        raise Refused(403, "Operation Failed", f"Operation against file '{CASES}' was aborted by Data Policy")
    user = (state.seeds.user, state.seeds.name)
    for element in ("comments", "work_notes"):
        said = values.pop(element, "")
        if said:
            ident = state.add_entry(row, element, said, user)
            state.ledger.store(
                "note",
                ident,
                at=state.clock.now(),
                by=user[0],
                parent=row["number"],
                text=said,
                sha256=sha256,
                public=element == "comments",
            )
            if element == "comments" and row["state"] == "18" and "state" not in values:
                row["state"] = "10"
    if values.get("state") == "3":
        row["active"] = "false"
    state.change_case(row, values, user[0])
    if values:
        state.ledger.store(
            "change",
            row["number"],
            at=state.clock.now(),
            by=user[0],
            parent=row["number"],
            sha256=sha256,
            values=values,
        )


def attach(state: State, row: Row, name: str, media: str, data: bytes, who: tuple[str, str]) -> str:
    """Store a file of a case; its sys_id."""
    ident, digest = state.new_id(), hashlib.sha256(data).hexdigest()
    state.files[ident] = {
        "sys_id": ident,
        "table_name": CASES,
        "table_sys_id": row["sys_id"],
        "file_name": name,
        "content_type": media,
        "size_bytes": str(len(data)),
        "hash": digest,
        "state": "available",
        "sys_created_on": state.now(),
        "sys_created_by": who[1],
        "sys_updated_on": state.now(),
        "sys_mod_count": "0",
    }
    state.bytes[ident] = data
    entry = state.add_entry(row, "attachment", name, who)
    state.journal[row["sys_id"]][-1]["attachment"] = ident
    state.change_case(row, {}, who[1])
    values = {"name": name, "size": len(data), "sha256": digest}
    state.ledger.store(
        "attachment",
        ident,
        at=state.clock.now(),
        by=who[1],
        parent=row["number"],
        size=len(data),
        public=True,
        values=values,
        sha256=digest,
    )
    return ident if entry else ""
