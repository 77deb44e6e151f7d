"""Appointments, and the account managers' follow-ups, as the hub keeps them; due ones are found by an index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.customers import AppointmentRow, ContractRow, CustomerRow
from hub.model import Appointment, AppointmentState, FollowUp

_T, _A, _C = AppointmentRow.__table__, ContractRow.__table__, CustomerRow.__table__
_PLANNED = _T.c.state == text("'planned'")


def _appointment(row: Row[Any]) -> Appointment:
    told = {name: getattr(row, name) for name in Appointment.__struct_fields__}
    return Appointment(**{**told, "state": AppointmentState(row.state)})


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
        made = insert(AppointmentRow).values(
            ticket=ticket,
            customer=customer,
            starts_at=starts_at,
            minutes=minutes,
            who=who,
            after_hours=after_hours,
            remind_at=remind_at,
        )
        return _appointment((await self._connection.execute(made.returning(_T))).one())

    async def get(self, appointment_id: int, *, lock: bool = False) -> Appointment | None:
        """The appointment with this id."""
        asked = select(_T).where(_T.c.id == appointment_id)
        row = (await self._connection.execute(asked.with_for_update() if lock else asked)).one_or_none()
        return _appointment(row) if row else None

    async def planned(self, *, limit: int = 50) -> list[Appointment]:
        """Those to come, and those that nobody has told the end of; the earliest first."""
        asked = select(_T).where(_PLANNED).order_by(_T.c.starts_at, _T.c.id).limit(limit)
        return [_appointment(row) for row in await self._connection.execute(asked)]

    async def of_ticket(self, ticket: str) -> list[Appointment]:
        """All of a ticket, the earliest first."""
        asked = select(_T).where(_T.c.ticket == ticket).order_by(_T.c.starts_at, _T.c.id)
        return [_appointment(row) for row in await self._connection.execute(asked)]

    async def settle(self, appointment_id: int, state: AppointmentState, now: datetime) -> None:
        """Say what became of an appointment."""
        await self._connection.execute(
            update(AppointmentRow).where(_T.c.id == appointment_id).values(state=state.value, settled_at=now)
        )

    async def due_appointments(self, now: datetime, limit: int) -> list[Appointment]:
        """Those to be reminded of now, the longest due first; held until the unit ends, for one reminder each."""
        asked = select(_T).where(_PLANNED, _T.c.reminded_at.is_(None), _T.c.remind_at <= now)
        asked = asked.order_by(_T.c.remind_at, _T.c.id).limit(limit).with_for_update(skip_locked=True)
        return [_appointment(row) for row in await self._connection.execute(asked)]

    async def reminded(self, ids: Sequence[int], now: datetime) -> None:
        """Remember that these were reminded of."""
        await self._connection.execute(update(AppointmentRow).where(_T.c.id.in_(ids)).values(reminded_at=now))

    async def due_follow_ups(self, today: date, limit: int, plans: Collection[str]) -> list[FollowUp]:
        """Calls to be reminded of, the longest due first; held until the unit ends, for one reminder each.

        `plans` are those that include a monthly follow-up. A contract that no longer runs asks for none.
        """
        asked = self._follow_ups(today, plans).where(_A.c.follow_up_on <= today, _A.c.follow_up_reminded_at.is_(None))
        return await self._told(asked.limit(limit).with_for_update(skip_locked=True, of=_A))

    async def follow_ups(self, today: date, plans: Collection[str], *, limit: int = 50) -> list[FollowUp]:
        """The next call of every contract that runs under one of these plans, the earliest first."""
        return await self._told(self._follow_ups(today, plans).limit(limit))

    async def follow_ups_reminded(self, contracts: Sequence[str], now: datetime) -> None:
        """Remember that these contracts' next calls were reminded of."""
        await self._connection.execute(
            update(ContractRow).where(_A.c.number.in_(contracts)).values(follow_up_reminded_at=now)
        )

    async def followed_up(self, contract: str, next_on: date) -> None:
        """Set a contract's next call."""
        await self._connection.execute(
            update(ContractRow).where(_A.c.number == contract).values(follow_up_on=next_on, follow_up_reminded_at=None)
        )

    @staticmethod
    def _follow_ups(today: date, plans: Collection[str]) -> Any:
        columns = (_A.c.number, _A.c.customer, _A.c.follow_up_on, _C.c.name, _C.c.account_manager)
        running = (_A.c.starts_on <= today) & (_A.c.ends_on.is_(None) | (_A.c.ends_on >= today))
        asked = select(*columns).join(_C, _C.c.number == _A.c.customer).where(_A.c.plan.in_(plans), running)
        return asked.order_by(_A.c.follow_up_on, _A.c.number)

    async def _told(self, asked: Any) -> list[FollowUp]:
        return [
            FollowUp(
                contract=row.number,
                customer=row.customer,
                customer_name=row.name,
                account_manager=row.account_manager,
                due_on=row.follow_up_on,
            )
            for row in await self._connection.execute(asked)
        ]
