"""Records as replies show them, with addresses by which the caller reached the account."""

from __future__ import annotations

from typing import Any

from hub.simulators.kit import Call, Row
from hub.simulators.zendesk.paging import root
from hub.simulators.zendesk.state import State

_REQUEST = (
    "id",
    "status",
    "priority",
    "type",
    "subject",
    "description",
    "organization_id",
    "requester_id",
    "assignee_id",
    "via",
    "custom_fields",
    "fields",
    "collaborator_ids",
    "is_public",
    "due_at",
    "created_at",
    "updated_at",
)


def ticket(call: Call, row: Row) -> dict[str, Any]:
    """A ticket for agents."""
    document = {name: value for name, value in row.values.items() if not name.startswith("_")}
    return {"url": f"{root(call)}/api/v2/tickets/{row.key}.json", **document}


def exported(call: Call, row: Row) -> dict[str, Any]:
    """A ticket in an export."""
    return ticket(call, row) | {"generated_timestamp": int(row.values["_generated"])}


def request(call: Call, row: Row) -> dict[str, Any]:
    """A ticket for its requester."""
    document = {name: row.values[name] for name in _REQUEST}
    place = {"url": f"{root(call)}/api/v2/requests/{row.key}.json"}
    return {**place, **document, "can_be_solved_by_me": can_be_solved(row)}


def can_be_solved(row: Row) -> bool:
    """Whether the requester may mark it as solved: it is assigned, and not a problem."""
    values = row.values
    worked = values["assignee_id"] is not None and values["type"] != "problem"
    return worked and values["status"] not in {"solved", "closed"}


def comment(call: Call, entry: dict[str, Any]) -> dict[str, Any]:
    """A comment with its files."""
    return entry | {"attachments": [file(call, about) for about in entry["attachments"]]}


def audit(call: Call, entry: dict[str, Any]) -> dict[str, Any]:
    """An audit with its events."""
    return entry | {"events": [comment(call, event) if "attachments" in event else event for event in entry["events"]]}


def file(call: Call, about: dict[str, Any]) -> dict[str, Any]:
    """A file with its address."""
    where = f"{root(call)}/attachments/token/{about['_token']}/?name={about['file_name'].replace(' ', '+')}"
    document = {name: value for name, value in about.items() if not name.startswith("_")}
    api = f"{root(call)}/api/v2/attachments/{about['id']}.json"
    return document | {"url": api, "content_url": where, "mapped_content_url": where}


def author(state: State, ident: int) -> dict[str, Any]:
    """A user as included with comments."""
    user = state.users[ident]
    return {"id": ident, "name": user["name"], "agent": user["role"] != "end-user", "role": user["role"]}
