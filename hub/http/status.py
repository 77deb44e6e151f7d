"""The error for a status code, when the answer itself says no more (RFC 9110, RFC 6585)."""

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
    404: (CaseMissing, "the vendor does not have it"),
    408: (VendorUnavailable, "the vendor gave up on the request"),
    409: (CaseRefused, "the vendor's record is in another state"),
    410: (CaseMissing, "the vendor has deleted it"),
    412: (CaseRefused, "the vendor's record has changed in the meantime"),
    413: (CaseRefused, "the vendor refused it as too large"),
    415: (CaseRefused, "the vendor does not accept this kind of content"),
    422: (CaseRefused, "the vendor refused the values"),
    425: (TryLater, "the vendor is not ready yet"),
    499: (VendorUnavailable, "the vendor's gateway gave up on the request"),
}
_NEXT_STEPS: dict[type[VendorError], str] = {
    LoginRefused: "check the account's credentials",
    NotPermitted: "ask the vendor for the permission",
}


def requested_wait(reply: Reply) -> float | None:
    """Seconds in the reply's Retry-After header, uncapped; None without a valid value."""
    now = datetime.now(UTC)
    return parse_retry_after(reply.headers.get("retry-after"), date=reply.headers.get("date"), now=now)


def error_by_status(reply: Reply) -> VendorError:
    """The error for an answer outside 2xx, from its status alone."""
    status, where = reply.status, f"{reply.method} {reply.path}"
    context: dict[str, Any] = {"vendor": reply.vendor, "account": reply.account, "request_id": reply.request_id}
    wait = requested_wait(reply)
    if status == 429 or (status == 503 and wait is not None):
        return RateLimited(f"{where}: the vendor asks to slow down (status {status})", wait=wait, **context)
    if status >= 500:
        return VendorUnavailable(f"{where}: the vendor failed (status {status})", **context)
    if 300 <= status < 400:
        return VendorMisbehaved(
            f"{where}: the vendor redirects (status {status}); the hub does not follow",
            next_step="set base_url to the new address",
            **context,
        )
    kind, words = _REFUSALS.get(status, (VendorMisbehaved, "unexpected answer"))
    return kind(f"{where}: {words} (status {status})", next_step=_NEXT_STEPS.get(kind, ""), **context)
