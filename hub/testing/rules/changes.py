"""Writes: changes of severity, title and status are stored, and repeating one stores nothing more."""

from __future__ import annotations

from hub.errors import CaseRefused
from hub.model import Case, CaseChanges, CaseStatus, Severity
from hub.testing.bed import TestBed
from hub.testing.checks import NotApplicable, require, require_equal
from hub.testing.rule import rule

_LIVE = {CaseStatus.OPEN, CaseStatus.IN_PROGRESS}
_OVER = {CaseStatus.RESOLVED, CaseStatus.CLOSED, CaseStatus.CANCELLED}
CLOSE = CaseChanges(status=CaseStatus.CLOSED, resolution="Solved on our side.", key="RJR-000001-7F3KQ/9-X2Q2")
REOPEN = CaseChanges(status=CaseStatus.OPEN, key="RJR-000001-7F3KQ/10-X2Q3")


async def _changed(bed: TestBed, case: Case, *steps: CaseChanges) -> Case:
    try:
        for changes in steps:
            await bed.vendor.change_case(bed.account, case.reference, changes)
    except CaseRefused as error:
        raise NotApplicable(f"the vendor forbids it: {error.message}") from None
    return await bed.read(case)


@rule("writes", "open_case", "change_case", "read_case")
async def a_case_can_be_closed(bed: TestBed) -> None:
    """Closing ends the case at the vendor, whatever its state."""
    case = await _changed(bed, await bed.open(), CLOSE)
    require(case.status in _OVER, f"a closed case is {case.status}")


@rule("writes", "open_case", "change_case", "read_case")
async def a_closed_case_can_be_reopened(bed: TestBed) -> None:
    """Reopening makes the case open or in progress again, or the vendor refuses it."""
    case = await bed.open()
    resolved = CLOSE.evolve(status=CaseStatus.RESOLVED)
    require((await _changed(bed, case, resolved)).status in _OVER, "the case is not resolved")
    reopened = await _changed(bed, case, REOPEN)
    require(reopened.status in _LIVE, f"a reopened case is {reopened.status}")


@rule("writes", "open_case", "change_case", "read_case")
async def a_severity_can_be_changed(bed: TestBed) -> None:
    """A changed severity reads back, and nothing else changes."""
    case = await bed.open()
    changed = await _changed(bed, case, CaseChanges(severity=Severity.S1, key="RJR-000001-7F3KQ/2-X2Q2"))
    require_equal("severity", Severity.S1, changed.severity)
    unchanged = (changed.title, changed.status, changed.key)
    require_equal("title, status and key", (case.title, case.status, case.key), unchanged)


@rule("writes", "open_case", "change_case", "read_case")
async def a_title_can_be_changed(bed: TestBed) -> None:
    """A changed title reads back, and the case keeps its key."""
    case = await bed.open()
    changed = await _changed(bed, case, CaseChanges(title="Now it is slow", key="RJR-000001-7F3KQ/3-X2Q2"))
    require_equal("title", "Now it is slow", changed.title)
    require_equal("key", case.key, changed.key)
    if "find_case" in bed.can:
        by_key = await bed.find(case.key)
        require_equal("the case found by its key", case.reference.number, by_key and by_key.reference.number)


@rule("writes", "open_case", "change_case", "read_case")
async def a_change_returns_what_was_stored(bed: TestBed) -> None:
    """If a change returns a case, it equals the case as read afterwards; it may return none."""
    case = await bed.open()
    changes = CaseChanges(severity=Severity.S1, title="Now it is slow", key="RJR-000001-7F3KQ/5-X2Q2")
    try:
        stored = await bed.vendor.change_case(bed.account, case.reference, changes)
    except CaseRefused as error:
        raise NotApplicable(f"the vendor forbids it: {error.message}") from None
    if stored is None:
        raise NotApplicable("a change returns no case")
    read = await bed.read(case)
    for field in ("reference", "status", "severity", "title", "assignee", "key", "changed_at"):
        require_equal(field, getattr(read, field), getattr(stored, field))


@rule("writes", "open_case", "change_case", "read_case")
async def the_same_change_twice_changes_nothing(bed: TestBed) -> None:
    """A change that is already in place is not written again."""
    case = await bed.open()
    changes = CaseChanges(severity=Severity.S2, key="RJR-000001-7F3KQ/4-X2Q2")
    await _changed(bed, case, changes)
    before = len(bed.simulator.ledger.entries)
    await _changed(bed, case, changes)
    require_equal("what the repeat stored", [], bed.simulator.ledger.entries[before:])


@rule("writes", "open_case", "change_case", "read_case")
async def closing_twice_writes_once(bed: TestBed) -> None:
    """Closing again, as after a lost reply, finds the case closed and writes nothing."""
    case = await bed.open()
    await _changed(bed, case, CLOSE)
    before = len(bed.simulator.ledger.entries)
    await _changed(bed, case, CLOSE)
    require_equal("what the repeat stored", [], bed.simulator.ledger.entries[before:])


@rule("writes", "open_case", "change_case")
async def a_change_writes_only_what_it_names(bed: TestBed) -> None:
    """An empty change writes nothing."""
    case = await bed.open()
    before = len(bed.simulator.ledger.entries)
    await bed.vendor.change_case(bed.account, case.reference, CaseChanges())
    require_equal("what an empty change stored", [], bed.simulator.ledger.entries[before:])
