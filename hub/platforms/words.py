"""A vendor's words for status and severity, as tables both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.errors import FieldRefused, VendorMisbehaved
from hub.model import CaseStatus, Severity
from hub.platforms.texts import clip


@dataclass(frozen=True)
class VendorWords:
    """What a vendor's words mean, and which to write; an account's own words go before these."""

    statuses: Mapping[str, CaseStatus]
    severities: Mapping[str, Severity]
    status_words: Mapping[CaseStatus, str]
    severity_words: Mapping[Severity, str]

    def status(self, word: str, own: Mapping[str, CaseStatus] | None = None) -> CaseStatus:
        """What a status means; raises VendorMisbehaved for an unknown one, so that nothing is guessed."""
        known = {**self.statuses, **(own or {})}
        if word not in known:
            raise VendorMisbehaved(f"unknown status {clip(word)}", next_step="add it to the account's statuses")
        return known[word]

    def severity(self, word: str, own: Mapping[str, Severity] | None = None) -> Severity:
        """What a priority means; raises VendorMisbehaved for an unknown one."""
        known = {**self.severities, **(own or {})}
        if word not in known:
            raise VendorMisbehaved(f"unknown priority {clip(word)}", next_step="add it to the account's priorities")
        return known[word]

    def status_word(self, status: CaseStatus, own: Mapping[CaseStatus, str] | None = None) -> str:
        """What to write for a status; raises FieldRefused where the vendor has no word for it."""
        word = (own or {}).get(status) or self.status_words.get(status)
        if word is None:
            raise FieldRefused(
                f"the vendor has no status for {status}",
                field="status",
                next_step="say it in a comment, or add the vendor's word to the account's status_words",
            )
        return word

    def severity_word(self, severity: Severity, own: Mapping[Severity, str] | None = None) -> str:
        """What to write for a severity."""
        return (own or {}).get(severity) or self.severity_words[severity]
