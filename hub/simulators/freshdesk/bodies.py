"""Request bodies: JSON, or forms in parts whose names carry lists and custom fields in brackets."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from hub.simulators.freshdesk.replies import Invalid, Refused, mismatch
from hub.simulators.kit import Call, FormPart, split_multipart

_INSIDE = re.compile(r"^(\w+)\[(\w+)\]$")
_NUMBERS = frozenset(
    {"status", "priority", "source", "requester_id", "responder_id", "group_id", "product_id", "company_id"}
)
_TRUTH = {"true": True, "false": False}


class Given(NamedTuple):
    """The fields of a body, and its files."""

    values: dict[str, Any]
    files: list[FormPart]


def read(call: Call, limit: int) -> Given:
    """The body of a write; Refused when it can't be read or is too large."""
    media = call.headers.get("Content-Type", "")
    if media.startswith("multipart/form-data"):
        given = _form(call.body, media)
        if sum(len(part.data) for part in given.files) > limit:
            raise Invalid(("attachments", "invalid_size", "The total size of the attachments is too large"))
        return given
    if not media.startswith("application/json"):
        raise Refused(415, "invalid_content_type", "Content-Type should be application/json")
    try:
        values = msgspec.json.decode(call.body)
    except msgspec.DecodeError:
        raise Refused(400, "invalid_json", "Request body has invalid json format") from None
    if not isinstance(values, dict):
        raise Refused(400, "invalid_json", "Request body has invalid json format")
    return Given(values, [])


def _form(body: bytes, media: str) -> Given:
    try:
        parts = split_multipart(body, media)
    except ValueError:
        raise Refused(400, "invalid_multipart", "Request body has an invalid form") from None
    values: dict[str, Any] = {}
    files: list[FormPart] = []
    for part in parts:
        if part.name == "attachments[]":
            if part.filename is None:
                raise Invalid(mismatch("attachments", "file"))
            files.append(part)
            continue
        text = part.data.decode("utf-8", "replace")
        match = _INSIDE.match(part.name)
        if part.name.endswith("[]"):
            values.setdefault(part.name[:-2], []).append(text)
        elif match:
            values.setdefault(match[1], {})[match[2]] = text
        else:
            values[part.name] = _typed(part.name, text)
    return Given(values, files)


def _typed(name: str, text: str) -> Any:
    if name in _NUMBERS and text.lstrip("-").isdigit():
        return int(text)
    return _TRUTH.get(text, text) if name == "private" else text
