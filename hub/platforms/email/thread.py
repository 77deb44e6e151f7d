"""How mails of a case are recognised: by Message-IDs made of keys, and by the bond's key in the subject. Pure.

The same operation always has the same Message-ID, so that a repeated mail can be recognised. Answers name it in
References or In-Reply-To (RFC 5322, section 3.6.4); a desk that drops both usually keeps the subject.
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
    """The keys of bonds and operations in all of our Message-IDs in a text, in order."""
    pattern = rf"<\s*({_BOND})(?:\.({_OPERATION}))?@{re.escape(domain)}\s*>"
    matches = re.finditer(pattern, text, re.IGNORECASE)
    keys = (match[1] + (f"/{match[2]}" if match[2] else "") for match in matches)
    return tuple(dict.fromkeys(key.upper() for key in keys))


def subject_key(subject: str) -> str:
    """The bond's key in brackets in a subject; empty if there is none or more than one."""
    keys = {key.upper() for key in _TOKEN.findall(subject)}
    return keys.pop() if len(keys) == 1 else ""


def subject_of(key: str, title: str) -> str:
    """The subject of a new case."""
    return texts.titled(title, key, SUBJECT_LIMIT)


def answer_subject(subject: str, key: str) -> str:
    """The subject of a later mail: that of the first mail, for desks that thread by subject."""
    return f"Re: {subject or f'[{key}]'}"


def is_key(text: str) -> bool:
    """Whether a case's number is one of our keys."""
    return _KEY.fullmatch(text) is not None


def bond_of(key: str) -> str:
    """The bond's key in an operation's key."""
    return key.partition("/")[0]


def vendor_number(subject: str, pattern: str) -> str:
    """The vendor's case number in a subject, by the account's pattern; empty without a pattern."""
    match = re.search(pattern, subject) if pattern else None
    if match is None:
        return ""
    return (match[1] if match.re.groups else match[0]) or ""
