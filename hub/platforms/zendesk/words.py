"""Statuses and priorities of Zendesk; each custom status belongs to one of these statuses.

Source: values in zenpy's recordings and singer-io/tap-zendesk. A new case has no agent yet, a case on hold waits for a
third party. Closed is final, and is not written unless an account's settings say so.
"""

from __future__ import annotations

from hub.model import CaseStatus, Severity
from hub.platforms.words import VendorWords

WORDS = VendorWords(
    statuses={
        "new": CaseStatus.OPEN,
        "open": CaseStatus.IN_PROGRESS,
        "pending": CaseStatus.WAITING_ON_US,
        "hold": CaseStatus.WAITING_ON_VENDOR,
        "solved": CaseStatus.RESOLVED,
        "closed": CaseStatus.CLOSED,
    },
    severities={"urgent": Severity.S1, "high": Severity.S2, "normal": Severity.S3, "low": Severity.S4},
    status_words={
        CaseStatus.OPEN: "open",
        CaseStatus.IN_PROGRESS: "open",
        CaseStatus.WAITING_ON_US: "pending",
        CaseStatus.WAITING_ON_VENDOR: "hold",
        CaseStatus.RESOLVED: "solved",
        CaseStatus.CLOSED: "solved",
    },
    severity_words={Severity.S1: "urgent", Severity.S2: "high", Severity.S3: "normal", Severity.S4: "low"},
)
"""Closing writes solved: Zendesk's own automation closes solved cases later."""
