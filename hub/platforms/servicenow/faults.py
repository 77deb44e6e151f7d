"""Reads ServiceNow's error answers and says who acts next; of their texts nothing is kept.

Source: "REST API HTTP response codes" and "Inbound REST API rate limiting" of ServiceNow's documentation.
"""

from __future__ import annotations

from typing import Any

import msgspec

from hub.errors import CaseMissing, CaseRefused, HubError, LoginRefused, NotPermitted
from hub.http import Reply
from hub.platforms.servicenow.login import TOKEN_PATH

NO_TABLE = "the instance has no such table for us"


class _Error(msgspec.Struct):
    message: str | None = None
    detail: str | None = None


class _Told(msgspec.Struct):
    error: _Error


def explain(reply: Reply) -> HubError | None:
    """The hub's error for a documented answer; None leaves it to the status."""
    known: dict[str, Any] = {"vendor": reply.vendor, "account": reply.account, "request_id": reply.request_id}
    if reply.path.endswith(TOKEN_PATH) and reply.status in {400, 401, 403}:
        # the instance has one answer for all: a wrong secret, user or password, a grant or application user missing
        return LoginRefused(
            "the instance refused the login",
            next_step="check client, secret and user; let the vendor check the grant and the client's user",
            **known,
        )
    told = _told(reply)
    text = f"{told.message or ''} {told.detail or ''}".lower() if told else ""
    if reply.status == 404:
        if "no record" in text or "doesn't exist" in text:
            return CaseMissing("the instance shows no such record", **known)
        return reply.misbehaved("404 without ServiceNow's words", next_step="check base_url")
    if reply.status == 400 and "invalid table" in text:
        return NotPermitted(NO_TABLE, next_step="check the table's name", **known)
    if reply.status == 403 and ("business rule" in text or "data policy" in text):
        return CaseRefused(
            "a rule of the vendor's forbids it",
            next_step="a closed case can't be changed; resolving may need a code and notes (resolution_code)",
            **known,
        )
    return None


def _told(reply: Reply) -> _Error | None:
    try:
        return msgspec.json.decode(reply.content, type=_Told).error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
