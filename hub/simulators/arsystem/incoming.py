"""Reads a write request, JSON or multipart, and checks its names and values against the form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from hub.simulators.arsystem.errors import (
    BAD_BODY,
    BAD_VALUE,
    LOCKED_FIELD,
    MISSING,
    NO_ATTACHMENT,
    TOO_LARGE,
    UNKNOWN_FIELD,
    ArError,
    bad_request,
)
from hub.simulators.arsystem.forms import Field, Form
from hub.simulators.arsystem.state import State, StoredFile
from hub.simulators.kit import Call, split_multipart


class _Entry(msgspec.Struct):
    values: dict[str, Any]


@dataclass(slots=True)
class Incoming:
    """A write, ready to store."""

    values: dict[str, Any] = field(repr=False)
    """By the stored row's names; enumerations as numbers, dates as epoch seconds, files as StoredFile."""
    display: dict[str, Any] = field(repr=False)
    """Display-only fields: instructions to the workflow."""
    sha256: str | None = None
    """Of the raw body, when it came over HTTP."""


def read_entry(state: State, call: Call, form: Form, *, creating: bool) -> Incoming:
    """The write in a request's body; raises ArError (400, or 413 for a large file) when it is invalid."""
    entry, files = _body(call)
    values: dict[str, Any] = {}
    display: dict[str, Any] = {}
    for name, value in entry.items():
        target = form.find(name)
        if target is None:
            raise bad_request(UNKNOWN_FIELD, "Field does not exist on the form", f"{form.name}, {name}")
        if target.locked:
            raise bad_request(LOCKED_FIELD, "Field can not be set", f"{form.name}, {name}")
        if target.kind == "display":
            display[target.name] = value
        elif target.kind == "attachment":
            values[target.key] = _file(state, target, value, files)
        elif not target.computed:
            values[target.key] = _converted(state, target, value)
    if files:
        raise bad_request(NO_ATTACHMENT, "Attachment part without a value in the entry", ", ".join(files))
    if creating:
        missing = [n for n in form.required if values.get(form.fields[n].key) in (None, "")]
        if missing:
            raise bad_request(MISSING, "Required field (without a default) not specified", ", ".join(missing))
    return Incoming(values, display, sha256(call.body).hexdigest())


def _body(call: Call) -> tuple[dict[str, Any], dict[str, StoredFile]]:
    media = call.headers.get("Content-Type", "")
    files: dict[str, StoredFile] = {}
    raw = call.body
    if media.lower().startswith("multipart/"):
        try:
            parts = split_multipart(call.body, media)
        except ValueError as error:
            raise bad_request(BAD_BODY, "Request body can not be read", str(error)) from None
        entries = [part for part in parts if part.name == "entry"]
        if len(entries) != 1:
            raise bad_request(BAD_BODY, "Request body can not be read", "exactly one part named entry is needed")
        raw = entries[0].data
        for part in parts:
            if part.name.startswith("attach-"):
                files[part.name.removeprefix("attach-")] = StoredFile(part.filename or "", part.data)
    try:
        return msgspec.json.decode(raw, type=_Entry).values, files
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad_request(BAD_BODY, "Request body can not be read", str(error)) from None


def _file(state: State, target: Field, value: Any, files: dict[str, StoredFile]) -> StoredFile | None:
    if value is None:
        return None
    given = files.pop(target.name, None)
    if given is None or given.name != value:
        raise bad_request(NO_ATTACHMENT, "Attachment named in the entry is missing", f"{target.name}, {value}")
    if len(given.data) > state.options.attachment_cap:
        raise ArError(413, TOO_LARGE, "Attachment is larger than the server allows", str(target.name))
    return given


def _converted(state: State, target: Field, value: Any) -> Any:
    if value is None:
        return None
    made: Any = None
    if target.kind == "enum":
        made = state.number(target, value)
    elif target.kind == "date":
        made = _date(value)
    elif target.kind == "int":
        made = value if type(value) is int else None
    elif isinstance(value, str):
        made = value
    elif type(value) in (int, float):
        made = str(value)
    if made is None:
        raise bad_request(BAD_VALUE, "Value does not fall within the limits of the field", f"{target.name}, {value}")
    return made


def _date(value: Any) -> int | None:
    if type(value) is int:
        return value
    if isinstance(value, str) and re.fullmatch(r"\d+", value):
        return int(value)
    try:
        return int(datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S.%f%z").timestamp())
    except ValueError:
        return None
