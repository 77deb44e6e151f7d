"""What becomes of an operation after a try or a look, and of its bond."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from typing import Any

import pytest

from hub import errors
from hub.bonding.judgement.outcome import MOST_TRIES, Outcome, done, judge, judge_look, parked
from hub.model import (
    Bond,
    BondState,
    Case,
    CaseReference,
    CaseStatus,
    Operation,
    OperationKind,
    OperationState,
    Severity,
)
from hub.model.journal import data_of, kind_of
from hub.work.record import NextMove, bond_after, next_step, outcome_entry

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
READY, IN_DOUBT, PARKED, DONE = (
    OperationState.READY,
    OperationState.IN_DOUBT,
    OperationState.PARKED,
    OperationState.DONE,
)


def operation(kind: OperationKind = OperationKind.ADD_COMMENT, **fields: Any) -> Operation:
    known: dict[str, Any] = {
        "id": 1,
        "bond_id": 1,
        "account": "acme",
        "position": 1,
        "kind": kind,
        "key": "RJR-000123-7F3KQ/1-X2QF",
        "state": READY,
        "payload": {},
        "severity": Severity.S3,
        "attempts": 1,
        "reason": "",
        "who_acts": "",
        "trace_id": "",
        "created_at": NOON,
    }
    return Operation(**(known | fields))


def bond(state: BondState = BondState.REQUESTED, **fields: Any) -> Bond:
    known: dict[str, Any] = {
        "id": 1,
        "key": "RJR-000123-7F3KQ",
        "ticket_id": 1,
        "ticket_number": "RJR-000123",
        "account": "acme",
        "vendor": "acme",
        "state": state,
        "severity": Severity.S3,
        "reference": None,
        "picture": {},
        "created_at": NOON,
        "updated_at": NOON,
        "waiting": 0,
        "parked": 0,
    }
    return Bond(**(known | fields))


def case(status: CaseStatus = CaseStatus.OPEN) -> Case:
    return Case(
        reference=CaseReference(number="C-1"), status=status, changed_at=NOON, severity=Severity.S3, title="slow"
    )


@pytest.mark.parametrize(
    ("error", "state", "again_in"),
    [
        (errors.VendorUnavailable("gone", in_doubt=True), IN_DOUBT, 0.0),
        (errors.VendorMisbehaved("html", in_doubt=True), IN_DOUBT, 0.0),
        (errors.NotPermitted("no", in_doubt=True), IN_DOUBT, 0.0),
        (errors.VendorUnavailable("not sent"), READY, None),
        (errors.RateLimited("slow", wait=30.0), READY, 30.0),
        (errors.RateLimited("slow"), READY, None),
        (errors.StorageUnavailable("gone"), READY, None),
        (errors.LoginRefused("who"), READY, 0.0),
        (errors.FieldRefused("bad", field="title"), PARKED, None),
        (errors.CaseMissing("gone"), PARKED, None),
        (errors.VendorMisbehaved("html"), PARKED, None),
        (errors.PluginError("broken"), PARKED, None),
        (errors.NotDisclosed("no"), PARKED, None),
    ],
)
def test_error_decides_what_becomes_of_an_operation(
    error: errors.HubError, state: OperationState, again_in: float | None
) -> None:
    """Refused is parked, not sent is tried again, and whatever may have been stored is in doubt."""
    outcome = judge(operation(), error)
    assert (outcome.state, outcome.again_in, outcome.lost) == (state, again_in, False)
    assert outcome.error == type(error).__name__
    assert outcome.who_acts == error.actor
    assert error.message in outcome.reason


def test_only_silence_counts_for_the_circuit() -> None:
    """A vendor that did not answer has failed; one that refused has worked; a plugin's fault is neither."""
    assert judge(operation(), errors.VendorUnavailable("gone", in_doubt=True)).failed
    assert not judge(operation(), errors.VendorMisbehaved("html", in_doubt=True)).failed
    assert judge(operation(), errors.RateLimited("slow", wait=2.0)).asked_wait == 2.0
    refused = judge(operation(), errors.FieldRefused("bad"))
    assert (refused.failed, refused.worked) == (False, True)
    broken = judge(operation(), errors.PluginError("bad"))
    assert (broken.failed, broken.worked) == (False, False)


def test_reason_tells_the_next_step_and_keeps_no_nul() -> None:
    """The reason that a person reads names what to do, and can be stored."""
    outcome = judge(operation(), errors.FieldRefused("bad \0title", next_step="shorten it"))
    assert outcome.reason == "bad title; shorten it"


def test_lost_lease_writes_nothing() -> None:
    """When the lease is gone there is no outcome to store, in a look either."""
    assert judge(operation(), errors.LeaseLost("over")).lost
    assert judge_look(operation(), errors.LeaseLost("over")).lost


def test_refused_login_pauses_the_account() -> None:
    """What only the operator can mend pauses the lane with the reason."""
    assert judge(operation(), errors.LoginRefused("who are you", next_step="set it")).pause == "who are you; set it"


def test_operation_without_an_answer_is_parked_in_the_end() -> None:
    """After so many tries without an answer the operator is asked."""
    assert judge(operation(attempts=MOST_TRIES - 1), errors.VendorUnavailable("gone")).state is READY
    outcome = judge(operation(attempts=MOST_TRIES), errors.VendorUnavailable("gone"))
    assert (outcome.state, outcome.who_acts) == (PARKED, "operator")
    assert f"{MOST_TRIES} tries" in outcome.reason


@pytest.mark.parametrize(
    ("error", "again_in"),
    [
        (errors.VendorUnavailable("gone"), None),
        (errors.VendorUnavailable("gone", in_doubt=True), None),
        (errors.RateLimited("slow", wait=30.0), 30.0),
        (errors.LoginRefused("who"), 0.0),
        (errors.FieldRefused("bad"), None),
    ],
)
def test_look_that_fails_leaves_the_doubt(error: errors.HubError, again_in: float | None) -> None:
    """Not being able to look never makes an operation ready to be sent again."""
    outcome = judge_look(operation(), error)
    assert (outcome.state, outcome.again_in) == (IN_DOUBT, again_in)


def test_missing_case_settles_the_doubt_of_all_but_its_opening() -> None:
    """A comment on a case that is gone asks a person; an opening that was not found stays in doubt."""
    assert judge_look(operation(), errors.CaseMissing("gone")).state is PARKED
    assert judge_look(operation(OperationKind.OPEN_CASE), errors.CaseMissing("gone")).state is IN_DOUBT


def test_bond_goes_on_or_waits() -> None:
    """After a done operation the next one leaves; a parked one holds its bond; a wait hands it back."""
    one = operation()
    assert next_step(done(one), deque([operation(position=2)])) is NextMove.ONWARD
    assert next_step(done(one), deque([operation(position=2, state=PARKED)])) is NextMove.BACK
    assert next_step(done(one), deque()) is NextMove.BACK
    assert next_step(parked(one, "why", "CaseRefused"), deque([operation(position=2)])) is NextMove.ASIDE
    assert next_step(Outcome(operation=one, state=IN_DOUBT, again_in=0.0), deque()) is NextMove.AGAIN
    assert next_step(Outcome(operation=one, state=READY, again_in=0.0, pause="why"), deque()) is NextMove.BACK
    assert next_step(Outcome(operation=one, state=READY, again_in=3.0), deque()) is NextMove.BACK


OPENING = operation(OperationKind.OPEN_CASE)


@pytest.mark.parametrize(
    ("before", "outcome", "after"),
    [
        (BondState.REQUESTED, Outcome(operation=OPENING, state=IN_DOUBT), BondState.IN_DOUBT),
        (BondState.IN_DOUBT, Outcome(operation=OPENING, state=IN_DOUBT), None),
        (BondState.IN_DOUBT, Outcome(operation=OPENING, state=READY), BondState.REQUESTED),
        (BondState.REQUESTED, Outcome(operation=OPENING, state=READY), None),
        (BondState.REQUESTED, parked(OPENING, "why", "FieldRefused"), BondState.REJECTED),
        (BondState.REQUESTED, parked(OPENING, "why", "InDoubt"), BondState.IN_DOUBT),
        (BondState.REQUESTED, done(OPENING, case=case()), BondState.OPEN),
        (BondState.IN_DOUBT, done(OPENING, case=case(CaseStatus.WAITING_ON_US)), BondState.INFORMATION_REQUESTED),
        (BondState.OPEN, parked(operation(), "why", "FieldRefused"), None),
        (BondState.OPEN, done(operation()), None),
        (BondState.OPEN, done(operation(OperationKind.CLOSE)), BondState.CLOSED),
        (BondState.CLOSED, done(operation(OperationKind.REOPEN)), BondState.OPEN),
    ],
)
def test_bond_follows_its_operations(before: BondState, outcome: Outcome, after: BondState | None) -> None:
    """Opening, closing and reopening move the bond; a doubt about the opening shows on it."""
    found = bond_after(bond(before), outcome)
    assert (found.state if found else None) == after


def test_opened_bond_has_its_case_and_picture() -> None:
    """The case as it was opened or found is what the bond knows of it."""
    found = bond_after(bond(), done(OPENING, case=case()))
    assert found is not None
    assert found.reference == CaseReference(number="C-1")
    assert found.picture["title"] == "slow"


def test_change_that_arrived_is_part_of_the_picture() -> None:
    """A field that was set is what the vendor holds now, whatever state the bond is in."""
    change = operation(OperationKind.CHANGE_FIELDS, payload={"severity": 1})
    found = bond_after(bond(BondState.RESOLVED), done(change))
    assert found is not None
    assert (found.state, found.picture) == (BondState.RESOLVED, {"severity": 1})


def test_a_change_that_the_vendor_stored_otherwise_is_pictured_as_stored() -> None:
    """The vendor's word for a field that was set goes before ours; fields that were not set are left to its news."""
    change = operation(OperationKind.CHANGE_FIELDS, payload={"severity": 1})
    stored = case().evolve(severity=Severity.S2, title="not asked for")
    found = bond_after(bond(), done(change).evolve(stored=stored))
    assert found is not None
    assert found.picture == {"severity": 2}


def test_journal_tells_an_outcome_by_ids_alone() -> None:
    """What is journalled holds key, kind and state, and neither reason nor text."""
    outcome = parked(operation(payload={"body": "secret"}), "the reason", "FieldRefused")
    entry = outcome_entry(outcome, bond(BondState.OPEN, reference=CaseReference(number="C-1")))
    assert kind_of(entry) == "parked"
    assert data_of(entry) == {
        "operation": "RJR-000123-7F3KQ/1-X2QF",
        "kind": "add_comment",
        "bond_state": "open",
        "case": "C-1",
        "error": "FieldRefused",
        "who_acts": "owner",
    }


def test_journal_tells_since_when_the_vendor_has_a_case_that_was_found() -> None:
    """The clock of what it owes us began then, and not when we found it; one that was just opened needs no word."""
    begun = datetime(2026, 3, 3, 15, tzinfo=UTC)
    outcome = done(OPENING, case=case().evolve(created_at=begun))
    assert outcome_entry(outcome, bond(BondState.OPEN)).given_at is None
    found = outcome_entry(outcome.evolve(looked="found"), bond(BondState.OPEN))
    assert found.given_at == begun
