"""The Digital Card desk: its words, and who may raise its alarm.

Source: antelop-support.freshdesk.com, articles 44001871698 (statuses) and 44002579227 (priorities): Major and Critical
are for a production that is down, and raise an alarm. What holds them is not published: Urgent is taken for both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hub import hookimpl
from hub.markup.html import html_to_text
from hub.model import Account, Case, CaseChanges, CaseDraft, CaseReference, CaseStatus, Severity
from hub.platforms import freshdesk
from hub.platforms.form import IntakeForm
from hub.platforms.freshdesk import cases
from hub.platforms.texts import text

from .settings import DigitalCardSettings

WORDS = replace(
    freshdesk.WORDS,
    statuses={**freshdesk.WORDS.statuses, "Assigned": CaseStatus.IN_PROGRESS, "Dev-scheduled": CaseStatus.IN_PROGRESS},
)
"""The numbers of the desk's own statuses are not published, so that they are known by label."""
_OUTAGE = "Outage in production: "
"""As the intake form's answer stands at the end of the description."""


class DigitalCardDesk(freshdesk.Desk[DigitalCardSettings]):
    """A Freshdesk desk that is given severity 1 only where production is said to be down, else 2."""

    def __init__(self, *, form: IntakeForm) -> None:
        super().__init__(form=form, words=WORDS, settings=DigitalCardSettings)

    @hookimpl
    async def hub_open_case(self, account: Account[DigitalCardSettings], draft: CaseDraft) -> Case:
        """Store a ticket that carries the key, and return it as stored."""
        if draft.severity is Severity.S1 and draft.answers.get("outage") == "none":
            draft = draft.evolve(severity=Severity.S2)
        return await super().hub_open_case(account, draft)

    @hookimpl
    async def hub_change_case(
        self, account: Account[DigitalCardSettings], reference: CaseReference, changes: CaseChanges
    ) -> Case | None:
        """Write what differs in one call; a resolution goes ahead of it as a public comment, once."""
        if changes.severity is Severity.S1 and not down(await cases.read_record(account, reference)):
            changes = changes.evolve(severity=Severity.S2)
        return await super().hub_change_case(account, reference, changes)


def down(ticket: dict[str, Any]) -> bool:
    """Whether the ticket was opened with the word that production is down."""
    told = html_to_text(text(ticket, "description"))
    return told.rpartition(_OUTAGE)[2].startswith(("full", "partial")) and _OUTAGE in told
