"""Statuses and priorities: those built in, and an account's own, which its ticket fields name.

Source: the enumerations of python-freshdesk and effytech/freshdesk_mcp; custom statuses have higher numbers, and
`GET /ticket_fields?type=default_status` tells their labels.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hub.errors import FieldRefused, VendorMisbehaved
from hub.model import AnyAccount, CaseStatus, Severity
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.texts import clip
from hub.platforms.words import VendorWords

WORDS = VendorWords(
    statuses={"2": CaseStatus.OPEN, "3": CaseStatus.WAITING_ON_US, "4": CaseStatus.RESOLVED, "5": CaseStatus.CLOSED},
    severities={"1": Severity.S4, "2": Severity.S3, "3": Severity.S2, "4": Severity.S1},
    status_words={
        CaseStatus.OPEN: "2",
        CaseStatus.IN_PROGRESS: "2",
        CaseStatus.WAITING_ON_US: "3",
        CaseStatus.RESOLVED: "4",
        CaseStatus.CLOSED: "5",
    },
    severity_words={Severity.S1: "4", Severity.S2: "3", Severity.S3: "2", Severity.S4: "1"},
)
"""2 Open, 3 Pending, 4 Resolved, 5 Closed; 1 Low to 4 Urgent."""


class StatusNames(NamedTuple):
    """What statuses mean and how they are written: by number, else by the label that the account gives the number."""

    words: VendorWords
    settings: Settings
    labels: dict[str, str]
    """Agents' label by number; empty when nothing asked for them."""

    def status(self, number: str) -> CaseStatus:
        """What a status means; raises VendorMisbehaved for an unknown one."""
        own, label = self.settings.statuses, self.labels.get(number, "")
        for word in (number, label):
            if word in own:
                return own[word]
        for word in (number, label):
            if word in self.words.statuses:
                return self.words.statuses[word]
        known = f"unknown status {clip(number)}" + (f", labelled {clip(label)}" if label else "")
        raise VendorMisbehaved(known, next_step="add its number or label to the account's statuses")

    def status_number(self, status: CaseStatus) -> int:
        """The number to write for a status; raises FieldRefused where the vendor has none."""
        word = self.words.status_word(status, self.settings.status_words)
        numbers = [number for number, label in self.labels.items() if label == word]
        found = word if word.isdigit() else next(iter(numbers), "")
        if not found:
            raise FieldRefused(
                "the account has no status of that label",
                field="status",
                next_step="compare status_words with the labels of the vendor's statuses",
            )
        return int(found)

    def priority(self, severity: Severity) -> int:
        """The number to write for a severity; raises FieldRefused for a word that is none."""
        word = self.words.severity_word(severity, self.settings.severity_words)
        if not word.isdigit():
            raise FieldRefused("a priority is written as a number", field="severity", next_step="mend severity_words")
        return int(word)


async def names(account: AnyAccount, words: VendorWords, *numbers: Any, write: CaseStatus | None = None) -> StatusNames:
    """The words of an account; its labels are asked for only when a number or a label leaves no other way."""
    settings: Settings = account.settings
    told = StatusNames(words, settings, {})
    by_label = any(not name.isdigit() for name in settings.statuses)
    strange = any(str(number) not in {**words.statuses, **settings.statuses} for number in numbers)
    label = write is not None and not words.status_word(write, settings.status_words).isdigit()
    return told._replace(labels=await labels(account)) if by_label or strange or label else told


async def labels(account: AnyAccount) -> dict[str, str]:
    """Agents' labels of all statuses, by number."""
    reply = await account.client.get("/ticket_fields", params={"type": "default_status"})
    for field in reply.json(list):
        choices = field.get("choices") if isinstance(field, dict) else None
        if isinstance(choices, dict) and field.get("name") == "status":
            return {number: _first(told) for number, told in choices.items()}
    raise reply.misbehaved("the ticket fields tell no statuses")


def _first(told: Any) -> str:
    label = told[0] if isinstance(told, list) and told else told
    return label if isinstance(label, str) else ""
