"""The values that a change writes: fields and status of a ticket, or only whether a request is solved. Pure.

Source: api-evangelist/zendesk, requests: a change accepts a comment, `solved` and more people, and `solved` only if
`can_be_solved_by_me` is set. A comment reopens a solved request (unconfirmed).
"""

from __future__ import annotations

from typing import Any

from hub.errors import CaseRefused, FieldRefused
from hub.model import Case, CaseChanges, CaseStatus
from hub.platforms import texts
from hub.platforms.texts import storable
from hub.platforms.words import VendorWords
from hub.platforms.zendesk import api
from hub.platforms.zendesk.settings import Settings

LIVE = frozenset({CaseStatus.OPEN, CaseStatus.IN_PROGRESS})
OVER = frozenset({CaseStatus.RESOLVED, CaseStatus.CLOSED, CaseStatus.CANCELLED})
REOPENED = "This is not solved yet; please go on with it."
_NEW = "open a new case that refers to this one"


def ticket_values(case: Case, changes: CaseChanges, settings: Settings, words: VendorWords) -> dict[str, Any]:
    """The fields that differ from the current ticket; raises FieldRefused, and CaseRefused for a closed ticket."""
    values = dict[str, Any]()
    if changes.severity is not None and changes.severity != case.severity:
        values["priority"] = words.severity_word(changes.severity, settings.severity_words)
    if changes.title is not None:
        subject = texts.titled(storable(changes.title, "title"), "", settings.subject_limit)
        values |= {"subject": subject} if subject != case.title else {}
    if changes.status is not None and changes.status != case.status:
        word = words.status_word(changes.status, settings.status_words)
        values |= {"status": word} if word != case.words["status"] else {}
    if case.status is CaseStatus.CLOSED:
        values = {} if changes.status in OVER and set(values) <= {"status"} else values
        if values:
            raise CaseRefused("a closed ticket can't be changed", next_step=_NEW)
    return values


def request_values(case: Case, record: api.Record, changes: CaseChanges, settings: Settings) -> dict[str, Any]:
    """The values for what an end user can change; raises FieldRefused and CaseRefused for the rest."""
    if changes.severity is not None and changes.severity != case.severity:
        raise _fixed("severity")
    if changes.title is not None:
        head = texts.titled(changes.title, case.key, settings.subject_limit)
        if (texts.untitled(head, case.key) if case.key else head) != case.title:
            raise _fixed("title")
    wanted = changes.status
    if wanted is None or wanted == case.status or (wanted in OVER and case.status in OVER):
        return {}
    if case.status is CaseStatus.CLOSED:
        raise CaseRefused("a closed request can't be changed", next_step=_NEW)
    if wanted in OVER:
        if record.get("can_be_solved_by_me") is not True:
            raise CaseRefused(
                "the vendor does not allow customers to solve this request",
                next_step="ask the vendor in a comment to solve it",
            )
        return {"solved": True}
    if wanted in LIVE:
        return {} if case.status in LIVE else {"comment": {"body": texts.marked(REOPENED, changes.key)}}
    raise _fixed("status")


def _fixed(field: str) -> FieldRefused:
    return FieldRefused(
        f"a customer can't change the {field} of a request",
        field=field,
        next_step="ask for it in a comment, or ask the vendor for an agent's login",
    )
