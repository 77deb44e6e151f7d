"""Reads Salesforce's error answers, which are arrays of codes; their texts are not kept, as they may quote a case.

Source: "Status Codes and Error Responses" of the REST API guide.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from hub.errors import (
    CaseMissing,
    CaseRefused,
    FieldRefused,
    HubError,
    LoginRefused,
    NotPermitted,
    RateLimited,
    TryLater,
    VendorError,
    VendorMisbehaved,
    VendorUnavailable,
)
from hub.http import Reply

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_SETUP = "compare the account's fields with the org's, and check the user's permissions"
_CODES: dict[str, tuple[type[VendorError], str]] = {
    "UNABLE_TO_LOCK_ROW": (TryLater, ""),
    "INVALID_QUERY_LOCATOR": (TryLater, ""),
    "QUERY_TIMEOUT": (VendorUnavailable, "ask for smaller pages (page_size)"),
    "REQUEST_LIMIT_EXCEEDED": (RateLimited, "poll less often, or ask the vendor for more calls a day"),
    "NOT_FOUND": (CaseMissing, ""),
    "ENTITY_IS_DELETED": (CaseMissing, ""),
    "INVALID_CROSS_REFERENCE_KEY": (CaseMissing, ""),
    "INVALID_FIELD": (NotPermitted, _SETUP),
    "INVALID_TYPE": (NotPermitted, _SETUP),
    "INVALID_FIELD_FOR_INSERT_UPDATE": (NotPermitted, _SETUP),
    "INSUFFICIENT_ACCESS": (NotPermitted, "ask the vendor for the permission"),
    "INSUFFICIENT_ACCESS_OR_READONLY": (NotPermitted, "ask the vendor for the permission"),
    "API_DISABLED_FOR_ORG": (NotPermitted, "ask the vendor to enable the API for the user"),
    "REQUIRED_FIELD_MISSING": (FieldRefused, "answer it in the intake, or set it in case_constants"),
    "STRING_TOO_LONG": (FieldRefused, "shorten it"),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": (FieldRefused, "choose a value from the vendor's list"),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (CaseRefused, "ask the vendor what its rule requires, or use a comment"),
    "DUPLICATE_VALUE": (CaseRefused, ""),
    "MALFORMED_QUERY": (VendorMisbehaved, "report this to the hub's developers"),
    "MALFORMED_SEARCH": (VendorMisbehaved, "report this to the hub's developers"),
    "JSON_PARSER_ERROR": (VendorMisbehaved, "report this to the hub's developers"),
    "METHOD_NOT_ALLOWED": (VendorMisbehaved, "report this to the hub's developers"),
    "UNSUPPORTED_MEDIA_TYPE": (VendorMisbehaved, "report this to the hub's developers"),
}
_LOGIN_STEPS = {
    "expired authorization code": "check this machine's clock",
    "audience is invalid": "set login_host to the login host that the app expects",
    "user hasn't approved this consumer": "ask the vendor to pre-authorise the user for the app",
    "client identifier invalid": "check consumer_key",
    "invalid client credentials": "check consumer_secret",
    "no client credentials user enabled": "ask the vendor to set a run-as user for the app",
    "request not supported on this domain": "set base_url to the org's My Domain",
}
_BY_STATUS: dict[int, tuple[type[VendorError], str]] = {
    300: (CaseRefused, "several cases have the key; ask the vendor to merge them"),
    406: (VendorUnavailable, ""),
    420: (RateLimited, ""),
}


class _Error(msgspec.Struct, rename="camel"):
    error_code: str
    fields: list[Any] | None = None


class _LoginError(msgspec.Struct):
    error: str
    error_description: Any = None


def explain(reply: Reply) -> HubError | None:
    """The error for a documented answer; None leaves it to the status."""
    context: dict[str, Any] = {"vendor": reply.vendor, "account": reply.account, "request_id": reply.request_id}
    if reply.status in _BY_STATUS:
        kind, step = _BY_STATUS[reply.status]
        return kind(f"status {reply.status} without a reason", next_step=step, **context)
    if (refused := _parse_login(reply)) is not None:
        step = _LOGIN_STEPS.get(str(refused.error_description), "check the set-up of app and user at the vendor")
        return LoginRefused("the org refused the login", next_step=step, **context)
    answer = _parse(reply)
    if answer is None:
        if reply.status == 404:  # a wrong address must not look like a deleted case
            return reply.misbehaved("404 that is not from Salesforce", next_step="check base_url")
        return None
    code = answer.error_code
    if code not in _CODES or reply.status == 401:
        return None
    kind, step = _CODES[code]
    names = [name for name in answer.fields or () if isinstance(name, str) and _NAME.fullmatch(name)]
    if names and issubclass(kind, CaseRefused) and not issubclass(kind, CaseMissing):
        return FieldRefused(f"{code}: {names[0]}", field=names[0], next_step=step, **context)
    return kind(code, next_step=step, **context)


def _parse(reply: Reply) -> _Error | None:
    try:
        answer = msgspec.json.decode(reply.content, type=list[_Error])
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return None
    return answer[0] if answer and _NAME.fullmatch(answer[0].error_code) else None


def _parse_login(reply: Reply) -> _LoginError | None:
    if not reply.path.endswith("/services/oauth2/token"):
        return None
    try:
        return msgspec.json.decode(reply.content, type=_LoginError)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return None
