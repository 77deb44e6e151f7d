"""Enumerations of the incident and knowledge forms: labels as answered, numbers as compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Numbers = Mapping[int, str]


def _by_thousands(*labels: str) -> dict[int, str]:
    return {1000 * at: label for at, label in enumerate(labels, 1)}


def _from_zero(*labels: str) -> dict[int, str]:
    return dict(enumerate(labels))


NEW, ASSIGNED, IN_PROGRESS, PENDING, RESOLVED, CLOSED, CANCELLED = range(7)

# Numbers of Status, Impact and Urgency are known; those of Priority and all others are unverified.
DEFAULTS: Final[dict[str, dict[int, str]]] = {
    "Status": _from_zero("New", "Assigned", "In Progress", "Pending", "Resolved", "Closed", "Cancelled"),
    "Impact": _by_thousands("1-Extensive/Widespread", "2-Significant/Large", "3-Moderate/Limited", "4-Minor/Localized"),
    "Urgency": _by_thousands("1-Critical", "2-High", "3-Medium", "4-Low"),
    "Priority": _from_zero("Critical", "High", "Medium", "Low"),
    "Service Type": _from_zero(
        "User Service Restoration", "User Service Request", "Infrastructure Restoration", "Infrastructure Event"
    ),
    "Reported Source": _by_thousands(
        "Direct Input",
        "Email",
        "External Escalation",
        "Fax",
        "Self Service",
        "Systems Management",
        "Phone",
        "Voice Mail",
        "Walk In",
        "Web",
        "Other",
        "BMC Impact Manager Event",
    ),
    "Status_Reason": _by_thousands(
        "Automated Resolution Reported",
        "Client Action Required",
        "Client Hold",
        "Future Enhancement",
        "Infrastructure Change",
        "Local Site Action Required",
        "Monitoring Incident",
        "Purchase Order Approval",
        "Registration Approval",
        "Request",
        "Supplier Delivery",
        "Support Contact Hold",
        "Third Party Vendor Action Reqd",
        "Customer Follow-Up Required",
        "No Further Action Required",
        "Temporary Corrective Action",
        "Infrastructure Change Created",
        "No longer a Causal CI",
    ),
    "Work Log Type": _by_thousands(
        "Customer Communication",
        "Customer Follow-up",
        "Customer Status Update",
        "Closure Follow Up",
        "Detail Clarification",
        "General Information",
        "Resolution Communications",
        "Satisfaction Survey",
        "Status Update",
        "Incident Task / Action",
        "Problem Script",
        "Working Log",
        "Email System",
        "Paging System",
        "BMC Impact Manager Update",
        "Chat",
        "Vendor Communication",
    ),
    "View Access": _from_zero("Internal", "Public"),
    "Secure Work Log": _from_zero("No", "Yes"),
    "Log Status": _from_zero("Enabled", "Disabled"),
    "Article Status": {
        100: "In Progress",
        200: "Draft",
        300: "SME Review",
        700: "Published",
        800: "Retired",
        900: "Cancelled",
    },
    "Internal Article": _from_zero("No", "Yes"),
    "Support Group Status": _from_zero("Enabled", "Offline"),
}

_PENDING_REASONS = frozenset(DEFAULTS["Status_Reason"][n] for n in range(1000, 14000, 1000))
REASONS: Final[dict[int, frozenset[str]]] = {
    PENDING: _PENDING_REASONS,
    RESOLVED: frozenset(
        {
            "Automated Resolution Reported",
            "Customer Follow-Up Required",
            "Future Enhancement",
            "Monitoring Incident",
            "No Further Action Required",
            "Temporary Corrective Action",
        }
    ),
    CLOSED: frozenset({"Automated Resolution Reported", "Infrastructure Change Created"}),
    CANCELLED: frozenset({"No longer a Causal CI"}),
}


class Enum:
    """One enumeration as this server labels it."""

    def __init__(self, numbers: Numbers) -> None:
        self.labels: dict[int, str] = dict(numbers)
        self.numbers: dict[str, int] = {label: number for number, label in numbers.items()}

    def number(self, value: Any) -> int | None:
        """The number for a label, a number or a number in quotes; None when unknown."""
        if isinstance(value, str):
            if value in self.numbers:
                return self.numbers[value]
            value = int(value) if value.isascii() and value.isdigit() else None
        return value if type(value) is int and value in self.labels else None


def enums(relabel: Mapping[str, Mapping[str, str]]) -> dict[str, Enum]:
    """All enumerations, with this customer's labels in place of the defaults."""
    return {
        name: Enum({number: relabel.get(name, {}).get(label, label) for number, label in numbers.items()})
        for name, numbers in DEFAULTS.items()
    }
