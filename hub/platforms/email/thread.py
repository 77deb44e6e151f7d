"""How mails are told to belong together: Message-IDs made of keys, and the bond's key in the subject. Pure.

The same operation always has the same Message-ID, so that whoever keeps mails can tell a repeat. Whoever answers names
it in References or In-Reply-To (RFC 5322, section 3.6.4); a desk that drops both mostly keeps the subject.
"""

from __future__ import annotations

import re

from hub.platforms import texts

SUBJECT_LIMIT = 200  # characters
_BOND = r"[A-Z][A-Z0-9]{0,9}-[0-9]{1,12}-[0-9A-Z]{5}"
_OPERATION = r"[0-9]{1,9}-[0-9A-Z]{4}"
_KEY = re.compile(rf"{_BOND}(?:/{_OPERATION})?")
_TOKEN = re.compile(rf"\[\s*({_BOND})\s*\]", re.IGNORECASE)


def message_id(key: str, domain: str) -> str:
    """The Message-ID of a bond's opening, or of an operation: `<RJR-000123-7F3KQ.3-X2QF@rjr.example>`."""
    return f"<{key.replace('/', '.')}@{domain}>"


def our_keys(text: str, domain: str) -> tuple[str, ...]:
    """The keys of bonds and operations in all of our Message-IDs that a text holds, in the order met."""
    pattern = rf"<\s*({_BOND})(?:\.({_OPERATION}))?@{re.escape(domain)}\s*>"
    found = re.finditer(pattern, text, re.IGNORECASE)
    keys = (one[1] + (f"/{one[2]}" if one[2] else "") for one in found)
    return tuple(dict.fromkeys(key.upper() for key in keys))


def subject_key(subject: str) -> str:
    """The bond's key that a subject carries in brackets, or nothing; nothing too when it carries two."""
    found = {one.upper() for one in _TOKEN.findall(subject)}
    return found.pop() if len(found) == 1 else ""


def subject_of(key: str, title: str) -> str:
    """The subject of a new case."""
    return texts.titled(title, key, SUBJECT_LIMIT)


def answer_subject(subject: str, key: str) -> str:
    """The subject of a later mail: the first one's, so that desks that thread by subject find it."""
    return f"Re: {subject or f'[{key}]'}"


def is_key(text: str) -> bool:
    """Whether a case's number is a key of ours."""
    return _KEY.fullmatch(text) is not None


def bond_of(key: str) -> str:
    """The bond's key of an operation's."""
    return key.partition("/")[0]


def vendor_number(subject: str, pattern: str) -> str:
    """The vendor's case number in a subject, by the account's pattern; without a pattern nothing."""
    found = re.search(pattern, subject) if pattern else None
    if found is None:
        return ""
    return (found[1] if found.re.groups else found[0]) or ""
