"""Tells people what is due: finds whom, makes one message for each of them, and sees it through.

A message is written down before it leaves, and one of its notices stands for it: whoever takes that one sends it. A
worker that dies between sending and settling leaves it to another, which sends it again under the same id; mail has no
way to be surer than that.
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
from hub.notify.recipients import Directory, Recipient, Stakeholders, whom
from hub.notify.transport import NoticeTransport
from hub.sla.rules import ServiceRules
from hub.sla.ticket_clocks import RESPONSE

log = logging.getLogger("hub.work")

MOST_SECONDS = 60.0
"""For one message, with all that it waits for before it leaves: less than a notice is held."""

CUSTOMER = "customer:"
"""Begins what stands for a ticket in a notice that is about a customer."""


class _Sending(Value, frozen=True):
    """A message on its way."""

    message: Message
    lead: Notice
    told: tuple[Notice, ...]
    moot: dict[int, str]


class NoticeSender:
    """Tells notices; one of these can be given to any number of watchers."""

    def __init__(self, storage: Storage, rules: ServiceRules, people: Directory, post: NoticeTransport) -> None:
        self._storage, self._rules, self._people, self._post = storage, rules, people, post

    async def __call__(self, notices: Sequence[Notice]) -> None:
        """Tell notices that a watcher has taken in hand until their `due_at`; each is settled, or due again later."""
        for one in notices:
            if not one.recipient:
                await self._address(one)
        tries = (self._tell(one) for one in notices if one.recipient)
        for failed in await asyncio.gather(*tries, return_exceptions=True):
            if isinstance(failed, BaseException):
                raise failed

    async def _address(self, notice: Notice) -> None:
        """Find whom a notice's roles mean, and leave a notice for each of them."""
        async with self._storage.unit() as unit:
            told, missing = whom(self._people, notice.whom, await self._around(unit, notice))
            later = unit.now + timedelta(seconds=self._people.wait_seconds)
            await unit.notices.add([_part(notice, one, later) for one in told], unit.now)
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

    async def _tell(self, lead: Notice) -> None:
        async with self._storage.unit() as unit:
            sending = await self._make(unit, lead)
        if sending is None:
            return

        def still_ours() -> None:
            if self._storage.clock() >= lead.due_at:
                raise LeaseLost("the message took too long; another tries")

        try:
            with guard_writes(still_ours):
                async with asyncio.timeout(MOST_SECONDS):
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
        """The message that a notice leads; None when another has it in hand, or nothing is to be told now."""
        await unit.notices.hold(lead.recipient)
        found = await unit.notices.get(lead.id)
        if found is None or found.state is not NoticeState.READY or found.due_at != lead.due_at:
            return None
        recipient = _recipient(found)
        if found.message:
            group, key = await unit.notices.in_message(found.message), found.message
        else:
            group = await unit.notices.waiting(found.recipient)
            told = await unit.notices.messages(found.recipient, unit.now - messages.HOUR, unit.now)
            turn = messages.next_turn(told, self._people.per_hour, unit.now)
            if turn > unit.now:
                await unit.notices.change([one.id for one in group], due_at=self._awake(turn, group))
                return None
            key = messages.message_key(found.recipient, (one.key for one in group))
            await unit.notices.change([one.id for one in group], message=key, state=NoticeState.MERGED)
            await unit.notices.change([lead.id], state=NoticeState.READY)
        facts, moot = await self._facts(unit, group)
        if not facts:
            for one in group:
                await _drop(unit, one, moot[one.id])
            return None
        message = messages.write(key, recipient, facts, self._people)
        return _Sending(message=message, lead=found, told=tuple(group), moot=moot)

    async def _facts(self, unit: Unit, group: Sequence[Notice]) -> tuple[list[Fact], dict[int, str]]:
        """What is true now of notices, and why some need not be told any more."""
        facts: list[Fact] = []
        moot: dict[int, str] = {}
        known: dict[str, tuple[Ticket, TicketDeadlines]] = {}
        for one in group:
            about = messages.about_of(one.clock, one.data)
            fact = Fact(about=about, ticket="", step=one.step, since=one.since, data=one.data)
            if one.ticket.startswith(CUSTOMER):
                facts.append(fact)
                continue
            if one.ticket not in known:
                ticket = await unit.tickets.named(one.ticket)
                known[one.ticket] = ticket, await ticket_deadlines(unit, self._rules, ticket)
            ticket, standing = known[one.ticket]
            fact = fact.evolve(
                ticket=ticket.number, title=messages.title_of(ticket), severity=ticket.severity.name, clock=one.clock
            )
            kept = next((clock for clock in standing.clocks if clock.running.name == (one.clock or RESPONSE)), None)
            if about == "appointment":
                why = await _appointment_moot(unit, one)
                customer = await unit.customers.get(standing.coverage.customer)
                fact = fact.evolve(zone=(customer or Customer(number="", name="")).zone)
            else:
                why = messages.is_moot(about, ticket, kept, unit.now)
                if kept is not None:
                    clock = kept.running.reckoning
                    vendor = "" if one.clock == RESPONSE else kept.running.vendor
                    fact = fact.evolve(deadline=clock.deadline, zone=clock.calendar.zone.key, vendor=vendor)
            if why:
                moot[one.id] = why
            else:
                facts.append(fact)
        return facts, moot

    async def _failed(self, sending: _Sending, error: HubError) -> None:
        tries = int(sending.lead.data.get("tries") or 0) + 1
        later = isinstance(error, TryLater | LoginRefused) or error.in_doubt  # a login is mended, and all wait for it
        if not later or tries >= messages.MOST_TRIES:
            log.warning("people can't be told as %s: %s", sending.message.recipient.role, error.message)
            why = f"{error.message}: {error.next_step}" if error.next_step else error.message
            await self._settle(sending, NoticeState.PARKED, why)
            return
        log.info("people are told later as %s: %s", sending.message.recipient.role, error.message)
        pause = messages.wait(tries, error.wait if isinstance(error, RateLimited) else None)
        async with self._storage.unit() as unit:
            data = {**sending.lead.data, "tries": tries}
            due_at = self._awake(unit.now + pause, sending.told)
            await unit.notices.change([sending.lead.id], data=data, due_at=due_at, reason=error.message)
            if error.in_doubt:
                for ticket, about in _by_ticket(sending):
                    unit.note(ticket, PerhapsTold(**about, why=error.message))

    def _awake(self, moment: datetime, notices: Sequence[Notice]) -> datetime:
        """The moment itself, or the end of quiet hours when nothing among the notices is told within them."""
        always = any(one.data.get("at_any_hour") for one in notices)
        return moment if always else self._rules.policy.quiet.opening(moment)

    async def _settle(self, sending: _Sending, state: NoticeState, why: str = "") -> None:
        async with self._storage.unit() as unit:
            left = [one.id for one in sending.told if one.id not in sending.moot]
            await unit.notices.change(left, state=state, reason=why, settled_at=unit.now)
            for one in (one for one in sending.told if one.id in sending.moot):
                await _drop(unit, one, sending.moot[one.id])
            for ticket, about in _by_ticket(sending):
                unit.note(ticket, Told(**about) if state is NoticeState.DONE else NotTold(**about, why=why))


def _by_ticket(sending: _Sending) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the journal of each ticket says of a message; no address, as the journal forgets nothing."""
    recipient = sending.message.recipient
    steps: dict[str, list[str]] = {}
    for notice in sending.told:
        if notice.id not in sending.moot:
            steps.setdefault(notice.ticket, []).append(notice.step)
    for ticket, taken in sorted(steps.items()):
        about = {"role": recipient.role, "way": recipient.way, "message": sending.message.key}
        yield ticket, {**about, "steps": tuple(taken)}


def _part(notice: Notice, told: Recipient, due_at: datetime) -> Notice:
    """The notice for one recipient."""
    mark = hashlib.sha256(told.key.encode()).hexdigest()[:16]
    return notice.evolve(
        key=f"{notice.key}{PART}{mark}",
        whom=(told.role,),
        recipient=told.key,
        due_at=due_at,
        state=NoticeState.READY,
        id=0,
        reason="",
        settled_at=None,
        data=notice.data | {"to": told.plain()},
    )


def _recipient(notice: Notice) -> Recipient:
    return Recipient(**notice.data["to"])


async def _drop(unit: Unit, notice: Notice, why: str) -> None:
    await unit.notices.change([notice.id], state=NoticeState.DROPPED, reason=why, settled_at=unit.now)


async def _appointment_moot(unit: Unit, notice: Notice) -> str:
    found = await unit.appointments.get(int(notice.data.get("appointment") or 0))
    return "" if found and found.state is AppointmentState.PLANNED else "the appointment is settled"
