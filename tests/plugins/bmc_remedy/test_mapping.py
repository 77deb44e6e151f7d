"""The two tables of words and the functions that read them."""

from __future__ import annotations

import pytest

from hub.errors import VendorMisbehaved
from hub.model import CaseStatus, Severity
from plugins.bmc_remedy import mapping


@pytest.mark.parametrize("status", list(CaseStatus))
def test_each_status_survives_the_round_trip(status: CaseStatus) -> None:
    """What is written for a status is read as that status."""
    words = mapping.status_words(status)
    assert mapping.case_status(words.status, words.reason) == status


@pytest.mark.parametrize("severity", list(Severity))
def test_each_severity_has_words_of_its_own(severity: Severity) -> None:
    """No two severities are written alike, and each is the meaning of exactly one priority label."""
    assert len({mapping.severity_words(each) for each in Severity}) == len(Severity)
    assert list(mapping.PRIORITIES.values()).count(severity) == 1
    label = next(word for word, meaning in mapping.PRIORITIES.items() if meaning == severity)
    assert mapping.case_severity(label) == severity


def test_pending_means_what_its_reason_says() -> None:
    """The client's action is ours; a supplier's delivery is the vendor's."""
    assert mapping.case_status("Pending", "Client Action Required") == CaseStatus.WAITING_ON_US
    assert mapping.case_status("Pending", "Supplier Delivery") == CaseStatus.WAITING_ON_VENDOR


def test_a_reason_counts_only_while_pending() -> None:
    """A case in progress that still shows an old reason is in progress."""
    assert mapping.case_status("In Progress", "Client Action Required") == CaseStatus.IN_PROGRESS


def test_an_accounts_own_words_go_before_ours() -> None:
    """Relabelled statuses, reasons and priorities are read and written as the account says."""
    own = {"Resolved": CaseStatus.CLOSED, "Bei Kunde": CaseStatus.WAITING_ON_US}
    assert mapping.case_status("Resolved", "", own) == CaseStatus.CLOSED
    assert mapping.case_status("Bei Kunde", "", own) == CaseStatus.WAITING_ON_US
    assert mapping.case_status("Pending", "Lunch", None, {"Lunch": CaseStatus.WAITING_ON_VENDOR})
    assert mapping.case_severity("P0", {"P0": Severity.S1}) == Severity.S1
    assert mapping.status_words(CaseStatus.OPEN, {CaseStatus.OPEN: ("New", "")}).status == "New"
    assert mapping.severity_words(Severity.S4, {Severity.S4: ("4", "9")}) == ("4", "9")


@pytest.mark.parametrize(
    ("status", "reason", "named"), [("Frozen", "", "statuses"), ("Pending", "Lunch", "pending_reasons")]
)
def test_an_unknown_status_is_never_guessed(status: str, reason: str, named: str) -> None:
    """It is an error that names the label and the setting that would explain it."""
    with pytest.raises(VendorMisbehaved) as caught:
        mapping.case_status(status, reason)
    assert (reason or status) in caught.value.message
    assert named in caught.value.next_step


def test_an_unknown_priority_is_never_guessed_and_never_quoted_at_length() -> None:
    """The label is shortened, in case a text sits where a label belongs."""
    with pytest.raises(VendorMisbehaved) as caught:
        mapping.case_severity("x" * 500)
    assert "x" * 39 + "…" in caught.value.message
    assert len(caught.value.message) < 80
