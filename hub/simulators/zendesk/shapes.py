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
    told = {name: value for name, value in row.values.items() if not name.startswith("_")}
    return {"url": f"{root(call)}/api/v2/tickets/{row.key}.json", **told}


def exported(call: Call, row: Row) -> dict[str, Any]:
    """A ticket in an export."""
    return ticket(call, row) | {"generated_timestamp": int(row.values["_generated"])}


def request(call: Call, row: Row) -> dict[str, Any]:
    """A ticket for who asked."""
    told = {name: row.values[name] for name in _REQUEST}
    place = {"url": f"{root(call)}/api/v2/requests/{row.key}.json"}
    return {**place, **told, "can_be_solved_by_me": can_be_solved(row)}


def can_be_solved(row: Row) -> bool:
    """Whether who asked may call it solved: somebody works on it, and it is no problem."""
    values = row.values
    worked = values["assignee_id"] is not None and values["type"] != "problem"
    return worked and values["status"] not in {"solved", "closed"}


def comment(call: Call, held: dict[str, Any]) -> dict[str, Any]:
    """A comment with its files."""
    return held | {"attachments": [file(call, one) for one in held["attachments"]]}


def audit(call: Call, held: dict[str, Any]) -> dict[str, Any]:
    """An audit with its events."""
    return held | {"events": [comment(call, one) if "attachments" in one else one for one in held["events"]]}


def file(call: Call, about: dict[str, Any]) -> dict[str, Any]:
    """A file with its address."""
    where = f"{root(call)}/attachments/token/{about['_token']}/?name={about['file_name'].replace(' ', '+')}"
    told = {name: value for name, value in about.items() if not name.startswith("_")}
    api = f"{root(call)}/api/v2/attachments/{about['id']}.json"
    return told | {"url": api, "content_url": where, "mapped_content_url": where}


def author(state: State, ident: int) -> dict[str, Any]:
    """What is told of a user beside comments."""
    held = state.users[ident]
    return {"id": ident, "name": held["name"], "agent": held["role"] != "end-user", "role": held["role"]}
