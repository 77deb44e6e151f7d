"""Whether a mail is from the vendor: by its sender, and by our own mail server's verification of the sender. Pure.

Source: RFC 8601. Only results of a trusted host count, and only its topmost header, which is added last; that host
removes headers which others add in its name (section 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_RESULT = re.compile(r"(?i)\b(dmarc|dkim|spf)\s*=\s*(\w+)([^;]*)")
_DOMAIN = re.compile(r"(?i)\b(?:header\.(?:d|from|i)|smtp\.mailfrom)\s*=\s*\"?(?:[^\s@;\"]*@)?([\w.-]+)")
_COMMENT = re.compile(r"\([^()]*\)")


def is_vendors(address: str, senders: Iterable[str], vendor_address: str) -> bool:
    """Whether an address belongs to the vendor; `senders` are addresses, or domains such as @example.com."""
    address = address.lower()
    domain = "@" + address.rpartition("@")[2]
    wanted = {sender.lower() for sender in senders} or {"@" + vendor_address.lower().rpartition("@")[2]}
    return bool(address.partition("@")[0]) and (address in wanted or domain in wanted)


def is_verified(results: Sequence[str], authserv_id: str, address: str) -> bool:
    """Whether the trusted host verified the sender's address: by DMARC, or by DKIM or SPF for its domain."""
    domain = address.lower().rpartition("@")[2]
    for header in results:
        clean = _COMMENT.sub(" ", " ".join(header.split()))
        name, _, rest = clean.partition(";")
        if not name.strip() or name.split()[0].lower() != authserv_id.lower():
            continue
        return any(_passes(result, domain) for result in _RESULT.finditer(rest))
    return False


def _passes(match: re.Match[str], domain: str) -> bool:
    method, result, properties = match.groups()
    if result.lower() != "pass":
        return False
    domains = {name.lower() for name in _DOMAIN.findall(properties)}
    if method.lower() == "dmarc":
        return not domains or any(_aligned(name, domain) for name in domains)
    return any(_aligned(name, domain) for name in domains)


def _aligned(name: str, domain: str) -> bool:
    """Whether the domains are equal or one contains the other; a single label such as com never counts."""
    name = name.strip(".")
    inner, outer = sorted((name, domain), key=len, reverse=True)
    return inner == outer or ("." in outer and inner.endswith("." + outer))
