"""Reads Zendesk's error answers and says who acts next; of their texts nothing is kept.

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


class _Told(msgspec.Struct):
    error: Any = ""
    description: Any = ""
    details: Any = None

    @property
    def label(self) -> str:
        """The short name of what is wrong; empty where it is an object of texts."""
        return self.error if isinstance(self.error, str) else ""


def explain(reply: Reply) -> HubError | None:
    """The error that the vendor's words name; None leaves it to the status."""
    told = _told(reply)
    known: dict[str, Any] = {"vendor": reply.vendor, "account": reply.account, "request_id": reply.request_id}
    if reply.status == 404 and (told is None or told.label == "InvalidEndpoint"):
        return reply.misbehaved("there is no such address", next_step="check base_url: it ends with /api/v2")
    if told is None:
        return None
    if reply.status == 400 and told.label == "IdempotentRequestError":
        return VendorMisbehaved(
            "the key was used for another ticket already",
            next_step="it is looked for by its key",
            in_doubt=True,
            **known,
        )
    if reply.status == 403 and "scope" in str(told.description):
        return NotPermitted(
            "the login lacks a scope", next_step="let the vendor give it the scopes read and write", **known
        )
    if reply.status == 409:
        return TryLater("the vendor's record was being changed by somebody else", **known)
    if reply.status == 422:
        return _refused(told.details, known)
    return None


def _refused(details: Any, known: dict[str, Any]) -> HubError:
    named = [one for one in details if isinstance(one, str)] if isinstance(details, dict) else []
    field = named[0] if named and _NAME.fullmatch(named[0]) else ""
    if not field or field == "base":
        return CaseRefused("the vendor refused the values", **known)
    if field == "status":
        return FieldRefused(
            "the vendor refused the status; a closed case can't be changed",
            field=field,
            next_step="look at the case there; where it is closed, open a new one that names it",
            **known,
        )
    return FieldRefused(
        f"the vendor refused {field}",
        field=field,
        next_step="mend the value, or give the field in custom_fields",
        **known,
    )


def _told(reply: Reply) -> _Told | None:
    try:
        return msgspec.json.decode(reply.content, type=_Told)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return None
