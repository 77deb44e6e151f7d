"""Writes: changes of severity, title and status arrive, and arrive once however often they are repeated."""

from __future__ import annotations

from hub.errors import CaseRefused
from hub.model import Case, CaseChanges, CaseStatus, Severity
from hub.testing.bench import TestBed
from hub.testing.rule import NotApplicable, require, rule, same

_LIVE = {CaseStatus.OPEN, CaseStatus.IN_PROGRESS}
_OVER = {CaseStatus.RESOLVED, CaseStatus.CLOSED, CaseStatus.CANCELLED}
CLOSE = CaseChanges(status=CaseStatus.CLOSED, resolution="Solved on our side.", key="RJR-000001-7F3KQ/9-X2Q2")
REOPEN = CaseChanges(status=CaseStatus.OPEN, key="RJR-000001-7F3KQ/10-X2Q3")


async def _changed(bench: TestBed, case: Case, *steps: CaseChanges) -> Case:
    try:
        for changes in steps:
            await bench.vendor.change_case(bench.account, case.reference, changes)
    except CaseRefused as error:
        raise NotApplicable(f"the vendor forbids it: {error.message}") from None
    return await bench.read(case)


@rule("writes", "open_case", "change_case", "read_case")
async def a_case_can_be_closed(bench: TestBed) -> None:
    """Closing ends the case at the vendor, from wherever it stands."""
    told = await _changed(bench, await bench.open(), CLOSE)
    require(told.status in _OVER, f"a closed case is {told.status}")


@rule("writes", "open_case", "change_case", "read_case")
async def a_closed_case_can_be_reopened(bench: TestBed) -> None:
    """Reopening makes the case live again, or is refused as the vendor forbids it."""
    case = await bench.open()
    resolved = CLOSE.evolve(status=CaseStatus.RESOLVED)
    require((await _changed(bench, case, resolved)).status in _OVER, "the case is not over")
    told = await _changed(bench, case, REOPEN)
    require(told.status in _LIVE, f"a reopened case is {told.status}")


@rule("writes", "open_case", "change_case", "read_case")
async def a_severity_can_be_changed(bench: TestBed) -> None:
    """A changed severity reads back, and nothing else changes with it."""
    case = await bench.open()
    told = await _changed(bench, case, CaseChanges(severity=Severity.S1, key="RJR-000001-7F3KQ/2-X2Q2"))
    same("severity", Severity.S1, told.severity)
    same("title, status and key", (case.title, case.status, case.key), (told.title, told.status, told.key))


@rule("writes", "open_case", "change_case", "read_case")
async def a_title_can_be_changed(bench: TestBed) -> None:
    """A changed title reads back, and the case keeps its key."""
    case = await bench.open()
    told = await _changed(bench, case, CaseChanges(title="Now it is slow", key="RJR-000001-7F3KQ/3-X2Q2"))
    same("title", "Now it is slow", told.title)
    same("key", case.key, told.key)
    if "find_case" in bench.can:
        found = await bench.find(case.key)
        same("found by its key", case.reference.number, found and found.reference.number)


@rule("writes", "open_case", "change_case", "read_case")
async def a_change_answers_with_what_was_stored(bench: TestBed) -> None:
    """Where a change answers with a case, it is the case as it then reads; it may answer with none."""
    case = await bench.open()
    changes = CaseChanges(severity=Severity.S1, title="Now it is slow", key="RJR-000001-7F3KQ/5-X2Q2")
    try:
        stored = await bench.vendor.change_case(bench.account, case.reference, changes)
    except CaseRefused as error:
        raise NotApplicable(f"the vendor forbids it: {error.message}") from None
    if stored is None:
        raise NotApplicable("a change answers with no case")
    told = await bench.read(case)
    for field in ("reference", "status", "severity", "title", "assignee", "key", "changed_at"):
        same(field, getattr(told, field), getattr(stored, field))


@rule("writes", "open_case", "change_case", "read_case")
async def the_same_change_twice_changes_nothing(bench: TestBed) -> None:
    """A change that is there already is not written again."""
    case = await bench.open()
    changes = CaseChanges(severity=Severity.S2, key="RJR-000001-7F3KQ/4-X2Q2")
    await _changed(bench, case, changes)
    before = len(bench.simulator.ledger.entries)
    await _changed(bench, case, changes)
    same("what the repeat stored", [], bench.simulator.ledger.entries[before:])


@rule("writes", "open_case", "change_case", "read_case")
async def closing_twice_is_closing_once(bench: TestBed) -> None:
    """A close that is repeated after a lost reply finds the case closed, and writes nothing."""
    case = await bench.open()
    await _changed(bench, case, CLOSE)
    before = len(bench.simulator.ledger.entries)
    await _changed(bench, case, CLOSE)
    same("what the repeat stored", [], bench.simulator.ledger.entries[before:])


@rule("writes", "open_case", "change_case")
async def a_change_writes_only_what_it_names(bench: TestBed) -> None:
    """An empty change writes nothing."""
    case = await bench.open()
    before = len(bench.simulator.ledger.entries)
    await bench.vendor.change_case(bench.account, case.reference, CaseChanges())
    same("what an empty change stored", [], bench.simulator.ledger.entries[before:])
