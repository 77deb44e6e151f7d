"""Statuses and priorities: the built-in ones, and an account's own, which its ticket fields list.

Source: the enumerations of python-freshdesk and effytech/freshdesk_mcp; custom statuses have higher numbers, and
`GET /ticket_fields?type=default_status` returns their labels.
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
    """Meaning and spelling of statuses: by number, or by the label that the account gives the number."""

    words: VendorWords
    settings: Settings
    labels: dict[str, str]
    """Agents' labels by number; empty when they are not needed."""

    def status(self, number: str) -> CaseStatus:
        """The meaning of a status; raises VendorMisbehaved for an unknown one."""
        own, label = self.settings.statuses, self.labels.get(number, "")
        for word in (number, label):
            if word in own:
                return own[word]
        for word in (number, label):
            if word in self.words.statuses:
                return self.words.statuses[word]
        message = f"unknown status {clip(number)}" + (f", labelled {clip(label)}" if label else "")
        raise VendorMisbehaved(message, next_step="add its number or label to the account's statuses")

    def status_number(self, status: CaseStatus) -> int:
        """The number to write for a status; raises FieldRefused if the vendor has none."""
        word = self.words.status_word(status, self.settings.status_words)
        numbers = [number for number, label in self.labels.items() if label == word]
        number = word if word.isdigit() else next(iter(numbers), "")
        if not number:
            raise FieldRefused(
                "the account has no status with this label",
                field="status",
                next_step="compare status_words with the labels of the vendor's statuses",
            )
        return int(number)

    def priority(self, severity: Severity) -> int:
        """The number to write for a severity; raises FieldRefused for a word that is not a number."""
        word = self.words.severity_word(severity, self.settings.severity_words)
        if not word.isdigit():
            raise FieldRefused("a priority must be a number", field="severity", next_step="correct severity_words")
        return int(word)


async def status_names(
    account: AnyAccount, words: VendorWords, *numbers: Any, write: CaseStatus | None = None
) -> StatusNames:
    """The words of an account; its labels are fetched only if a number is unknown or the settings use a label."""
    settings: Settings = account.settings
    reads_label = any(not name.isdigit() for name in settings.statuses)
    is_unknown = any(str(number) not in {**words.statuses, **settings.statuses} for number in numbers)
    writes_label = write is not None and not words.status_word(write, settings.status_words).isdigit()
    fetched = await labels(account) if reads_label or is_unknown or writes_label else {}
    return StatusNames(words, settings, fetched)


async def labels(account: AnyAccount) -> dict[str, str]:
    """Agents' labels of all statuses, by number."""
    reply = await account.client.get("/ticket_fields", params={"type": "default_status"})
    for field in reply.json(list):
        choices = field.get("choices") if isinstance(field, dict) else None
        if isinstance(choices, dict) and field.get("name") == "status":
            return {number: _label(choice) for number, choice in choices.items()}
    raise reply.misbehaved("the ticket fields list no statuses")


def _label(choice: Any) -> str:
    label = choice[0] if isinstance(choice, list) and choice else choice
    return label if isinstance(label, str) else ""
