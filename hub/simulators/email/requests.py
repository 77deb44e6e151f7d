"""The changes that our mail requests from the desk, by lines of the template. Pure."""

from __future__ import annotations

import re
from typing import Any

from hub.simulators.email.cases import Case
from hub.simulators.email.phrases import status_of

_LINE = re.compile(r"^(Status|Statut|Severity|Gravité|Title|Titre)[ \u00a0]?:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_NAMES = {"Status": "status", "Statut": "status", "Severity": "severity", "Gravité": "severity"}
_HEAD = re.compile(r"^(?:\[[^\]]*\]\s*|(?:re|aw|rép)\s*:\s*)+", re.IGNORECASE)


def asked(text: str, case: Case) -> dict[str, Any]:
    """The status, severity and subject that a mail requests, changed or not; quoted lines are ignored."""
    changes: dict[str, Any] = {}
    for name, words in _LINE.findall(text):
        wanted = _NAMES.get(name, "subject")
        value: Any = words
        if wanted == "status":
            value = status_of(words)
        elif wanted == "severity":
            value = int(words[0]) if words[0] in "1234" else 0
        else:
            value = case.subject[: len(case.subject) - len(title_of(case))] + words
        if value:
            changes[wanted] = value
    return changes


def new(wanted: dict[str, Any], case: Case) -> dict[str, Any]:
    """The requested changes that differ from the case."""
    return {name: value for name, value in wanted.items() if value != getattr(case, name)}


def title_of(case: Case) -> str:
    """A case's subject without the marks before it."""
    return _HEAD.sub("", case.subject)
