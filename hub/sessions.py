"""Remote support sessions: a key for a ticket, and the report that comes back into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from hub.bonding.inbound.streams import Run, read_pages
from hub.bonding.judgement.diff import fingerprint
from hub.context import Parts, Party
from hub.customers.entitled import require
from hub.db.sessions import StoredSession
from hub.db.streams import Stream
from hub.db.unit import Unit
from hub.errors import CaseRefused, NotFound, VendorError
from hub.model import Session, Visibility
from hub.sla.entitlements import REMOTE_SESSION
from hub.sla.offer import Offer

SESSIONS = "sessions"
"""The stream of an account's remote sessions."""


async def start(parts: Parts, number: str, to: str, *, offer: Offer, who: str, override: str = "") -> StoredSession:
    """A session key for the ticket: the one that is still good, or a new one from the vendor.

    Raises NotFound, CaseRefused when the account has no sessions, NotIncluded when the ticket's plan has none and there
    is no reason to override it, and the vendor's error; a key whose answer was lost is never used and runs out by
    itself.
    """
    party = parts.able(to, "start_session")
    if not party.can("start_session"):
        raise CaseRefused(
            f"{party.name} has no remote sessions",
            next_step="name an account that has: see `hub plugins`",
            account=party.name,
        )
    await require(parts.storage, number, REMOTE_SESSION, offer, who=who, override=override)
    async with parts.storage.unit() as unit:
        ticket = await unit.tickets.named(number)
        if known := await unit.sessions.live_key(party.name, number, unit.now):
            return known
        unit.note(number, "session_requested", account=party.name, who=who)
    try:
        made = await party.vendor.start_session(party.account, ticket)
    except VendorError as error:
        async with parts.storage.unit() as unit:
            kind = type(error).__name__
            unit.note(number, "session_failed", account=party.name, error=kind, in_doubt=error.in_doubt)
        raise
    async with parts.storage.unit() as unit:
        stored = await unit.sessions.store(party.name, made.evolve(ticket_number=number), ticket.id)
        unit.note(number, "session_offered", account=party.name, session=stored.id, who=who)
    return stored


async def read_sessions(
    parts: Parts, party: Party, stream: Stream, *, lease_seconds: float, stopping: Callable[[], bool] = lambda: False
) -> Run:
    """Read the leased stream of sessions to its end. Raises the vendor's error; what was stored stays."""

    async def take(unit: Unit, items: Sequence[Session], _: datetime) -> None:
        for session in items:
            await _take(unit, party, session)

    return await read_pages(
        parts,
        party,
        stream,
        party.vendor.changed_sessions,
        take,
        lambda one: one.reference,
        lease_seconds=lease_seconds,
        stopping=stopping,
    )


async def _take(unit: Unit, party: Party, session: Session) -> None:
    """Store what was told of one session; the report of an ended one goes into its ticket, once."""
    ticket = await unit.tickets.get(session.ticket_number, lock=True) if session.ticket_number else None
    stored = await unit.sessions.store(party.name, session, ticket.id if ticket else None)
    now = stored.session
    if ticket is None or stored.reported or now.ended_at is None or not now.report:
        return
    await unit.comments.add(
        ticket_id=ticket.id,
        origin="vendor",
        author=", ".join(now.agents) or party.info.title,
        body=now.report,
        visibility=Visibility.PRIVATE.value,
        automatic=True,
        fingerprint=fingerprint(now.report),
        created_at=now.ended_at,
    )
    await unit.sessions.reported(stored.id)
    unit.note(
        ticket.number,
        "session_reported",
        account=party.name,
        session=stored.id,
        said=len(now.chat),
        fingerprint=fingerprint(now.report)[:16],
    )


async def sessions(parts: Parts, *, name: str = "", before: int | None = None, limit: int = 50) -> list[StoredSession]:
    """Sessions, newest first: all, or those of a ticket, reference or id. Raises NotFound when a name finds none."""
    async with parts.storage.unit() as unit:
        found = await unit.sessions.page(name=name, before=before, limit=limit)
    if name and not found:
        raise NotFound(f"no session is named {name}", next_step="see `hub session list`")
    return found
