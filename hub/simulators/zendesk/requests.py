"""Tickets as their requester sees them: their own tickets, public comments, and few changes."""

from __future__ import annotations

from typing import Any

from hub.simulators.kit import Call, Reply, Row
from hub.simulators.zendesk import query, shapes, tickets
from hub.simulators.zendesk.paging import paged
from hub.simulators.zendesk.replies import document, forbidden, invalid, missing
from hub.simulators.zendesk.state import State

_CREATE = frozenset(
    {
        "subject",
        "comment",
        "priority",
        "type",
        "custom_fields",
        "requester",
        "collaborators",
        "ticket_form_id",
        "via_followup_source_id",
        "due_at",
        "recipient",
    }
)
_CHANGE = frozenset({"comment", "solved", "additional_collaborators"})


def answer(state: State, call: Call, rest: list[str], by: int) -> Reply:
    """The reply to a call under requests; `by` is 0 for an anonymous caller."""
    if (call.method, rest) == ("POST", []):
        return _create(state, call, by)
    if not by:
        raise forbidden()
    match call.method, rest:
        case "GET", []:
            return _list(state, call, by)
        case "GET", ["search"]:
            return query.requests(state, call, _own(state, by))
    row = state.tickets.get(rest[0])
    if row is None or row not in _own(state, by):
        raise missing()
    match call.method, rest[1:]:
        case "GET", []:
            return document({"request": shapes.request(call, row)})
        case "PUT", []:
            return _update(state, row, call, by)
        case "GET", ["comments"]:
            return _comments(state, row, call)
    raise missing()


def _own(state: State, by: int) -> list[Row]:
    return [
        row
        for row in state.tickets
        if row.values["requester_id"] == by and row.values["status"] != "deleted" and row.values["is_public"]
    ]


def _list(state: State, call: Call, by: int) -> Reply:
    wanted = [status for status in call.query.get("status", "").split(",") if status]
    rows = [row for row in _own(state, by) if not wanted or row.values["status"] in wanted]
    name = "_updated" if call.query.get("sort_by") == "updated_at" else "_created"
    down = call.query.get("sort_order") == "desc"
    rows.sort(key=lambda row: (row.values[name], row.number), reverse=down)
    return paged(
        call, "requests", rows, lambda row: shapes.request(call, row), lambda row: [row.values[name], row.number]
    )


def _create(state: State, call: Call, by: int) -> Reply:
    given = tickets.body_of(call, "request")
    asks = given.get("requester")
    if not by:
        if not state.options.anonymous_requests:
            raise forbidden()
        if not isinstance(asks, dict) or not asks.get("email"):
            raise invalid("requester", "BlankValue", "Requester: cannot be blank")
        by = state.user_of(asks["email"], asks.get("name", ""))
    if not given.get("comment"):
        raise invalid("base", "BlankValue", "Description: cannot be blank")
    if not given.get("subject"):
        raise invalid("subject", "BlankValue", "Subject: cannot be blank")
    comment = _public(given["comment"])
    text = tickets.check_comment(state, comment)
    tickets.check({name: given[name] for name in ("subject", "priority", "type") if name in given})
    values: dict[str, Any] = {name: given[name] for name in ("subject", "priority", "type", "due_at") if name in given}
    fields = [field for field in given.get("custom_fields", ()) if field.get("id") in state.seeds.fields]
    values |= {"custom_fields": fields, "requester_id": by, "submitter_id": by}
    row, _ = tickets.store(state, call, values, comment, text, by)
    made = document({"request": shapes.request(call, row)}, 201, location=shapes.request(call, row)["url"])
    return tickets.warned(made, given, "request", _CREATE)


def _update(state: State, row: Row, call: Call, by: int) -> Reply:
    given = tickets.body_of(call, "request")
    tickets.may_change(row)
    values: dict[str, Any] = {}
    if given.get("solved") in (True, "true"):
        if not shapes.can_be_solved(row):
            raise invalid("solved", "InvalidValue", "Solved: request cannot be solved by the requester")
        values["status"] = "solved"
    comment = _public(given["comment"]) if given.get("comment") else None
    text = tickets.check_comment(state, comment) if comment is not None else ""
    if comment is not None and not values and row.values["status"] in {"solved", "pending"}:
        values["status"] = "open"
    if comment is not None or values:
        tickets.apply(state, row, call, values, comment, text, by)
    return tickets.warned(document({"request": shapes.request(call, row)}), given, "request", _CHANGE)


def _comments(state: State, row: Row, call: Call) -> Reply:
    since, role = call.query.get("since", ""), call.query.get("role", "")
    comments = [
        comment
        for comment in state.comments.get(row.key, [])
        if comment["public"]
        and comment["created_at"] >= since
        and (role != "agent" or state.users[comment["author_id"]]["role"] != "end-user")
    ]
    users = [shapes.author(state, author) for author in sorted({comment["author_id"] for comment in comments})]

    def show(comment: dict[str, Any]) -> dict[str, Any]:
        public = {
            name: value for name, value in shapes.comment(call, comment).items() if name not in {"metadata", "audit_id"}
        }
        return public | {"request_id": row.values["id"]}

    return paged(call, "comments", comments, show, lambda comment: [comment["id"]], users=users)


def _public(comment: Any) -> Any:
    # A requester can't write private comments, whatever the request says.
    return comment | {"public": True} if isinstance(comment, dict) else comment
