"""The records' own resources: create, read, upsert, change and delete, files' bytes, and a type's description."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from hub.simulators.kit import Call, Reply, Row, split_multipart
from hub.simulators.salesforce import records
from hub.simulators.salesforce.errors import SfError, document, not_found
from hub.simulators.salesforce.schema import SObject
from hub.simulators.salesforce.state import State, record


class SObjects:
    """The resources below /sobjects/ of one org."""

    def __init__(self, state: State) -> None:
        self.state = state

    def answer(self, call: Call, version: str, kind: SObject, rest: list[str]) -> Reply:
        """The reply to a call below /sobjects/{type}."""
        match call.method, rest:
            case "POST", []:
                return self._create(call, kind)
            case "GET", ["describe"]:
                return document(_description(kind))
            case "GET", [ident, "VersionData"] if kind.name == "ContentVersion":
                self._row(kind, ident)
                return Reply(200, self.state.bodies[ident], {"Content-Type": "application/octetstream"})
            case "GET", [ident]:
                names = call.query["fields"].split(",") if "fields" in call.query else None
                return document(record(version, kind, self._row(kind, ident), _checked_names(kind, names)))
            case "GET", [_, value]:
                return document(record(version, kind, self._keyed(kind, rest[0], value) or _missing()))
            case "PATCH", [ident]:
                row, sha256 = self._row(kind, ident), hashlib.sha256(call.body).hexdigest()
                records.change(self.state, kind, row, _object(call.body), sha256=sha256)
                return Reply(204)
            case "PATCH", [_, value]:
                return self._upsert(call, kind, rest[0], value)
            case "DELETE", [ident]:
                records.delete(self.state, kind, self._row(kind, ident))
                return Reply(204)
        raise SfError(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed.")

    def _create(self, call: Call, kind: SObject) -> Reply:
        media, sha256, data = (call.headers.get("Content-Type", ""), hashlib.sha256(call.body).hexdigest(), None)
        if media.startswith("multipart/form-data"):
            given, data = _multipart(call.body, media)
        elif not media.startswith("application/json"):
            raise SfError(415, "UNSUPPORTED_MEDIA_TYPE", f"Content type {media[:40]} is not supported")
        else:
            given = _object(call.body)
        row = records.create(self.state, kind, given, sha256=sha256, data=data, hidden=_hidden(call))
        return document({"id": row.key, "success": True, "errors": []}, 201)

    def _upsert(self, call: Call, kind: SObject, name: str, value: str) -> Reply:
        sha256, given = hashlib.sha256(call.body).hexdigest(), _object(call.body)
        row = self._keyed(kind, name, value)
        if any(field.lower() == name.lower() for field in given):
            words = f"The {name} field should not be specified in the sobject data."
            raise SfError(400, "INVALID_FIELD", words, (name,))
        if row is None and call.query.get("updateOnly") == "true":
            raise not_found()
        if row is None:
            field = kind.field(name)
            given = {**given, field.name if field else name: value}
            made = records.create(self.state, kind, given, sha256=sha256, hidden=_hidden(call))
            return document({"id": made.key, "success": True, "errors": [], "created": True}, 201)
        records.change(self.state, kind, row, given, sha256=sha256)
        if self.state.options.upsert_answers_204:
            return Reply(204)
        return document({"id": row.key, "success": True, "errors": [], "created": False})

    def _row(self, kind: SObject, ident: str) -> Row:
        row = self.state.row(kind, ident)
        if row is None:
            raise not_found()
        if row.values["IsDeleted"]:
            raise SfError(404, "ENTITY_IS_DELETED", "entity is deleted", ())
        return row

    def _keyed(self, kind: SObject, name: str, value: str) -> Row | None:
        field = kind.field(name)
        if field is not None and field.kind == "id":
            return self._row(kind, value)
        if field is None or not (field.external_id or field.name == "CaseNumber"):
            raise SfError(404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}")
        rows = [row for row in self.state.table(kind).where(field.name, value) if not row.values["IsDeleted"]]
        return rows[0] if rows else None


def _missing() -> Row:
    raise not_found()


def _hidden(call: Call) -> float:
    rule = call.faults.get("slow_index") or call.faults.get("late_row")
    return 0.0 if rule is None else (5.0 if rule.seconds is None else rule.seconds)


def _checked_names(kind: SObject, names: list[str] | None) -> list[str] | None:
    if names is None:
        return None
    fields = [kind.field(name) for name in names]
    if None in fields:
        raise SfError(400, "INVALID_FIELD", f"No such column on entity '{kind.name}'.")
    return [field.name for field in fields if field]


def _object(raw: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        raise SfError(400, "JSON_PARSER_ERROR", "The HTTP entity body is not a JSON object") from None


def _multipart(raw: bytes, media: str) -> tuple[dict[str, Any], bytes]:
    try:
        parts = {part.name: part for part in split_multipart(raw, media)}
        entity, file = parts["entity_content"], parts["VersionData"]
    except (ValueError, KeyError):
        words = "Multipart message must include entity_content and VersionData"
        raise SfError(400, "INVALID_MULTIPART_REQUEST", words) from None
    if not entity.content_type.startswith("application/json"):
        raise SfError(400, "INVALID_MULTIPART_REQUEST", "entity_content must be application/json")
    return _object(entity.data), file.data


def _description(kind: SObject) -> dict[str, Any]:
    fields = [
        {
            "name": f.name,
            "type": f.kind,
            "length": f.length,
            "createable": f.createable,
            "updateable": f.updateable,
            "filterable": f.filterable,
            "externalId": f.external_id,
            "unique": f.external_id,
            "nillable": not f.required,
            "picklistValues": [
                {"value": value, "label": value, "active": True, "defaultValue": value == f.default}
                for value in f.values
            ],
        }
        for f in kind.fields.values()
    ]
    return {"name": kind.name, "keyPrefix": kind.prefix, "fields": fields}
