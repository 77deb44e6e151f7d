"""Reads Zendesk's error answers; their texts are not kept.

Source: api-evangelist/zendesk, errors/zendesk-error-codes.yml, for `error`, `description` and `details`;
singer-io/tap-zendesk, http.py, for `error` as an object; cloudbees-oss/zendesk-java-client for idempotency.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from hub.errors import CaseRefused, FieldRefused, HubError, NotPermitted, TryLater, VendorMisbehaved
from hub.http import Reply

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,59}")


class _Answer(msgspec.Struct):
    error: Any = ""
    description: Any = ""
    details: Any = None

    @property
    def label(self) -> str:
        """The short name of the error; empty if it is an object of texts."""
        return self.error if isinstance(self.error, str) else ""


def explain(reply: Reply) -> HubError | None:
    """The error that the answer names; None leaves it to the status."""
    answer = _parse(reply)
    context: dict[str, Any] = {"vendor": reply.vendor, "account": reply.account, "request_id": reply.request_id}
    if reply.status == 404 and (answer is None or answer.label == "InvalidEndpoint"):
        return reply.misbehaved("this address does not exist", next_step="check base_url: it must end with /api/v2")
    if answer is None:
        return None
    if reply.status == 400 and answer.label == "IdempotentRequestError":
        return VendorMisbehaved(
            "the key was already used for another ticket",
            next_step="the hub looks for it by its key",
            in_doubt=True,
            **context,
        )
    if reply.status == 403 and "scope" in str(answer.description):
        return NotPermitted(
            "the login lacks a scope", next_step="ask the vendor for the scopes read and write", **context
        )
    if reply.status == 409:
        return TryLater("the vendor's record was being changed at the same time", **context)
    if reply.status == 422:
        return _refused(answer.details, context)
    return None


def _refused(details: Any, context: dict[str, Any]) -> HubError:
    fields = [name for name in details if isinstance(name, str)] if isinstance(details, dict) else []
    field = fields[0] if fields and _NAME.fullmatch(fields[0]) else ""
    if not field or field == "base":
        return CaseRefused("the vendor refused the values", **context)
    if field == "status":
        return FieldRefused(
            "the vendor refused the status; a closed case can't be changed",
            field=field,
            next_step="check the case at the vendor; if it is closed, open a new case that refers to it",
            **context,
        )
    return FieldRefused(
        f"the vendor refused {field}",
        field=field,
        next_step="correct the value, or set the field in custom_fields",
        **context,
    )


def _parse(reply: Reply) -> _Answer | None:
    try:
        return msgspec.json.decode(reply.content, type=_Answer)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return None
