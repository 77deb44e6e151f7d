"""Sends due notices: finds recipients, combines notices into one message each, and handles failures.

A message is stored before it is sent, and one of its notices leads it: the worker that claims that notice sends it.
If a worker dies between sending and settling, another sends the message again with the same id; mail offers no
stronger guarantee.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from hub.customers.customers import contract_of
from hub.db.notices import PART, Notice
from hub.db.storage import Storage
from hub.db.unit import Unit
from hub.deadlines.watch import TicketDeadlines, ticket_deadlines
from hub.errors import HubError, LeaseLost, LoginRefused, RateLimited, TryLater, VendorUnavailable
from hub.http import guard_writes
from hub.model import AppointmentState, Customer, NoticeState, Ticket, Value
from hub.model.journal.deadlines import NotTold, PerhapsTold, Told
from hub.notify import messages
from hub.notify.messages import Fact, Message
from hub.notify.recipients import Directory, Recipient, Stakeholders, find_recipients
from hub.notify.transport import NoticeTransport
from hub.sla.rules import ServiceRules
from hub.sla.ticket_clocks import RESPONSE

log = logging.getLogger("hub.work")

MAX_SECONDS = 60.0
"""The time limit for one message, with everything it waits for; shorter than the claim on a notice."""

CUSTOMER = "customer:"
"""Prefix of a notice's `ticket` when it is about a customer."""


class _Sending(Value, frozen=True):
    """A message being sent."""

    message: Message
    lead: Notice
    notices: tuple[Notice, ...]
    moot: dict[int, str]


class NoticeSender:
    """Sends notices; any number of watchers can share one."""

    def __init__(self, storage: Storage, rules: ServiceRules, people: Directory, post: NoticeTransport) -> None:
        self._storage, self._rules, self._people, self._post = storage, rules, people, post

    async def __call__(self, notices: Sequence[Notice]) -> None:
        """Send notices that a watcher has claimed until their `due_at`; each is settled, or due again later."""
        for notice in notices:
            if not notice.recipient:
                await self._address(notice)
        attempts = (self._send(notice) for notice in notices if notice.recipient)
        for error in await asyncio.gather(*attempts, return_exceptions=True):
            if isinstance(error, BaseException):
                raise error

    async def _address(self, notice: Notice) -> None:
        """Find the recipients of a notice's roles, and add a notice for each."""
        async with self._storage.unit() as unit:
            recipients, missing = find_recipients(self._people, notice.whom, await self._around(unit, notice))
            later = unit.now + timedelta(seconds=self._people.wait_seconds)
            await unit.notices.add([_addressed(notice, recipient, later) for recipient in recipients], unit.now)
            state = NoticeState.PARKED if missing else NoticeState.DONE
            await unit.notices.change([notice.id], state=state, reason="; ".join(missing), settled_at=unit.now)
            if missing:
                unit.note(notice.ticket, NotTold(step=notice.step, whom=notice.whom, why=tuple(missing)))

    async def _around(self, unit: Unit, notice: Notice) -> Stakeholders:
        if notice.ticket.startswith(CUSTOMER):
            return Stakeholders(customer=await unit.customers.get(notice.ticket.removeprefix(CUSTOMER)))
        ticket = await unit.tickets.named(notice.ticket)
        owner = str(notice.data.get("who") or (await unit.watches.get(ticket.number)).owner)
        covered = await contract_of(unit, ticket, self._rules.offer.plans)
        customer = await unit.customers.get(covered.customer) if covered.customer else None
        return Stakeholders(owner=owner, customer=customer, contact=ticket.contact)

    async def _send(self, lead: Notice) -> None:
        async with self._storage.unit() as unit:
            sending = await self._make(unit, lead)
        if sending is None:
            return

        def still_ours() -> None:
            if self._storage.clock() >= lead.due_at:
                raise LeaseLost("the message took too long; another worker will send it")

        try:
            with guard_writes(still_ours):
                async with asyncio.timeout(MAX_SECONDS):
                    await self._post.send(sending.message)
        except LeaseLost as lost:
            log.warning("%s", lost.message)
        except TimeoutError:
            await self._failed(sending, VendorUnavailable("the message took too long", in_doubt=True))
        except HubError as error:
            await self._failed(sending, error)
        else:
            await self._settle(sending, NoticeState.DONE)

    async def _make(self, unit: Unit, lead: Notice) -> _Sending | None:
        """The message led by a notice; None when another worker has it, or nothing is to be sent now."""
        await unit.notices.hold(lead.recipient)
        current = await unit.notices.get(lead.id)
        if current is None or current.state is not NoticeState.READY or current.due_at != lead.due_at:
            return None
        recipient = _recipient(current)
        if current.message:
            group, key = await unit.notices.in_message(current.message), current.message
        else:
            group = await unit.notices.waiting(current.recipient)
            sent = await unit.notices.messages(current.recipient, unit.now - messages.HOUR, unit.now)
            allowed_at = messages.next_send_time(sent, self._people.per_hour, unit.now)
            if allowed_at > unit.now:
                await unit.notices.change(
                    [notice.id for notice in group], due_at=self._after_quiet_hours(allowed_at, group)
                )
                return None
            key = messages.message_key(current.recipient, (notice.key for notice in group))
            await unit.notices.change([notice.id for notice in group], message=key, state=NoticeState.MERGED)
            await unit.notices.change([lead.id], state=NoticeState.READY)
        facts, moot = await self._facts(unit, group)
        if not facts:
            for notice in group:
                await _drop(unit, notice, moot[notice.id])
            return None
        message = messages.compose(key, recipient, facts, self._people)
        return _Sending(message=message, lead=current, notices=tuple(group), moot=moot)

    async def _facts(self, unit: Unit, group: Sequence[Notice]) -> tuple[list[Fact], dict[int, str]]:
        """The current facts of notices, and why some are no longer relevant."""
        facts: list[Fact] = []
        moot: dict[int, str] = {}
        by_ticket: dict[str, tuple[Ticket, TicketDeadlines]] = {}
        for notice in group:
            about = messages.about_of(notice.clock, notice.data)
            fact = Fact(about=about, ticket="", step=notice.step, since=notice.since, data=notice.data)
            if notice.ticket.startswith(CUSTOMER):
                facts.append(fact)
                continue
            if notice.ticket not in by_ticket:
                ticket = await unit.tickets.named(notice.ticket)
                by_ticket[notice.ticket] = ticket, await ticket_deadlines(unit, self._rules, ticket)
            ticket, standing = by_ticket[notice.ticket]
            fact = fact.evolve(
                ticket=ticket.number, title=messages.title_of(ticket), severity=ticket.severity.name, clock=notice.clock
            )
            kept = next((clock for clock in standing.clocks if clock.running.name == (notice.clock or RESPONSE)), None)
            if about == "appointment":
                why = await _appointment_moot(unit, notice)
                customer = await unit.customers.get(standing.coverage.customer)
                fact = fact.evolve(zone=(customer or Customer(number="", name="")).zone)
            else:
                why = messages.is_moot(about, ticket, kept, unit.now)
                if kept is not None:
                    clock = kept.running.state
                    vendor = "" if notice.clock == RESPONSE else kept.running.vendor
                    fact = fact.evolve(deadline=clock.deadline, zone=clock.calendar.zone.key, vendor=vendor)
            if why:
                moot[notice.id] = why
            else:
                facts.append(fact)
        return facts, moot

    async def _failed(self, sending: _Sending, error: HubError) -> None:
        attempts = int(sending.lead.data.get("tries") or 0) + 1
        # Messages wait while an operator corrects a rejected login.
        later = isinstance(error, TryLater | LoginRefused) or error.in_doubt
        if not later or attempts >= messages.MAX_ATTEMPTS:
            log.warning("a notice to %s can't be sent: %s", sending.message.recipient.role, error.message)
            why = f"{error.message}: {error.next_step}" if error.next_step else error.message
            await self._settle(sending, NoticeState.PARKED, why)
            return
        log.info("a notice to %s will be retried: %s", sending.message.recipient.role, error.message)
        pause = messages.retry_delay(attempts, error.wait if isinstance(error, RateLimited) else None)
        async with self._storage.unit() as unit:
            data = {**sending.lead.data, "tries": attempts}
            due_at = self._after_quiet_hours(unit.now + pause, sending.notices)
            await unit.notices.change([sending.lead.id], data=data, due_at=due_at, reason=error.message)
            if error.in_doubt:
                for ticket, about in _by_ticket(sending):
                    unit.note(ticket, PerhapsTold(**about, why=error.message))

    def _after_quiet_hours(self, moment: datetime, notices: Sequence[Notice]) -> datetime:
        """The given time, or the end of quiet hours unless one of the notices may be sent within them."""
        always = any(notice.data.get("at_any_hour") for notice in notices)
        return moment if always else self._rules.policy.quiet.opening(moment)

    async def _settle(self, sending: _Sending, state: NoticeState, why: str = "") -> None:
        async with self._storage.unit() as unit:
            sent = [notice.id for notice in sending.notices if notice.id not in sending.moot]
            await unit.notices.change(sent, state=state, reason=why, settled_at=unit.now)
            for notice in sending.notices:
                if notice.id in sending.moot:
                    await _drop(unit, notice, sending.moot[notice.id])
            for ticket, about in _by_ticket(sending):
                unit.note(ticket, Told(**about) if state is NoticeState.DONE else NotTold(**about, why=why))


def _by_ticket(sending: _Sending) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the journal of each ticket says about a message; no address, as journal entries are never deleted."""
    recipient = sending.message.recipient
    steps: dict[str, list[str]] = {}
    for notice in sending.notices:
        if notice.id not in sending.moot:
            steps.setdefault(notice.ticket, []).append(notice.step)
    for ticket, taken in sorted(steps.items()):
        about = {"role": recipient.role, "way": recipient.way, "message": sending.message.key}
        yield ticket, {**about, "steps": tuple(taken)}


def _addressed(notice: Notice, recipient: Recipient, due_at: datetime) -> Notice:
    """The notice for one recipient."""
    mark = hashlib.sha256(recipient.key.encode()).hexdigest()[:16]
    return notice.evolve(
        key=f"{notice.key}{PART}{mark}",
        whom=(recipient.role,),
        recipient=recipient.key,
        due_at=due_at,
        state=NoticeState.READY,
        id=0,
        reason="",
        settled_at=None,
        data=notice.data | {"to": recipient.plain()},
    )


def _recipient(notice: Notice) -> Recipient:
    return Recipient(**notice.data["to"])


async def _drop(unit: Unit, notice: Notice, why: str) -> None:
    await unit.notices.change([notice.id], state=NoticeState.DROPPED, reason=why, settled_at=unit.now)


async def _appointment_moot(unit: Unit, notice: Notice) -> str:
    appointment = await unit.appointments.get(int(notice.data.get("appointment") or 0))
    return "" if appointment and appointment.state is AppointmentState.PLANNED else "the appointment is settled"
