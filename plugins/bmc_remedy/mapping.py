"""BMC's words and the hub's, as two tables, and the plain functions that read them.

Labels: Splunk's open connector for Remedy (bmcremedy_consts.py) and recorded replies in the open Cortex XSOAR
pack BmcITSM. Each vendor may relabel them, so an account's settings can add to every table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hub.errors import VendorMisbehaved
from hub.model import CaseStatus, Severity
from hub.platforms.texts import clip

# --- the vendor's words, read ---------------------------------------------------------------------

PENDING = "Pending"

STATUSES: Mapping[str, CaseStatus] = {
    "New": CaseStatus.OPEN,
    "Assigned": CaseStatus.OPEN,
    "In Progress": CaseStatus.IN_PROGRESS,
    "Resolved": CaseStatus.RESOLVED,
    "Closed": CaseStatus.CLOSED,
    "Cancelled": CaseStatus.CANCELLED,
}

PENDING_REASONS: Mapping[str, CaseStatus] = {
    "": CaseStatus.WAITING_ON_VENDOR,
    "Automated Resolution Reported": CaseStatus.WAITING_ON_VENDOR,
    "Client Action Required": CaseStatus.WAITING_ON_US,
    "Client Hold": CaseStatus.WAITING_ON_US,
    "Future Enhancement": CaseStatus.WAITING_ON_VENDOR,
    "Infrastructure Change": CaseStatus.WAITING_ON_VENDOR,
    "Local Site Action Required": CaseStatus.WAITING_ON_US,
    "Monitoring Incident": CaseStatus.WAITING_ON_VENDOR,
    "Purchase Order Approval": CaseStatus.WAITING_ON_VENDOR,
    "Registration Approval": CaseStatus.WAITING_ON_VENDOR,
    "Request": CaseStatus.WAITING_ON_VENDOR,
    "Supplier Delivery": CaseStatus.WAITING_ON_VENDOR,
    "Support Contact Hold": CaseStatus.WAITING_ON_VENDOR,
    "Third Party Vendor Action Reqd": CaseStatus.WAITING_ON_VENDOR,
}

PRIORITIES: Mapping[str, Severity] = {
    "Critical": Severity.S1,
    "High": Severity.S2,
    "Medium": Severity.S3,
    "Low": Severity.S4,
}

MACHINE_NOTES = frozenset({"Email System", "Paging System", "BMC Impact Manager Update"})
"""Work log types that software writes."""

# --- our words, written ---------------------------------------------------------------------------


class StatusWords(NamedTuple):
    """What to write for one status; an empty reason is not sent."""

    status: str
    reason: str = ""


class SeverityWords(NamedTuple):
    """What to write for one severity; the server computes the priority from the two."""

    impact: str
    urgency: str


STATUS_WORDS: Mapping[CaseStatus, StatusWords] = {
    CaseStatus.OPEN: StatusWords("Assigned"),
    CaseStatus.IN_PROGRESS: StatusWords("In Progress"),
    CaseStatus.WAITING_ON_US: StatusWords(PENDING, "Client Action Required"),
    CaseStatus.WAITING_ON_VENDOR: StatusWords(PENDING, "Third Party Vendor Action Reqd"),
    CaseStatus.RESOLVED: StatusWords("Resolved", "No Further Action Required"),
    CaseStatus.CLOSED: StatusWords("Closed"),
    CaseStatus.CANCELLED: StatusWords("Cancelled", "No longer a Causal CI"),
}

SEVERITY_WORDS: Mapping[Severity, SeverityWords] = {
    Severity.S1: SeverityWords("1-Extensive/Widespread", "1-Critical"),
    Severity.S2: SeverityWords("2-Significant/Large", "2-High"),
    Severity.S3: SeverityWords("3-Moderate/Limited", "3-Medium"),
    Severity.S4: SeverityWords("4-Minor/Localized", "4-Low"),
}

REFUSED_FIELDS: Mapping[str, str] = {
    "Description": "title",
    "Detailed_Decription": "description",
    "Detailed Decription": "description",
    "Detailed Description": "body",
    "Impact": "severity",
    "Urgency": "severity",
    "Resolution": "resolution",
    "Status_Reason": "status",
    "Status": "status",
    "First_Name": "contact",
    "Last_Name": "contact",
    "Login_ID": "contact",
    "Company": "company",
    "Service_Type": "service_type",
    "Reported Source": "reported_source",
    "Assigned Group": "assigned_group",
}
"""Form fields that a refusal may name, and what the hub calls them."""

# --- reading the tables ---------------------------------------------------------------------------


def case_status(
    label: str,
    reason: str,
    statuses: Mapping[str, CaseStatus] | None = None,
    reasons: Mapping[str, CaseStatus] | None = None,
) -> CaseStatus:
    """What the vendor's status means; an account's own words go before ours. Raises VendorMisbehaved."""
    known = {**STATUSES, **(statuses or {})}
    if label in known:
        return known[label]
    waits = {**PENDING_REASONS, **(reasons or {})}
    if label != PENDING:
        raise VendorMisbehaved(f"unknown status {clip(label)}", next_step="add it to the account's statuses")
    if reason not in waits:
        raise VendorMisbehaved(
            f"unknown reason {clip(reason)} for {PENDING}", next_step="add it to the account's pending_reasons"
        )
    return waits[reason]


def case_severity(label: str, priorities: Mapping[str, Severity] | None = None) -> Severity:
    """What the vendor's computed priority means; raises VendorMisbehaved."""
    known = {**PRIORITIES, **(priorities or {})}
    if label not in known:
        raise VendorMisbehaved(f"unknown priority {clip(label)}", next_step="add it to the account's priorities")
    return known[label]


def status_words(status: CaseStatus, own: Mapping[CaseStatus, tuple[str, str]] | None = None) -> StatusWords:
    """What to write for a status."""
    return StatusWords(*(own or {}).get(status, STATUS_WORDS[status]))


def severity_words(severity: Severity, own: Mapping[Severity, tuple[str, str]] | None = None) -> SeverityWords:
    """What to write for a severity."""
    return SeverityWords(*(own or {}).get(severity, SEVERITY_WORDS[severity]))
