"""Reminders: appointments that come near and account managers' calls become notices, once."""

from __future__ import annotations

from datetime import UTC, datetime, time

from hub.customers.appointments import due_appointments, due_follow_ups
from hub.db.notices import Notice
from hub.db.storage import Storage
from hub.model import Appointment, FollowUp
from hub.sla.calendar import Calendar
from hub.sla.rules import ServiceRules

AT_ONCE = 50
"""Of each kind."""


async def remind(storage: Storage, rules: ServiceRules) -> int:
    """Leave notices of what is to be reminded of; returns how many there were."""
    async with storage.unit() as unit:
        quiet = rules.policy.quiet
        coming = await due_appointments(unit, AT_ONCE)
        calls = await due_follow_ups(unit, rules.offer, AT_ONCE)
        await unit.notices.add(
            [*(_appointment(one, quiet, unit.now) for one in coming), *(_call(one, quiet, unit.now) for one in calls)],
            unit.now,
        )
        if coming:
            await unit.appointments.reminded([one.id for one in coming], unit.now)
        if calls:
            await unit.appointments.follow_ups_reminded([one.contract for one in calls], unit.now)
        return len(coming) + len(calls)


def _appointment(one: Appointment, quiet: Calendar, now: datetime) -> Notice:
    """For whoever keeps it: in opening hours if there are any before it begins, else at once."""
    opening = quiet.opening(now)
    return Notice(
        key=f"{one.ticket}:appointment/{one.id}",
        ticket=one.ticket,
        step="appointment",
        do="notify",
        whom=("owner",),
        since=one.remind_at,
        due_at=opening if opening < one.starts_at else now,
        data={
            "about": "appointment",
            "appointment": one.id,
            "who": one.who,
            "minutes": one.minutes,
            "starts_at": one.starts_at.isoformat(),
        },
    )


def _call(one: FollowUp, quiet: Calendar, now: datetime) -> Notice:
    return Notice(
        key=f"follow-up/{one.contract}/{one.due_on}",
        ticket=f"customer:{one.customer}",
        step="follow-up",
        do="notify",
        whom=("account_manager",),
        since=datetime.combine(one.due_on, time(), UTC),
        due_at=quiet.opening(now),
        data={"about": "follow_up", "contract": one.contract, "customer": one.customer, "due_on": str(one.due_on)},
    )
