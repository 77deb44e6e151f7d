"""Reads and writes: remote support sessions, from their start to their report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hub.model import Contact, Severity, Ticket, TicketStatus
from hub.testing.bed import TestBed
from hub.testing.checks import require, require_equal
from hub.testing.rule import rule


def _ticket(number: str) -> Ticket:
    at = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    return Ticket(
        id=1,
        number=number,
        title="Screen stays black",
        description="Since today.",
        severity=Severity.S2,
        status=TicketStatus.OPEN,
        source="hub",
        source_id="",
        product="Checkout",
        vendor="",
        customer="Northwind",
        contact=Contact(name="Sam Lee"),
        language="en",
        fields={},
        created_at=at,
        updated_at=at,
    )


@rule("writes", "start_session")
async def a_session_can_be_joined(bed: TestBed) -> None:
    """A started session has a reference, the ticket's number, and a code or an address for joining."""
    session = await bed.vendor.start_session(bed.account, _ticket("RJR-000123"))
    require(session.reference, "the session has no reference")
    require_equal("ticket", "RJR-000123", session.ticket_number)
    require(session.code or session.address, "the session has neither a code nor an address")
    require(session.expires_at is None or session.expires_at.utcoffset() == timedelta(0), "a time is not in UTC")


@rule("writes", "start_session")
async def sessions_are_separate(bed: TestBed) -> None:
    """The sessions of two tickets have different references and codes."""
    sessions = [await bed.vendor.start_session(bed.account, _ticket(f"RJR-00012{n}")) for n in range(2)]
    require_equal("distinct references", 2, len({session.reference for session in sessions}))
    require_equal("distinct ways to join", 2, len({(session.code, session.address) for session in sessions}))


@rule("reads", "changed_sessions")
async def sessions_are_reported_once(bed: TestBed) -> None:
    """Each session is reported once, with times in UTC, and a second run reports nothing."""
    if "start_session" in bed.can:
        await bed.vendor.start_session(bed.account, _ticket("RJR-000123"))
    first = await bed.news(stream="sessions")
    refs = [session.reference for session in first.items]
    require_equal("references", sorted(set(refs)), sorted(refs))
    for session in first.items:
        for at in (session.started_at, session.ended_at, *(line.created_at for line in session.chat)):
            require(at is None or at.utcoffset() == timedelta(0), "a time is not in UTC")
    second = await bed.news(first.cursor, stream="sessions")
    third = await bed.news(second.cursor, stream="sessions")
    require_equal("what later runs reported", ((), ()), (second.items, third.items))
