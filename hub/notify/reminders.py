"""Reminders: turns upcoming appointments and follow-up calls into notices, once each."""

from __future__ import annotations

from datetime import UTC, datetime, time

from hub.customers.appointments import due_appointments, due_follow_ups
from hub.db.notices import Notice
from hub.db.storage import Storage
from hub.model import Appointment, FollowUp
from hub.sla.calendar import Calendar
from hub.sla.rules import ServiceRules

BATCH = 50
"""The most reminders of each kind at once."""


async def remind(storage: Storage, rules: ServiceRules) -> int:
    """Add notices for due reminders; returns how many."""
    async with storage.unit() as unit:
        quiet = rules.policy.quiet
        coming = await due_appointments(unit, BATCH)
        calls = await due_follow_ups(unit, rules.offer, BATCH)
        await unit.notices.add(
            [
                *(_appointment_notice(appointment, quiet, unit.now) for appointment in coming),
                *(_call_notice(call, quiet, unit.now) for call in calls),
            ],
            unit.now,
        )
        if coming:
            await unit.appointments.reminded([appointment.id for appointment in coming], unit.now)
        if calls:
            await unit.appointments.follow_ups_reminded([call.contract for call in calls], unit.now)
        return len(coming) + len(calls)


def _appointment_notice(appointment: Appointment, quiet: Calendar, now: datetime) -> Notice:
    """A notice to the owner: in opening hours if there are any before the start, else at once."""
    opening = quiet.opening(now)
    return Notice(
        key=f"{appointment.ticket}:appointment/{appointment.id}",
        ticket=appointment.ticket,
        step="appointment",
        do="notify",
        whom=("owner",),
        since=appointment.remind_at,
        due_at=opening if opening < appointment.starts_at else now,
        data={
            "about": "appointment",
            "appointment": appointment.id,
            "who": appointment.who,
            "minutes": appointment.minutes,
            "starts_at": appointment.starts_at.isoformat(),
        },
    )


def _call_notice(call: FollowUp, quiet: Calendar, now: datetime) -> Notice:
    return Notice(
        key=f"follow-up/{call.contract}/{call.due_on}",
        ticket=f"customer:{call.customer}",
        step="follow-up",
        do="notify",
        whom=("account_manager",),
        since=datetime.combine(call.due_on, time(), UTC),
        due_at=quiet.opening(now),
        data={"about": "follow_up", "contract": call.contract, "customer": call.customer, "due_on": str(call.due_on)},
    )
