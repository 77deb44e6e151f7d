"""Appointments and account managers' follow-up calls; an index finds those that are due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.customers import AppointmentRow, ContractRow, CustomerRow
from hub.model import Appointment, AppointmentState, FollowUp

_APPOINTMENT, _CONTRACT, _CUSTOMER = AppointmentRow.__table__, ContractRow.__table__, CustomerRow.__table__
_PLANNED = _APPOINTMENT.c.state == text("'planned'")


def _appointment(row: Row[Any]) -> Appointment:
    values = {name: getattr(row, name) for name in Appointment.__struct_fields__}
    return Appointment(**{**values, "state": AppointmentState(row.state)})


class Appointments:
    """The appointments within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self,
        *,
        ticket: str,
        customer: str,
        starts_at: datetime,
        minutes: int,
        who: str,
        after_hours: bool,
        remind_at: datetime,
    ) -> Appointment:
        """Store a new appointment."""
        statement = insert(AppointmentRow).values(
            ticket=ticket,
            customer=customer,
            starts_at=starts_at,
            minutes=minutes,
            who=who,
            after_hours=after_hours,
            remind_at=remind_at,
        )
        return _appointment((await self._connection.execute(statement.returning(_APPOINTMENT))).one())

    async def get(self, appointment_id: int, *, lock: bool = False) -> Appointment | None:
        """The appointment with this id."""
        query = select(_APPOINTMENT).where(_APPOINTMENT.c.id == appointment_id)
        row = (await self._connection.execute(query.with_for_update() if lock else query)).one_or_none()
        return _appointment(row) if row else None

    async def planned(self, *, limit: int = 50) -> list[Appointment]:
        """Appointments that are neither done nor cancelled, earliest first."""
        query = select(_APPOINTMENT).where(_PLANNED).order_by(_APPOINTMENT.c.starts_at, _APPOINTMENT.c.id).limit(limit)
        return [_appointment(row) for row in await self._connection.execute(query)]

    async def of_ticket(self, ticket: str) -> list[Appointment]:
        """All appointments of a ticket, earliest first."""
        query = (
            select(_APPOINTMENT)
            .where(_APPOINTMENT.c.ticket == ticket)
            .order_by(_APPOINTMENT.c.starts_at, _APPOINTMENT.c.id)
        )
        return [_appointment(row) for row in await self._connection.execute(query)]

    async def settle(self, appointment_id: int, state: AppointmentState, now: datetime) -> None:
        """Store the outcome of an appointment."""
        await self._connection.execute(
            update(AppointmentRow).where(_APPOINTMENT.c.id == appointment_id).values(state=state.value, settled_at=now)
        )

    async def due_appointments(self, now: datetime, limit: int) -> list[Appointment]:
        """Appointments whose reminder is due, longest due first; locked until the unit ends, so each is sent once."""
        query = select(_APPOINTMENT).where(
            _PLANNED, _APPOINTMENT.c.reminded_at.is_(None), _APPOINTMENT.c.remind_at <= now
        )
        query = (
            query.order_by(_APPOINTMENT.c.remind_at, _APPOINTMENT.c.id).limit(limit).with_for_update(skip_locked=True)
        )
        return [_appointment(row) for row in await self._connection.execute(query)]

    async def reminded(self, ids: Sequence[int], now: datetime) -> None:
        """Record that reminders of these were sent."""
        await self._connection.execute(update(AppointmentRow).where(_APPOINTMENT.c.id.in_(ids)).values(reminded_at=now))

    async def due_follow_ups(self, today: date, limit: int, plans: Collection[str]) -> list[FollowUp]:
        """Calls whose reminder is due, longest due first; locked until the unit ends, so each is sent once.

        `plans` are those that include a monthly follow-up. Contracts that have ended are left out.
        """
        query = self._follow_ups(today, plans).where(
            _CONTRACT.c.follow_up_on <= today, _CONTRACT.c.follow_up_reminded_at.is_(None)
        )
        return await self._read_follow_ups(query.limit(limit).with_for_update(skip_locked=True, of=_CONTRACT))

    async def follow_ups(self, today: date, plans: Collection[str], *, limit: int = 50) -> list[FollowUp]:
        """The next call of every contract in force under one of these plans, earliest first."""
        return await self._read_follow_ups(self._follow_ups(today, plans).limit(limit))

    async def follow_ups_reminded(self, contracts: Sequence[str], now: datetime) -> None:
        """Record that reminders of these contracts' next calls were sent."""
        await self._connection.execute(
            update(ContractRow).where(_CONTRACT.c.number.in_(contracts)).values(follow_up_reminded_at=now)
        )

    async def followed_up(self, contract: str, next_on: date) -> None:
        """Set a contract's next call."""
        await self._connection.execute(
            update(ContractRow)
            .where(_CONTRACT.c.number == contract)
            .values(follow_up_on=next_on, follow_up_reminded_at=None)
        )

    @staticmethod
    def _follow_ups(today: date, plans: Collection[str]) -> Any:
        columns = (
            _CONTRACT.c.number,
            _CONTRACT.c.customer,
            _CONTRACT.c.follow_up_on,
            _CUSTOMER.c.name,
            _CUSTOMER.c.account_manager,
        )
        running = (_CONTRACT.c.starts_on <= today) & (_CONTRACT.c.ends_on.is_(None) | (_CONTRACT.c.ends_on >= today))
        query = (
            select(*columns)
            .join(_CUSTOMER, _CUSTOMER.c.number == _CONTRACT.c.customer)
            .where(_CONTRACT.c.plan.in_(plans), running)
        )
        return query.order_by(_CONTRACT.c.follow_up_on, _CONTRACT.c.number)

    async def _read_follow_ups(self, query: Any) -> list[FollowUp]:
        return [
            FollowUp(
                contract=row.number,
                customer=row.customer,
                customer_name=row.name,
                account_manager=row.account_manager,
                due_on=row.follow_up_on,
            )
            for row in await self._connection.execute(query)
        ]
