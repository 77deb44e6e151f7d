"""Remote support sessions: requests a session key for a ticket, and adds the session's report to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from hub.bonding.inbound.streams import StreamRun, read_pages
from hub.bonding.judgement.diff import fingerprint
from hub.context import HubContext, VendorAccount
from hub.customers.entitled import require
from hub.db.sessions import StoredSession
from hub.db.streams import Stream
from hub.db.unit import Unit
from hub.errors import CaseRefused, NotFound, VendorError
from hub.model import Session, Visibility
from hub.model.journal.tickets import SessionFailed, SessionOffered, SessionReported, SessionRequested
from hub.sla.entitlements import REMOTE_SESSION
from hub.sla.offer import Offer


async def start(
    context: HubContext, number: str, to: str, *, offer: Offer, who: str, override: str = ""
) -> StoredSession:
    """A session key for the ticket: the one that is still valid, or a new one from the vendor.

    Raises NotFound, CaseRefused when the account has no sessions, NotIncluded when the ticket's plan has none and no
    `override` is given, and the vendor's error; a key whose reply was lost is never used and expires.
    """
    vendor_account = context.able(to, "start_session")
    if not vendor_account.can("start_session"):
        raise CaseRefused(
            f"{vendor_account.name} has no remote sessions",
            next_step="use an account with sessions: see `hub plugins`",
            account=vendor_account.name,
        )
    await require(context.storage, number, REMOTE_SESSION, offer, who=who, override=override)
    async with context.storage.unit() as unit:
        ticket = await unit.tickets.named(number)
        if current := await unit.sessions.live_key(vendor_account.name, number, unit.now):
            return current
        unit.note(number, SessionRequested(account=vendor_account.name, who=who))
    try:
        session = await vendor_account.vendor.start_session(vendor_account.account, ticket)
    except VendorError as error:
        async with context.storage.unit() as unit:
            kind = type(error).__name__
            failed = SessionFailed(account=vendor_account.name, error=kind, in_doubt=error.in_doubt)
            unit.note(number, failed)
        raise
    async with context.storage.unit() as unit:
        stored = await unit.sessions.store(vendor_account.name, session.evolve(ticket_number=number), ticket.id)
        unit.note(number, SessionOffered(account=vendor_account.name, session=stored.id, who=who))
    return stored


async def read_sessions(
    context: HubContext,
    vendor_account: VendorAccount,
    stream: Stream,
    *,
    lease_seconds: float,
    stopping: Callable[[], bool] = lambda: False,
) -> StreamRun:
    """Read the leased stream of sessions to its end. Raises the vendor's error; pages already stored stay."""

    async def take(unit: Unit, items: Sequence[Session], _: datetime) -> None:
        for session in items:
            await _take(unit, vendor_account, session)

    return await read_pages(
        context,
        vendor_account,
        stream,
        vendor_account.vendor.changed_sessions,
        take,
        lambda session: session.reference,
        lease_seconds=lease_seconds,
        stopping=stopping,
    )


async def _take(unit: Unit, vendor_account: VendorAccount, session: Session) -> None:
    """Store a session; the report of an ended one is added to its ticket, once."""
    ticket = await unit.tickets.get(session.ticket_number, lock=True) if session.ticket_number else None
    stored = await unit.sessions.store(vendor_account.name, session, ticket.id if ticket else None)
    now = stored.session
    if ticket is None or stored.reported or now.ended_at is None or not now.report:
        return
    await unit.comments.add(
        ticket_id=ticket.id,
        origin="vendor",
        author=", ".join(now.agents) or vendor_account.info.title,
        body=now.report,
        visibility=Visibility.PRIVATE.value,
        automatic=True,
        fingerprint=fingerprint(now.report),
        created_at=now.ended_at,
    )
    await unit.sessions.reported(stored.id)
    unit.note(
        ticket.number,
        SessionReported(
            account=vendor_account.name, session=stored.id, said=len(now.chat), fingerprint=fingerprint(now.report)[:16]
        ),
    )


async def sessions(
    context: HubContext, *, name: str = "", before: int | None = None, limit: int = 50
) -> list[StoredSession]:
    """Sessions, newest first: all, or those of a ticket, reference or id. Raises NotFound when none matches."""
    async with context.storage.unit() as unit:
        page = await unit.sessions.page(name=name, before=before, limit=limit)
    if name and not page:
        raise NotFound(f"there is no session {name}", next_step="see `hub session list`")
    return page
