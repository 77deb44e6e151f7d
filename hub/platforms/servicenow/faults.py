"""Reads ServiceNow's error answers; their texts are not kept.

Source: "REST API HTTP response codes" and "Inbound REST API rate limiting" of ServiceNow's documentation.
"""

from __future__ import annotations

from typing import Any

import msgspec

from hub.errors import CaseMissing, CaseRefused, HubError, LoginRefused, NotPermitted
from hub.http import Reply
from hub.platforms.servicenow.login import LOGIN_PATH

NO_TABLE = "the table does not exist, or the login can't read it"


class _Error(msgspec.Struct):
    message: str | None = None
    detail: str | None = None


class _Answer(msgspec.Struct):
    error: _Error


def explain(reply: Reply) -> HubError | None:
    """The error for a documented answer; None leaves it to the status."""
    context: dict[str, Any] = {"vendor": reply.vendor, "account": reply.account, "request_id": reply.request_id}
    if reply.path.endswith(LOGIN_PATH) and reply.status in {400, 401, 403}:
        # the answer is the same for a wrong secret, user or password, and for a missing grant or application user
        return LoginRefused(
            "the instance refused the login",
            next_step="check client, secret and user; ask the vendor to check the grant and the client's user",
            **context,
        )
    answer = _parse(reply)
    text = f"{answer.message or ''} {answer.detail or ''}".lower() if answer else ""
    if reply.status == 404:
        if "no record" in text or "doesn't exist" in text:
            return CaseMissing("the instance has no such record, or the login can't read it", **context)
        return reply.misbehaved("404 that is not from ServiceNow", next_step="check base_url")
    if reply.status == 400 and "invalid table" in text:
        return NotPermitted(NO_TABLE, next_step="check the table's name", **context)
    if reply.status == 403 and ("business rule" in text or "data policy" in text):
        return CaseRefused(
            "a rule of the vendor forbids this",
            next_step="a closed case can't be changed; resolving may require a code and notes (resolution_code)",
            **context,
        )
    return None


def _parse(reply: Reply) -> _Error | None:
    try:
        return msgspec.json.decode(reply.content, type=_Answer).error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
