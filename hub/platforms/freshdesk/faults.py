"""Reads Freshdesk's error answers; their texts are not kept.

Source: two shapes, `description` with `errors[]` of field, message and code, and `code` with `message`
(arjunkomath/node-freshdesk-api issue 61; python-freshdesk, errors.py). A body may be empty or not JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from hub.errors import CaseRefused, FieldRefused, HubError, LoginRefused, NotPermitted
from hub.http import Reply

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]]{0,59}")
_CODES = frozenset(
    {
        "missing_field",
        "invalid_value",
        "invalid_field",
        "duplicate_value",
        "datatype_mismatch",
        "invalid_size",
        "too_long",
        "invalid_date",
    }
)


class _FieldError(msgspec.Struct):
    field: str = ""
    code: str = ""


class _Answer(msgspec.Struct):
    code: str = ""
    errors: list[_FieldError] = []


def explain(external_id_field: str) -> Callable[[Reply], HubError | None]:
    """A reader of error answers that knows the field with our key; it returns None to leave it to the status."""

    def read(reply: Reply) -> HubError | None:
        context: dict[str, Any] = {"vendor": reply.vendor, "account": reply.account, "request_id": reply.request_id}
        answer = _parse(reply)
        if reply.status == 404 and reply.content.lstrip()[:1] == b"<":
            return reply.misbehaved("404 with an HTML page", next_step="check base_url: it must end with /api/v2")
        if reply.status == 403:
            return _forbidden(answer, context)
        if reply.status == 400 and answer is not None and answer.errors:
            return _refused(answer.errors, external_id_field, context)
        return None

    return read


def _forbidden(answer: _Answer | None, context: dict[str, Any]) -> HubError | None:
    code = answer.code if answer else ""
    if code == "password_lockout":
        return LoginRefused(
            "the account is locked after too many failed logins",
            next_step="check api_key, then wait until the account is unlocked",
            **context,
        )
    if code == "account_suspended":
        return NotPermitted("the vendor's account is suspended", next_step="contact the vendor", **context)
    if code == "require_feature":
        return NotPermitted("the vendor's plan does not include this", next_step="contact the vendor", **context)
    return None


def _refused(errors: list[_FieldError], external_id_field: str, context: dict[str, Any]) -> HubError:
    first = errors[0]
    field = first.field if _NAME.fullmatch(first.field) else ""
    code = first.code if first.code in _CODES else "refused"
    if external_id_field and field.endswith(external_id_field) and code == "invalid_field":
        return NotPermitted(
            "the vendor's tickets have no field for our key",
            next_step="ask the vendor to create external_id_field, or leave it empty to put the key into the subject",
            **context,
        )
    if not field:
        return CaseRefused("the vendor refused the values", **context)
    return FieldRefused(
        f"the vendor refused {field} ({code})",
        field=field,
        next_step="correct the value, or set the field in the intake or in custom_fields",
        **context,
    )


def _parse(reply: Reply) -> _Answer | None:
    try:
        return msgspec.json.decode(reply.content, type=_Answer)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return None
