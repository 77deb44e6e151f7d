"""What a status code means when neither the plugin nor the vendor's words say more (RFC 9110, RFC 6585)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hub.errors import (
    CaseMissing,
    CaseRefused,
    LoginRefused,
    NotPermitted,
    RateLimited,
    TryLater,
    VendorError,
    VendorMisbehaved,
    VendorUnavailable,
)
from hub.http.reply import Reply
from hub.http.retry_after import parse_retry_after

_REFUSALS: dict[int, tuple[type[VendorError], str]] = {
    400: (CaseRefused, "the vendor refused the request"),
    401: (LoginRefused, "the vendor refused the login"),
    403: (NotPermitted, "the account may not do this"),
    404: (CaseMissing, "there is no such thing at the vendor"),
    408: (VendorUnavailable, "the vendor gave the request up"),
    409: (CaseRefused, "the vendor's record is in another state"),
    410: (CaseMissing, "it was deleted at the vendor"),
    412: (CaseRefused, "the vendor's record has changed meanwhile"),
    413: (CaseRefused, "too large for the vendor"),
    415: (CaseRefused, "the vendor does not take this kind of content"),
    422: (CaseRefused, "the vendor refused the values"),
    425: (TryLater, "the vendor is not ready for it"),
    499: (VendorUnavailable, "the vendor's gateway gave the request up"),
}
_NEXT_STEPS: dict[type[VendorError], str] = {
    LoginRefused: "check the account's credentials",
    NotPermitted: "ask the vendor for the permission",
}


def wait_asked(reply: Reply) -> float | None:
    """Seconds of the reply's Retry-After, uncapped; None without a usable one."""
    now = datetime.now(UTC)
    return parse_retry_after(reply.headers.get("retry-after"), date=reply.headers.get("date"), now=now)


def error_by_status(reply: Reply) -> VendorError:
    """The hub's error for an answer outside 2xx, by its status alone."""
    status, where = reply.status, f"{reply.method} {reply.path}"
    known: dict[str, Any] = {"vendor": reply.vendor, "account": reply.account, "request_id": reply.request_id}
    wait = wait_asked(reply)
    if status == 429 or (status == 503 and wait is not None):
        return RateLimited(f"{where}: the vendor asks to slow down (status {status})", wait=wait, **known)
    if status >= 500:
        return VendorUnavailable(f"{where}: the vendor failed (status {status})", **known)
    if 300 <= status < 400:
        return VendorMisbehaved(
            f"{where}: the vendor redirects (status {status}), which is not followed",
            next_step="set the address that it redirects to",
            **known,
        )
    kind, words = _REFUSALS.get(status, (VendorMisbehaved, "unexpected answer"))
    return kind(f"{where}: {words} (status {status})", next_step=_NEXT_STEPS.get(kind, ""), **known)
