"""Broken replies: replies that replace the vendor's, and damaged bodies. Pure."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from email.utils import formatdate

from hub.simulators.kit.call import Reply
from hub.simulators.kit.faults import FaultRule

_SCALAR = re.compile(rb':\s*("(?:[^"\\]|\\.)*"|null|true|false|-?\d[\d.eE+-]*)')
_STRING = re.compile(rb':\s*"')
_THREE_DAYS = 3 * 86_400
_HTML = {"Content-Type": "text/html; charset=UTF-8"}


def gateway_reply(rule: FaultRule, now: float) -> Reply | None:
    """The reply of a gateway in front of the vendor, or None for the vendor's own refusals."""
    wait = 1 if rule.seconds is None else rule.seconds
    match rule.kind:
        case "retry_after_seconds":
            return _busy({"Retry-After": f"{wait:g}"})
        case "retry_after_date":
            return _busy({"Retry-After": formatdate(now + wait, usegmt=True)})
        case "retry_after_absent":
            return _busy({})
        case "retry_after_absurd":
            return _busy({"Retry-After": str(_THREE_DAYS)})
        case "http_502" | "http_503" | "http_504":
            status = int(rule.kind[-3:])
            return Reply(status, f"upstream failed ({status})".encode(), {"Content-Type": "text/plain"})
        case "proxy_html":
            page = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body></body></html>"
            return Reply(502, page, dict(_HTML))
        case "login_page":
            page = b'<!DOCTYPE html><html><body><form action="/sso"><input name="user"></form></body></html>'
            return Reply(200, page, dict(_HTML))
    return None


def damaged(rule: FaultRule, reply: Reply) -> Reply:
    """The reply with its body damaged as the rule's kind says, or unchanged for other kinds."""
    damage = _DAMAGE.get(rule.kind)
    if rule.kind == "wrong_content_type":
        return Reply(reply.status, reply.body, {**reply.headers, "Content-Type": "application/octet-stream"})
    if rule.kind == "truncated_gzip":
        packed = gzip.compress(reply.body, mtime=0)
        headers = {**reply.headers, "Content-Encoding": "gzip"}
        return Reply(reply.status, packed[: max(12, len(packed) // 2)], headers)
    if damage is None:
        return reply
    return Reply(reply.status, damage(rule, reply.body), {**reply.headers, "Content-Type": "application/json"})


def _busy(headers: dict[str, str]) -> Reply:
    return Reply(429, b"too many requests", {"Content-Type": "text/plain", **headers})


def _malformed(_: FaultRule, body: bytes) -> bytes:
    return body.rstrip().rstrip(b"]}") + b",," if body else b"{"


def _nan(rule: FaultRule, body: bytes) -> bytes:
    bent, count = _at(rule, _SCALAR).subn(rb"\1NaN" if rule.field else b":NaN", body, count=1)
    return bent if count else b'{"values":NaN}'


def _nul(rule: FaultRule, body: bytes) -> bytes:
    return _insert(rule, body, rb"\u0000")


def _invalid_utf8(rule: FaultRule, body: bytes) -> bytes:
    return _insert(rule, body, b"\xff\xc3\x28")


def _insert(rule: FaultRule, body: bytes, poison: bytes) -> bytes:
    match = _at(rule, _STRING).search(body)
    if match is None:
        return b'{"values":"' + poison + b'"}'
    return body[: match.end()] + poison + body[match.end() :]


def _at(rule: FaultRule, value: re.Pattern[bytes]) -> re.Pattern[bytes]:
    if rule.field is None:
        return value
    return re.compile(rb'("' + re.escape(rule.field.encode()) + rb'"\s*:\s*)' + value.pattern.removeprefix(rb":\s*"))


def _deep(rule: FaultRule, _: bytes) -> bytes:
    depth = rule.size or 100_000
    return b'{"entries":' + b"[" * depth + b"]" * depth + b"}"


def _oversized(rule: FaultRule, body: bytes) -> bytes:
    return body + b" " * (rule.size or 64 * 1024 * 1024)


_DAMAGE: dict[str, Callable[[FaultRule, bytes], bytes]] = {
    "malformed_json": _malformed,
    "nan": _nan,
    "nul": _nul,
    "invalid_utf8": _invalid_utf8,
    "deep_nesting": _deep,
    "oversized": _oversized,
}
