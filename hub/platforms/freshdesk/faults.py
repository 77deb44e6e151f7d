"""Reads Freshdesk's error answers and says who acts next; of their texts nothing is kept.

Source: two shapes, `description` with `errors[]` of field, message and code, and `code` with `message`
(arjunkomath/node-freshdesk-api issue 61; python-freshdesk, errors.py). A body may be empty or no JSON.
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


class _Wrong(msgspec.Struct):
    field: str = ""
    code: str = ""


class _Told(msgspec.Struct):
    code: str = ""
    errors: list[_Wrong] = []


def explain(external_id_field: str) -> Callable[[Reply], HubError | None]:
    """A reader of error answers that knows the field which carries our key; None leaves it to the status."""

    def read(reply: Reply) -> HubError | None:
        known: dict[str, Any] = {"vendor": reply.vendor, "account": reply.account, "request_id": reply.request_id}
        told = _told(reply)
        if reply.status == 404 and reply.content.lstrip()[:1] == b"<":
            return reply.misbehaved("404 with a page", next_step="check base_url: it ends with /api/v2")
        if reply.status == 403:
            return _forbidden(told, known)
        if reply.status == 400 and told is not None and told.errors:
            return _refused(told.errors, external_id_field, known)
        return None

    return read


def _forbidden(told: _Told | None, known: dict[str, Any]) -> HubError | None:
    code = told.code if told else ""
    if code == "password_lockout":
        return LoginRefused(
            "the account is locked after too many failed logins", next_step="check api_key, then wait", **known
        )
    if code == "account_suspended":
        return NotPermitted("the vendor's account is suspended", next_step="ask the vendor", **known)
    if code == "require_feature":
        return NotPermitted("the vendor's plan does not include this", next_step="ask the vendor", **known)
    return None


def _refused(errors: list[_Wrong], external_id_field: str, known: dict[str, Any]) -> HubError:
    first = errors[0]
    field = first.field if _NAME.fullmatch(first.field) else ""
    code = first.code if first.code in _CODES else "refused"
    if external_id_field and field.endswith(external_id_field) and code == "invalid_field":
        return NotPermitted(
            "the vendor's tickets lack the field that carries our key",
            next_step="let the vendor create external_id_field, or leave it empty: then the subject carries the key",
            **known,
        )
    if not field:
        return CaseRefused("the vendor refused the values", **known)
    return FieldRefused(
        f"the vendor refused {field} ({code})",
        field=field,
        next_step="mend the value, or give the field in the intake or in custom_fields",
        **known,
    )


def _told(reply: Reply) -> _Told | None:
    try:
        return msgspec.json.decode(reply.content, type=_Told)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return None
