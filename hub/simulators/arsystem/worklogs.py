"""Work notes: up to three attachments each, readable once stored, apart from the incident's own dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from hub.simulators.arsystem.errors import NO_ENTRY, NO_INCIDENT, NO_PERMISSION, ArError, workflow
from hub.simulators.arsystem.forms import ATTACHMENT_FIELDS, FORMS, WORKLOG
from hub.simulators.arsystem.incoming import Incoming
from hub.simulators.arsystem.state import State, StoredFile
from hub.simulators.kit import Row

_FORM = FORMS[WORKLOG]
INTERNAL, PUBLIC = 0, 1


def add(state: State, values: Mapping[str, Any], by: str, sha256: str | None = None) -> Row:
    """Store a note on an incident, without changing the incident's Last Modified Date."""
    number = str(values["Incident Number"])
    incident = state.incident(number)
    if incident is None:
        raise workflow(NO_INCIDENT, "The incident of the work log does not exist", number)
    now, key = state.now(), f"WLG{next(state.worklog_ids):012d}"
    given = dict(values)
    # A missing View Access means Internal; unverified, but the safe assumption.
    given.setdefault("View Access", INTERNAL)
    given.setdefault("Secure Work Log", 0)
    row = state.tables["worklogs"].add(
        key,
        {
            **given,
            "Work Log ID": key,
            "Status": 0,
            "Submitter": by,
            "Submit Date": now,
            "Last Modified By": by,
            "Last Modified Date": now,
            "InstanceId": f"WL{uuid4().hex.upper()}",
            "Work Log Submitter": given.get("Work Log Submitter") or by,
            "Work Log Submit Date": now,
            "Work Log Date": given.get("Work Log Date") or now,
            **_counted(given),
        },
    )
    state.record("note", _FORM, row, by, sha256=sha256)
    _record_files(state, row, given, by, sha256)
    return row


def change(state: State, row: Row, incoming: Incoming, by: str) -> None:
    """Change a note or add attachments to it; a secured note is refused."""
    if row.values.get("Secure Work Log") == 1:
        raise ArError(403, NO_PERMISSION, "Work log is locked", row.key)
    changes = {**incoming.values, "Last Modified By": by, "Last Modified Date": state.now()}
    state.tables["worklogs"].change(row, {**changes, **_counted({**row.values, **changes})})
    state.record("change", _FORM, row, by, changes=incoming.values, sha256=incoming.sha256)
    _record_files(state, row, incoming.values, by, incoming.sha256)


def attachment(row: Row, name: str) -> StoredFile:
    """The file in an attachment field; 404 when there is none."""
    stored = row.values.get(name)
    if name not in ATTACHMENT_FIELDS or not isinstance(stored, StoredFile):
        raise ArError(404, NO_ENTRY, "Entry does not exist in database", f"{row.key}, {name}")
    return stored


def asked_on_incident(state: State, display: Mapping[str, Any], number: str, file: StoredFile | None) -> dict[str, Any]:
    """The note that the z1D fields of an incident ask for; empty when they ask for none."""
    text = display.get("z1D_WorklogDetails") or display.get("z1D_Details")
    if not text and file is None:
        return {}
    kinds, access = state.enums["Work Log Type"], state.enums["View Access"]
    secure = state.enums["Secure Work Log"].number(display.get("z1D_Secure_Log"))
    public = access.number(display.get("z1D_View_Access"))
    kind = kinds.number(display.get("z1D_Activity_Type"))
    return {
        "Incident Number": number,
        "Detailed Description": text or "",
        "Work Log Type": 6000 if kind is None else kind,
        "View Access": INTERNAL if public is None else public,
        "Secure Work Log": secure or 0,
        **({ATTACHMENT_FIELDS[0]: file} if file is not None else {}),
    }


def _counted(values: Mapping[str, Any]) -> dict[str, Any]:
    files = [values.get(name) for name in ATTACHMENT_FIELDS]
    names = {f"FileNameAttachment{at}": getattr(file, "name", None) for at, file in enumerate(files, 1)}
    return {"Number of Attachments": sum(file is not None for file in files), **names}


def _record_files(state: State, row: Row, values: Mapping[str, Any], by: str, sha256: str | None) -> None:
    for name in ATTACHMENT_FIELDS:
        file = values.get(name)
        if isinstance(file, StoredFile):
            state.ledger.store(
                "attachment",
                f"{row.key}/{name}",
                at=state.clock.now(),
                by=by,
                parent=row.values["Incident Number"],
                sha256=sha256,
                size=len(file.data),
                values={"name": file.name, "size": len(file.data), "sha256": file.sha256},
            )
