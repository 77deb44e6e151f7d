"""What is special about the Digital Card desk: its alarm, its statuses, and which tickets go there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hub.errors import CaseRefused, IntakeIncomplete
from hub.model import AnyAccount, CaseChanges, CaseDraft, CaseStatus, Severity
from hub.simulators.freshdesk import Freshdesk
from hub.testing.bed import open_bed
from hub.vendors import load
from plugins.entrust import plugin as entrust

DRAFT = CaseDraft(
    key="RJR-000042-7F3KQ",
    title="Enrolment fails",
    description="Outage in production: full, says nobody.",
    severity=Severity.S1,
    ticket_number="RJR-000042",
)


@asynccontextmanager
async def desk() -> AsyncIterator[tuple[AnyAccount, Freshdesk]]:
    """An account at a simulated desk."""
    async with open_bed(load(strict=True).vendors["entrust"], entrust, "digital_card") as bench:
        yield bench.account, bench.simulator


@pytest.mark.parametrize(
    ("outage", "severity", "priority"),
    [("full", 1, 4), ("partial", 1, 4), ("none", 1, 3), ("full", 2, 3), ("none", 4, 1)],
)
async def test_the_alarm_is_raised_only_when_production_is_down(outage, severity, priority):
    """Severity 1 is Urgent with an outage and High without; what the ticket says of it is the answer's last line."""
    async with desk() as (account, sim):
        case = await entrust.hub_open_case(
            account, DRAFT.evolve(severity=Severity(severity), answers={"outage": outage})
        )
        ticket = sim.state.tickets.get(case.reference.number).values
    assert ticket["priority"] == priority
    assert ticket["description_text"].endswith(f"Outage in production: {outage}")
    assert "outage" not in ticket


@pytest.mark.parametrize(("outage", "priority"), [("partial", 4), ("none", 3)])
async def test_a_later_rise_to_severity_1_looks_at_the_outage(outage, priority):
    """What the ticket was opened with decides, not what its description quotes; other changes go with it."""
    async with desk() as (account, sim):
        case = await entrust.hub_open_case(account, DRAFT.evolve(severity=Severity.S3, answers={"outage": outage}))
        changes = CaseChanges(severity=Severity.S1, title="All cards fail")
        await entrust.hub_change_case(account, case.reference, changes)
        ticket = sim.state.tickets.get(case.reference.number).values
    assert (ticket["priority"], ticket["subject"]) == (priority, "All cards fail")


async def test_the_outage_has_to_be_said():
    """A case without the answer is not opened."""
    async with desk() as (account, sim):
        with pytest.raises(IntakeIncomplete):
            await entrust.hub_open_case(account, DRAFT)
        assert sim.ledger.of("case") == []


async def test_the_desks_own_statuses_are_known_by_label():
    """Assigned and Dev-scheduled are in progress, whatever their numbers are; a closed ticket is final."""
    async with desk() as (account, sim):
        case = await entrust.hub_open_case(account, DRAFT.evolve(answers={"outage": "none"}))
        for number in (6, 7):
            sim.engineer.set_status(case.reference.number, number)
            told = await entrust.hub_read_case(account, case.reference)
            assert told.status is CaseStatus.IN_PROGRESS
        sim.engineer.close(case.reference.number)
        with pytest.raises(CaseRefused, match="closed"):
            await entrust.hub_change_case(account, case.reference, CaseChanges(status=CaseStatus.OPEN))


def test_the_example_on_the_page_routes_by_product():
    """The settings that the page shows are settings of the desk."""
    model: Any = entrust.hub_settings("digital_card")
    settings = model(vendor="entrust", platform="digital_card", api_key="k", products=("Mobile Wallet", "Card SDK"))
    assert settings.base_url == "https://antelop-support.freshdesk.com/api/v2"
    assert settings.closed_is_final
