"""Appointments: made where the plan allows them, done or cancelled; and the account managers' monthly calls."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.customers.customers import contract_of
from hub.customers.entitled import rule_on, unless_included
from hub.db.storage import Storage
from hub.db.unit import Unit
from hub.errors import BadInput, Conflict, NotFound
from hub.model import Appointment, AppointmentState, Customer, FollowUp
from hub.model.journal.accounts import FollowedUp
from hub.model.journal.tickets import AppointmentCancelled, AppointmentDone, AppointmentMade
from hub.sla.contracts import day_of, months_after
from hub.sla.entitlements import AFTER_HOURS, FOLLOW_UP
from hub.sla.offer import Offer

LOOK_AHEAD = timedelta(hours=24)
"""How long before an appointment the reminder is sent, unless another time is given."""


async def add(
    storage: Storage,
    offer: Offer,
    number: str,
    starts_at: datetime,
    *,
    minutes: int,
    agent: str,
    who: str,
    remind: timedelta = LOOK_AHEAD,
    override: str = "",
) -> Appointment:
    """Make an appointment for work on a ticket; a time without an offset is in the customer's zone.

    Outside the plan's business hours, the plan must include such work, or an operator must give a reason. Raises
    NotFound, BadInput for a time that has passed, and NotIncluded.
    """
    async with storage.unit() as unit:
        ticket = await unit.tickets.named(number)
        covered = await contract_of(unit, ticket, offer.plans)
        customer = await unit.customers.get(covered.customer) if covered.customer else None
        if starts_at.tzinfo is None:
            starts_at = starts_at.replace(tzinfo=ZoneInfo((customer or Customer(number="", name="")).zone))
        if starts_at <= unit.now:
            raise BadInput("an appointment must be in the future", next_step="for example 2027-01-09T10:00-05:00")
        end = starts_at + timedelta(minutes=minutes)
        outside = _outside(offer, covered.plan, starts_at, end)
        if outside:
            ruling = await rule_on(unit, ticket, AFTER_HOURS, offer, who=who, override=override)
            unless_included(ruling, number)
        made = await unit.appointments.add(
            ticket=number,
            customer=covered.customer,
            starts_at=starts_at,
            minutes=minutes,
            who=agent,
            after_hours=outside,
            remind_at=max(starts_at - remind, unit.now),
        )
        entry = AppointmentMade(
            appointment=made.id, starts_at=starts_at, minutes=minutes, after_hours=outside, agent=agent, who=who
        )
        unit.note(number, entry)
        return made


def _outside(offer: Offer, plan: str, start: datetime, end: datetime) -> bool:
    """Whether part of the time is outside the plan's business hours; without a plan, outside all calendars'."""
    calendars = [offer.calendar_of(offer.plan(plan))] if plan else offer.calendars.values()
    whole = round((end - start).total_seconds())
    return all(calendar.between(start, end) < whole for calendar in calendars)


async def settle(storage: Storage, appointment_id: int, state: AppointmentState, *, who: str) -> Appointment:
    """Mark an appointment as done or cancelled. Raises NotFound, and Conflict when it was marked already."""
    async with storage.unit() as unit:
        appointment = await unit.appointments.get(appointment_id, lock=True)
        if appointment is None:
            raise NotFound(f"no appointment has id {appointment_id}", next_step="see `hub appointments list`")
        if appointment.state is not AppointmentState.PLANNED:
            raise Conflict(f"appointment {appointment_id} is already {appointment.state}")
        await unit.appointments.settle(appointment_id, state, unit.now)
        settled = AppointmentDone if state is AppointmentState.DONE else AppointmentCancelled
        unit.note(appointment.ticket, settled(appointment=appointment_id, who=who))
        return appointment.evolve(state=state, settled_at=unit.now)


async def listed(storage: Storage, *, ticket: str = "", limit: int = 50) -> list[Appointment]:
    """All appointments of a ticket, or without a ticket all planned ones; the earliest first."""
    async with storage.unit() as unit:
        if ticket:
            return await unit.appointments.of_ticket((await unit.tickets.named(ticket)).number)
        return await unit.appointments.planned(limit=limit)


async def due_appointments(unit: Unit, limit: int) -> list[Appointment]:
    """Appointments whose reminder is due; pass their ids to `unit.appointments.reminded` in the same unit."""
    return await unit.appointments.due_appointments(unit.now, limit)


async def due_follow_ups(unit: Unit, offer: Offer, limit: int) -> list[FollowUp]:
    """Calls whose reminder is due; pass their contracts to `unit.appointments.follow_ups_reminded` in the same unit."""
    return await unit.appointments.due_follow_ups(unit.now.date(), limit, following(offer))


async def follow_ups(storage: Storage, offer: Offer, *, limit: int = 50) -> list[FollowUp]:
    """The account managers' next calls, the earliest first."""
    async with storage.unit() as unit:
        return await unit.appointments.follow_ups(unit.now.date(), following(offer), limit=limit)


async def followed_up(storage: Storage, contract: str, on: date | None, *, who: str) -> date:
    """Record an account manager's call; the next one is due a month later. Raises NotFound and BadInput."""
    async with storage.unit() as unit:
        stored = (await unit.customers.contracts([contract])).get(contract)
        customer = await unit.customers.get(stored.customer, lock=True) if stored else None
        if customer is None:
            raise NotFound(f"no contract has number {contract}", next_step="see `hub appointments follow-ups`")
        today = day_of(unit.now, customer)
        if on is not None and on > today:
            raise BadInput("the call is in the future", next_step=f"give a day up to {today}")
        after = months_after(on or today)
        await unit.appointments.followed_up(contract, after)
        called = FollowedUp(contract=contract, on=on or today, next=after, who=who)
        unit.note(f"customer:{customer.number}", called)
        return after


def following(offer: Offer) -> list[str]:
    """The plans that include a monthly follow-up."""
    return [plan.name for plan in offer.plans.values() if FOLLOW_UP in plan.features]
