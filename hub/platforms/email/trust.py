"""Whether a mail is the vendor's: by its sender, and by what our own mail server found out about that. Pure.

Source: RFC 8601. Only results of a host that we trust count, and of these only the topmost, as it is added last; that
host strips what others claim in its name (section 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_RESULT = re.compile(r"(?i)\b(dmarc|dkim|spf)\s*=\s*(\w+)([^;]*)")
_DOMAIN = re.compile(r"(?i)\b(?:header\.(?:d|from|i)|smtp\.mailfrom)\s*=\s*\"?(?:[^\s@;\"]*@)?([\w.-]+)")
_COMMENT = re.compile(r"\([^()]*\)")


def is_vendors(address: str, senders: Iterable[str], vendor_address: str) -> bool:
    """Whether an address is one of the vendor's; `senders` are addresses, or domains as @example.com."""
    address = address.lower()
    domain = "@" + address.rpartition("@")[2]
    wanted = {one.lower() for one in senders} or {"@" + vendor_address.lower().rpartition("@")[2]}
    return bool(address.partition("@")[0]) and (address in wanted or domain in wanted)


def is_proved(results: Sequence[str], authserv_id: str, address: str) -> bool:
    """Whether the trusted host found the sender's address to be true: DMARC, or DKIM or SPF of the address's domain."""
    domain = address.lower().rpartition("@")[2]
    for header in results:
        clean = _COMMENT.sub(" ", " ".join(header.split()))
        name, _, told = clean.partition(";")
        if not name.strip() or name.split()[0].lower() != authserv_id.lower():
            continue
        return any(_passes(one, domain) for one in _RESULT.finditer(told))
    return False


def _passes(found: re.Match[str], domain: str) -> bool:
    method, result, properties = found.groups()
    if result.lower() != "pass":
        return False
    named = {one.lower() for one in _DOMAIN.findall(properties)}
    if method.lower() == "dmarc":
        return not named or any(_aligned(one, domain) for one in named)
    return any(_aligned(one, domain) for one in named)


def _aligned(one: str, domain: str) -> bool:
    """The same domain, or one inside the other; a suffix that registries share has a single label, and never counts."""
    one = one.strip(".")
    inner, outer = sorted((one, domain), key=len, reverse=True)
    return inner == outer or ("." in outer and inner.endswith("." + outer))
