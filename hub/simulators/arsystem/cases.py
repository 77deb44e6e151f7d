"""Stores incidents: create with its three identifiers, partial update, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from hub.simulators.arsystem import worklogs
from hub.simulators.arsystem.enums import CLOSED, RESOLVED
from hub.simulators.arsystem.errors import MISSING, NO_CONTACT, STATUS_RULE, bad_request, workflow
from hub.simulators.arsystem.forms import FORMS, HELP_DESK, INTERFACE
from hub.simulators.arsystem.incidents import broken_rule, priority
from hub.simulators.arsystem.incoming import Incoming
from hub.simulators.arsystem.state import State, StoredFile
from hub.simulators.kit import Row

_FORM = FORMS[INTERFACE]
_FILE = "z2AF_Act_Attachment_1"
_NEVER_EMPTY = ("Status", "Impact", "Urgency", "Description", "Service Type", "Reported Source")


def create(state: State, incoming: Incoming, by: str, *, hidden_seconds: float = 0.0) -> Row:
    """Store a new incident for a known contact; an ArError names what the workflow rejects."""
    given = dict(incoming.values)
    file = given.pop(_FILE, None)
    contact = _contact(state, given)
    if not state.options.carry_vendor_ticket:
        given.pop("Vendor Ticket Number", None)
    for name in ("Company", "Internet E-mail", "First Name", "Last Name"):
        given[name] = given.get(name) or contact.values.get(name) or contact.values.get("Internet Email")
    rule = broken_rule(None, given)
    if rule is not None:
        raise workflow(STATUS_RULE, "Incident can not be created", rule)
    row = _store(state, given, by)
    if hidden_seconds:
        row.hidden_until, state.index_lags = state.clock.now() + hidden_seconds, True
    state.record("case", _FORM, row, by, sha256=incoming.sha256)
    _first_note(state, row, incoming, by, file)
    return row


def fill(state: State, values: list[dict[str, Any]], by: str) -> None:
    """Store many incidents at once, unchecked and without ledger entries; dates may be given."""
    for given in values:
        _store(state, dict(given), by)


def change(state: State, row: Row, incoming: Incoming, by: str) -> None:
    """Set the given values on an incident, under the status rules, and recompute what follows from them."""
    changes = dict(incoming.values)
    emptied = [name for name in _NEVER_EMPTY if name in changes and changes[name] in (None, "")]
    if emptied:
        raise bad_request(MISSING, "Required field (without a default) not specified", ", ".join(emptied))
    before = int(row.values["Status"])
    after = {**row.values, **changes}
    status = int(after["Status"])
    if status != before and "Status_Reason" not in changes:
        changes["Status_Reason"] = after["Status_Reason"] = None
    rule = broken_rule(before, after)
    if rule is not None:
        raise workflow(STATUS_RULE, "Incident can not be modified", rule)
    changes |= _derived(state, row, after, before, by)
    state.tables["incidents"].change(row, changes)
    state.record("change", _FORM, row, by, changes=incoming.values, sha256=incoming.sha256)
    _first_note(state, row, incoming, by, None)


def delete(state: State, row: Row, by: str) -> None:
    """Remove an incident and its notes."""
    state.tables["incidents"].remove(row)
    notes = state.tables["worklogs"]
    for note in list(notes.where("Incident Number", row.values["Incident Number"])):
        notes.remove(note)
    state.record("delete", FORMS[HELP_DESK], row, by, changes={})


def _store(state: State, given: dict[str, Any], by: str) -> Row:
    entry, number = f"INC{next(state.entry_ids):012d}", f"INC{next(state.incident_numbers):012d}"
    now = int(given.pop("Submit Date", None) or state.now())
    level, weight = priority(given["Impact"], given["Urgency"])
    return state.tables["incidents"].add(
        entry,
        {
            **given,
            "Request ID": f"{entry}|{entry}",
            "Entry ID": entry,
            "Create Entry ID": f"{next(state.create_ids):015d}",
            "Incident Number": number,
            "InstanceId": f"IDG{uuid4().hex.upper()}",
            "Submitter": by,
            "Submit Date": now,
            "Reported Date": given.get("Reported Date") or now,
            "Last Modified By": by,
            "Last Modified Date": int(given.get("Last Modified Date") or now),
            "Priority": level,
            "Priority Weight": weight,
            "Total Transfers": 0,
            "Number of Attachments": 0,
            "Status-History": {given["Status"]: (by, now)},
        },
    )


def _derived(state: State, row: Row, after: Mapping[str, Any], before: int, by: str) -> dict[str, Any]:
    now, status = state.now(), int(after["Status"])
    level, weight = priority(after["Impact"], after["Urgency"])
    made: dict[str, Any] = {
        "Priority": level,
        "Priority Weight": weight,
        "Last Modified By": by,
        "Last Modified Date": now,
    }
    if status != before:
        made["Status-History"] = {**row.values["Status-History"], status: (by, now)}
        if status in (RESOLVED, CLOSED):
            made["Last Resolved Date" if status == RESOLVED else "Closed Date"] = now
    if after.get("Assigned Group") != row.values.get("Assigned Group"):
        made["Total Transfers"] = row.values["Total Transfers"] + 1
    return made


def _contact(state: State, given: Mapping[str, Any]) -> Row:
    people = state.tables["people"]
    wanted = {
        "Remedy Login ID": given.get("Login ID"),
        "Person ID": given.get("Person ID"),
        "First Name": given.get("First Name"),
        "Last Name": given.get("Last Name"),
    }
    matches = [p for p in people if all(p.values[name] == value for name, value in wanted.items() if value)]
    if len(matches) != 1:
        raise workflow(
            NO_CONTACT,
            "The incident contact could not be determined",
            f"{len(matches)} records have been found for the Incident contact information you have provided",
        )
    return matches[0]


def _first_note(state: State, row: Row, incoming: Incoming, by: str, file: StoredFile | None) -> None:
    note = worklogs.asked_on_incident(state, incoming.display, row.values["Incident Number"], file)
    if note:
        worklogs.add(state, note, by, incoming.sha256)
