"""The words of a Salesforce org as delivered, and what they mean."""

from __future__ import annotations

from hub.model import CaseStatus, Severity
from hub.platforms.words import VendorWords

WORDS = VendorWords(
    statuses={
        "New": CaseStatus.OPEN,
        "Working": CaseStatus.IN_PROGRESS,
        "Escalated": CaseStatus.IN_PROGRESS,
        "Closed": CaseStatus.CLOSED,
    },
    severities={"High": Severity.S2, "Medium": Severity.S3, "Low": Severity.S4},
    status_words={CaseStatus.OPEN: "New", CaseStatus.IN_PROGRESS: "Working", CaseStatus.CLOSED: "Closed"},
    severity_words={Severity.S1: "High", Severity.S2: "High", Severity.S3: "Medium", Severity.S4: "Low"},
)
"""Source: the picklists of Case as Salesforce delivers them; TrustedCare's own are not published."""
