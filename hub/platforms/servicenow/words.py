"""The standard states and priorities of a case."""

from __future__ import annotations

from hub.model import CaseStatus, Severity
from hub.platforms.words import VendorWords

WORDS = VendorWords(
    statuses={
        "1": CaseStatus.OPEN,
        "10": CaseStatus.IN_PROGRESS,
        "18": CaseStatus.WAITING_ON_US,
        "6": CaseStatus.RESOLVED,
        "3": CaseStatus.CLOSED,
    },
    severities={"1": Severity.S1, "2": Severity.S2, "3": Severity.S3, "4": Severity.S4},
    status_words={
        CaseStatus.OPEN: "10",
        CaseStatus.IN_PROGRESS: "10",
        CaseStatus.WAITING_ON_US: "18",
        CaseStatus.RESOLVED: "6",
        CaseStatus.CLOSED: "3",
    },
    severity_words={Severity.S1: "1", Severity.S2: "2", Severity.S3: "3", Severity.S4: "4"},
)
"""1 New, 10 Open, 18 Awaiting Info, 6 Resolved, 3 Closed; a case never returns to New, so open is written as Open.

Source: "Case API" and "Customer service case states" of ServiceNow's documentation.
"""
