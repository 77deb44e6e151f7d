"""Reads and writes: remote support sessions, from their start to their report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hub.model import Contact, Severity, Ticket, TicketStatus
from hub.testing.bench import TestBed
from hub.testing.rule import require, rule, same


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
async def a_session_can_be_joined(bench: TestBed) -> None:
    """A session that is started has a reference and the ticket's number, and a code or an address to join by."""
    made = await bench.vendor.start_session(bench.account, _ticket("RJR-000123"))
    require(made.reference, "the session has no reference")
    same("ticket", "RJR-000123", made.ticket_number)
    require(made.code or made.address, "nobody can join: there is neither code nor address")
    require(made.expires_at is None or made.expires_at.utcoffset() == timedelta(0), "a time is not in UTC")


@rule("writes", "start_session")
async def sessions_are_apart(bench: TestBed) -> None:
    """Sessions of two tickets have references and codes of their own."""
    made = [await bench.vendor.start_session(bench.account, _ticket(f"RJR-00012{n}")) for n in range(2)]
    same("distinct references", 2, len({one.reference for one in made}))
    same("distinct ways to join", 2, len({(one.code, one.address) for one in made}))


@rule("reads", "changed_sessions")
async def sessions_are_told_once(bench: TestBed) -> None:
    """Each session is told once a run, with times in UTC, and a second run tells of nothing."""
    if "start_session" in bench.can:
        await bench.vendor.start_session(bench.account, _ticket("RJR-000123"))
    first = await bench.news(stream="sessions")
    refs = [one.reference for one in first.items]
    same("references", sorted(set(refs)), sorted(refs))
    for one in first.items:
        for at in (one.started_at, one.ended_at, *(line.created_at for line in one.chat)):
            require(at is None or at.utcoffset() == timedelta(0), "a time is not in UTC")
    second = await bench.news(first.cursor, stream="sessions")
    third = await bench.news(second.cursor, stream="sessions")
    same("what later runs told", ((), ()), (second.items, third.items))
