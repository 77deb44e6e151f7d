"""Fills a hub for a measurement: tickets, waiting escalations, and bonds settled long ago."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import text

from bench.place import ACCOUNT, TAG, ticket_number
from hub.bonding.outbound.escalate import escalate
from hub.bootstrap import Hub
from hub.db.unit import Unit
from hub.desk.store import add_ticket
from hub.model import Severity, TicketDraft
from hub.work.timetable import intervals

TITLE = "Checkout API answers 502 since the failover"
DESCRIPTION = (
    "Since 09:12 UTC the checkout service of the customer's shop answers 502 for about one request in five. "
    "The load balancer shows all nodes as healthy. Restarting a node helps for some minutes. The last change "
    "was the failover test of Tuesday; the database shows no slow statements. " * 2
)
BATCH = 1000

_TICKETS = """
    INSERT INTO ticket (id, number, source, source_id, title, description, severity, status, product, created_at)
    SELECT i, 'RJR-' || lpad(i::text, greatest(6, length(i::text)), '0'), 'hub', '', :title, :description, 2, 'open',
           'Checkout', now()
    FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS i
"""
_BONDS = """
    INSERT INTO bond (id, key, ticket_id, ticket_number, account, vendor, state, severity, positions,
                      case_number, case_id, picture, reconciled_at)
    SELECT id, number || '-' || :tag, id, number, :account, 'bmc_remedy', :state, severity, 1, :case || id, :case || id,
           CAST(:picture AS jsonb), CASE WHEN :case = '' THEN NULL ELSE now() END
    FROM ticket WHERE id BETWEEN :first AND :last
"""
_WAITING = """
    INSERT INTO operation (bond_id, account, position, kind, key, state, payload, trace_id)
    SELECT id, account, 1, 'open_case', key, 'ready',
           CAST(:payload AS jsonb) || jsonb_build_object('key', key, 'ticket_number', ticket_number), md5(key)
    FROM bond WHERE id BETWEEN :first AND :last ORDER BY id
"""
_OUTBOX = """
    INSERT INTO outbox (bond_id, account, severity, ready_at, waits_since)
    SELECT id, account, severity, now(), now() FROM bond WHERE id BETWEEN :first AND :last
"""
_SETTLED = """
    INSERT INTO operation (bond_id, account, position, kind, key, state, payload, attempts, sent_at, settled_at)
    SELECT id, account, 1, 'open_case', key, 'done',
           CAST(:payload AS jsonb) || jsonb_build_object('key', key, 'ticket_number', ticket_number), 1, now(), now()
    FROM bond WHERE id BETWEEN :first AND :last
"""
_CHAINS = """
    INSERT INTO journal_chain (chain, position, head)
    SELECT number, 1, sha256(number::bytea) FROM ticket WHERE id BETWEEN :first AND :last
"""
_JOURNAL = """
    INSERT INTO journal (chain, position, at, kind, data, hash)
    SELECT number, 1, now(), 'ticket_added', '{"source":"hub"}', sha256(number::bytea)
    FROM ticket WHERE id BETWEEN :first AND :last
"""
_COUNT_ON = "SELECT setval(pg_get_serial_sequence('{table}', 'id'), :last)"


async def _run(unit: Unit, statement: str, **values: Any) -> None:
    asked = text(statement)
    names = asked.compile().params
    await unit.connection.execute(asked, {name: value for name, value in values.items() if name in names})


async def rest(hub: Hub) -> None:
    """Create lanes and streams that are not due for years, so that only what is measured is sent or read."""
    async with hub.storage.unit() as unit:
        for vendor_account in hub.context.accounts.values():
            await unit.lanes.ensure(vendor_account.name, vendor_account.info.name)
            for kind in intervals(vendor_account):
                await unit.streams.ensure(vendor_account.name, kind)
        await _run(unit, "UPDATE stream SET due_at = now() + interval '10 years'")


async def first_packet(hub: Hub, account: str = ACCOUNT) -> dict[str, Any]:
    """Add a ticket and escalate it as a person would; returns its packet, the model for all other escalations."""
    draft = TicketDraft(title=TITLE, severity=Severity.S2, description=DESCRIPTION, product="Checkout")
    ticket = await add_ticket(hub.storage, hub.context.prefix, draft, who="bench")
    bond = await escalate(hub.context, ticket.number, account, {}, who="bench")
    async with hub.storage.unit() as unit:
        (operation,) = await unit.operations.pending(bond.id)
    return dict(operation.payload)


async def tickets(hub: Hub, first: int, last: int) -> list[str]:
    """Add tickets with these ids and their journal entries; returns their numbers."""
    async with hub.storage.unit() as unit:
        await _run(unit, _TICKETS, first=first, last=last, title=TITLE, description=DESCRIPTION)
        await _run(unit, _COUNT_ON.format(table="ticket"), last=last)
    numbers = [ticket_number(at) for at in range(first, last + 1)]
    for at in range(0, len(numbers), BATCH):
        async with hub.storage.unit() as unit:
            for number in numbers[at : at + BATCH]:
                unit.note(number, "ticket_added", source="hub", who="bench")
    return numbers


async def waiting(hub: Hub, payload: dict[str, Any], first: int, last: int, *, account: str = ACCOUNT) -> None:
    """Add tickets with these ids, each with an escalation waiting to be sent."""
    await tickets(hub, first, last)
    values = {
        "first": first,
        "last": last,
        "account": account,
        "tag": TAG,
        "state": "requested",
        "case": "",
        "picture": "{}",
        "payload": msgspec.json.encode(payload).decode(),
    }
    async with hub.storage.unit() as unit:
        for statement in (_BONDS, _WAITING, _OUTBOX):
            await _run(unit, statement, **values)
        await _run(unit, _COUNT_ON.format(table="bond"), last=last)
    await analyze(hub)


async def settled(hub: Hub, payload: dict[str, Any], picture: dict[str, Any], last: int) -> None:
    """Tickets up to this id, each with an open case, its operation done, and an entry in the journal.

    The entries' hashes only look like hashes.
    """
    step = 100_000
    for first in range(1, last + 1, step):
        values = {
            "first": first,
            "last": min(last, first + step - 1),
            "account": ACCOUNT,
            "tag": TAG,
            "state": "open",
            "case": "OLD",
            "picture": msgspec.json.encode(picture).decode(),
            "title": TITLE,
            "description": DESCRIPTION,
            "payload": msgspec.json.encode(payload).decode(),
        }
        async with hub.storage.unit() as unit:
            for statement in (_TICKETS, _BONDS, _SETTLED, _CHAINS, _JOURNAL):
                await _run(unit, statement, **values)
    async with hub.storage.unit() as unit:
        for table in ("ticket", "bond"):
            await _run(unit, _COUNT_ON.format(table=table), last=last)
    await analyze(hub)


async def analyze(hub: Hub) -> None:
    """Update the planner's statistics, as autovacuum would do later."""
    async with hub.storage.unit() as unit:
        for table in ("ticket", "bond", "operation", "outbox", "journal", "journal_chain"):
            await _run(unit, f"ANALYZE {table}")


async def due(hub: Hub) -> None:
    """Make the stream of cases due, and no other."""
    async with hub.storage.unit() as unit:
        await _run(unit, "UPDATE stream SET due_at = now() WHERE kind = 'cases'")
