"""Stores records received over REST: checks fields, applies each type's rules, and writes the ledger."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from hub.simulators.kit import Row
from hub.simulators.salesforce.errors import SfError, not_found
from hub.simulators.salesforce.ids import long_id
from hub.simulators.salesforce.schema import Field, SObject
from hub.simulators.salesforce.state import State

USER = "0055e000000XyZaAAK"
"""The user of the API."""


def checked(state: State, kind: SObject, given: dict[str, Any], *, creating: bool) -> dict[str, Any]:
    """The checked values by field name; raises SfError for a wrong type or a violated limit."""
    if not kind.createable:
        raise SfError(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type {kind.name} can not be written")
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name == "attributes":
            continue
        field = kind.field(name)
        if field is None:
            raise SfError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {kind.name}")
        if not (field.createable if creating else field.updateable):
            words = f"Unable to create/update fields: {field.name}. Please check the security settings of this field"
            raise SfError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", words, (field.name,))
        values[field.name] = _checked_value(field, value)
    if creating:
        values = {f.name: f.default for f in kind.fields.values() if f.default is not None} | values
    required = [f.name for f in kind.fields.values() if f.required]
    required += list(state.seeds.required) if kind.name == "Case" else []
    missing = [n for n in required if (creating or n in values) and values.get(n) in (None, "")]
    if missing:
        words = f"Required fields are missing: [{', '.join(missing)}]"
        raise SfError(400, "REQUIRED_FIELD_MISSING", words, tuple(missing))
    return values


def _checked_value(field: Field, value: Any) -> Any:
    if value is None or value == "":
        return None
    expected = {"boolean": bool, "int": int}.get(field.kind, str)
    if not isinstance(value, expected):
        words = f"Cannot deserialize instance of {field.kind} from the value of {field.name}"
        raise SfError(400, "JSON_PARSER_ERROR", words)
    if not isinstance(value, str):
        return value
    size = len(value.encode()) if field.in_bytes else len(value)
    if field.length and size > field.length and field.kind != "base64":
        words = f"{field.name}: data value too large (max length={field.length})"
        raise SfError(400, "STRING_TOO_LONG", words, (field.name,))
    if field.values and value not in field.values:
        words = f"{field.name}: bad value for restricted picklist field"
        raise SfError(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", words, (field.name,))
    if field.kind in ("id", "reference"):
        return long_id(value)
    return value.strip() if field.kind == "string" else value


def create(
    state: State,
    kind: SObject,
    given: dict[str, Any],
    *,
    sha256: str | None = None,
    by: str = USER,
    data: bytes | None = None,
    hidden: float = 0.0,
) -> Row:
    """Store a new record."""
    if data is not None:
        given = {**given, "VersionData": "-"}
    values = checked(state, kind, given, creating=True)
    match kind.name:
        case "Case":
            return _create_case(state, kind, values, by, sha256, hidden)
        case "CaseComment":
            case = _parent(state, values["ParentId"], "ParentId")
            row = state.add(kind, values, by)
            _record(state, "note", row, case, by, sha256, values["CommentBody"], public=bool(values["IsPublished"]))
            return row
        case "ContentVersion":
            return _create_file(state, kind, values, by, sha256, data)
        case "ContentDocumentLink":
            return _link(state, kind, values, by)
    return state.add(kind, values, by)


def _create_case(
    state: State, kind: SObject, values: dict[str, Any], by: str, sha256: str | None, hidden: float
) -> Row:
    unique(state, values.get(state.seeds.key_field), None)
    number = state.number("case number", 8, 1000)
    values = {"OwnerId": by, **values, "CaseNumber": number, **_closing(state, values["Status"])}
    row = state.add(kind, values, by)
    row.hidden_until = state.clock.now() + hidden if hidden else 0.0
    _record(state, "case", row, row, by, sha256, values.get("Description"))
    return row


def unique(state: State, key: Any, own: Row | None) -> None:
    """SfError DUPLICATE_VALUE when another case carries the key."""
    others = [row for row in state.tables["case"].where(state.seeds.key_field, key) if row is not own] if key else []
    if others:
        words = (
            f"duplicate value found: {state.seeds.key_field} duplicates value on record with id: {others[0].key[:15]}"
        )
        raise SfError(400, "DUPLICATE_VALUE", words, ())


def _closing(state: State, status: str) -> dict[str, Any]:
    closed = state.seeds.statuses[status]
    return {"IsClosed": closed, "ClosedDate": state.now() if closed else None}


def change(
    state: State, kind: SObject, row: Row, given: dict[str, Any], *, sha256: str | None = None, by: str = USER
) -> None:
    """Change a record; a validation rule may forbid to close a case."""
    if row.values["IsDeleted"]:
        raise SfError(404, "ENTITY_IS_DELETED", "entity is deleted", ())
    values = checked(state, kind, given, creating=False)
    if kind.name != "Case":
        state.change(kind, row, values, by)
        return
    unique(state, values.get(state.seeds.key_field), row)
    if values.get("Status"):
        values |= _closing(state, values["Status"])
        needed = state.options.closing_needs
        if values["IsClosed"] and needed and not {**row.values, **values}.get(needed):
            words = f"{needed} is needed before a case can be closed"
            raise SfError(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", words, (needed,))
    state.change(kind, row, values, by)
    _record(state, "change", row, row, by, sha256, None, values=values)


def delete(state: State, kind: SObject, row: Row, by: str = USER) -> None:
    """Move a record to the recycle bin, where queryAll still finds it."""
    if row.values["IsDeleted"]:
        raise SfError(404, "ENTITY_IS_DELETED", "entity is deleted", ())
    state.change(kind, row, {"IsDeleted": True}, by)
    if kind.name == "Case":
        _record(state, "delete", row, row, by, None, None)


def _parent(state: State, ident: Any, name: str) -> Row:
    row = state.tables["case"].get(str(ident))
    if row is None or row.values["IsDeleted"]:
        raise SfError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (name,))
    return row


def _create_file(
    state: State, kind: SObject, values: dict[str, Any], by: str, sha256: str | None, data: bytes | None
) -> Row:
    packed = values.pop("VersionData")
    if data is None:
        try:
            data = base64.b64decode(packed, validate=True)
        except binascii.Error:
            words = "VersionData is not base64"
            raise SfError(400, "JSON_PARSER_ERROR", words) from None
    path = values.get("PathOnClient")
    if not path:
        raise SfError(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [PathOnClient]", ("PathOnClient",))
    place = values.get("FirstPublishLocationId")
    case = _parent(state, place, "FirstPublishLocationId") if place else None
    title = values.get("Title") or path.rpartition("/")[2].rpartition(".")[0] or path
    about = {
        "Title": title,
        "Description": values.get("Description"),
        "ContentSize": len(data),
        "FileExtension": path.rpartition(".")[2] if "." in path else None,
    }
    document = state.add(state.objects["contentdocument"], about, by)
    values |= {**about, "ContentDocumentId": document.key, "IsLatest": True}
    values["Checksum"] = hashlib.md5(data, usedforsecurity=False).hexdigest()
    row = state.add(kind, values, by)
    state.bodies[row.key] = data
    state.change(state.objects["contentdocument"], document, {"LatestPublishedVersionId": row.key}, by)
    if case is not None:
        link = {
            "ContentDocumentId": document.key,
            "LinkedEntityId": case.key,
            "ShareType": "V",
            "Visibility": "InternalUsers",
        }
        state.add(state.objects["contentdocumentlink"], link, by)
        details = {"name": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        _record(state, "attachment", row, case, by, sha256, None, public=False, values=details, size=len(data))
    return row


def _link(state: State, kind: SObject, values: dict[str, Any], by: str) -> Row:
    if state.tables["contentdocument"].get(values["ContentDocumentId"]) is None:
        raise not_found()
    table = state.tables["contentdocumentlink"]
    for row in table.where("ContentDocumentId", values["ContentDocumentId"]):
        if row.values["LinkedEntityId"] == values["LinkedEntityId"]:
            raise SfError(400, "DUPLICATE_VALUE", "the document is linked with the entity already", ())
    return state.add(kind, values, by)


def _record(
    state: State,
    what: str,
    row: Row,
    case: Row,
    by: str,
    sha256: str | None,
    text: Any,
    *,
    public: bool | None = None,
    values: dict[str, Any] | None = None,
    size: int | None = None,
) -> None:
    number = case.values["CaseNumber"]
    state.ledger.store(
        what,
        number if what in ("case", "change", "delete") else row.key,
        at=state.clock.now(),
        by=by,
        parent=None if what == "case" else number,
        key=case.values.get(state.seeds.key_field),
        sha256=sha256,
        size=size,
        text=text,
        public=public,
        values=dict(row.values) if values is None else values,
    )
