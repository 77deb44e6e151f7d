"""A vendor's words for status and severity, for reading and writing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.errors import FieldRefused, VendorMisbehaved
from hub.model import CaseStatus, Severity
from hub.platforms.texts import clip


@dataclass(frozen=True)
class VendorWords:
    """The meaning of a vendor's words, and which to write; an account's own words override them."""

    statuses: Mapping[str, CaseStatus]
    severities: Mapping[str, Severity]
    status_words: Mapping[CaseStatus, str]
    severity_words: Mapping[Severity, str]

    def status(self, word: str, own: Mapping[str, CaseStatus] | None = None) -> CaseStatus:
        """The meaning of a status; raises VendorMisbehaved for an unknown one, as nothing is guessed."""
        meanings = {**self.statuses, **(own or {})}
        if word not in meanings:
            raise VendorMisbehaved(f"unknown status {clip(word)}", next_step="add it to the account's statuses")
        return meanings[word]

    def severity(self, word: str, own: Mapping[str, Severity] | None = None) -> Severity:
        """The meaning of a priority; raises VendorMisbehaved for an unknown one."""
        meanings = {**self.severities, **(own or {})}
        if word not in meanings:
            raise VendorMisbehaved(f"unknown priority {clip(word)}", next_step="add it to the account's priorities")
        return meanings[word]

    def status_word(self, status: CaseStatus, own: Mapping[CaseStatus, str] | None = None) -> str:
        """The word to write for a status; raises FieldRefused if the vendor has none."""
        word = (own or {}).get(status) or self.status_words.get(status)
        if word is None:
            raise FieldRefused(
                f"the vendor has no status for {status}",
                field="status",
                next_step="write it in a comment, or add the vendor's word to the account's status_words",
            )
        return word

    def severity_word(self, severity: Severity, own: Mapping[Severity, str] | None = None) -> str:
        """The word to write for a severity."""
        return (own or {}).get(severity) or self.severity_words[severity]
