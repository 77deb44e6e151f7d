"""Watches the clocks: examines tickets that are due, and carries out the policy's steps."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from hub.bonding.outbound.escalate import escalate
from hub.context import HubContext
from hub.db.notices import Notice
from hub.db.unit import Unit
from hub.deadlines.watch import LOOK, examine_due
from hub.errors import Conflict, HubError
from hub.model import Clock, Escalation, Level, NoticeState, StepResult, Ticket, TicketStatus
from hub.model.journal.deadlines import Raised, StepSettled
from hub.notify.reminders import remind
from hub.sla.rules import ServiceRules
from hub.work.events import either

log = logging.getLogger("hub.work")

AT_ONCE = 20
"""Notices claimed at once."""

HOLD = timedelta(minutes=2)
"""How long a claimed notice is left to its worker; then another worker takes it."""

Tell = Callable[[Sequence[Notice]], Awaitable[None]]
"""Sends notices and settles each of them; they are claimed until their `due_at`."""


class Watcher:
    """One worker's watch over all tickets; any number may run."""

    def __init__(
        self, context: HubContext, rules: ServiceRules, tell: Tell | None = None, *, idle_seconds: float = 5
    ) -> None:
        self._context, self._rules, self._tell, self._idle = context, rules, tell, idle_seconds

    async def run(self, stopping: asyncio.Event) -> None:
        """Watch until `stopping` is set."""
        while not stopping.is_set():
            if not await self.turn():
                await either(stopping, stopping, self._idle)

    async def turn(self) -> bool:
        """Examine and act once; returns whether more may be due at once."""
        storage = self._context.storage
        examined, reminded = await examine_due(storage, self._rules), await remind(storage, self._rules)
        return bool(await self.act()) or examined == LOOK or reminded > 0

    async def act(self) -> int:
        """Carry out the steps that were taken; returns how many there were."""
        storage = self._context.storage
        async with storage.unit() as unit:
            notices = await unit.notices.claim(unit.now, AT_ONCE)
            held = unit.now + HOLD
            await unit.notices.change([notice.id for notice in notices], due_at=held)
        for notice in (notice for notice in notices if notice.do != "notify"):
            await self._do(notice)
        notifications = [notice.evolve(due_at=held) for notice in notices if notice.do == "notify"]
        if notifications and self._tell is not None:
            await self._tell(notifications)
        elif notifications:
            async with storage.unit() as unit:
                ids = [notice.id for notice in notifications]
                why = "no recipients and no mail server are configured"
                await unit.notices.change(ids, state=NoticeState.PARKED, reason=why, settled_at=unit.now)
        return len(notices)

    async def _do(self, notice: Notice) -> None:
        async with self._context.storage.unit() as unit:
            ticket = await unit.tickets.get(notice.ticket)
        if ticket is None or ticket.status is TicketStatus.CLOSED:
            await self._settle(notice, StepResult.DROPPED, "the ticket is closed")
            return
        share = notice.data.get("share")
        clock = Clock(name=notice.clock, share=share if isinstance(share, float) else 0.0)
        chosen = self._context.plugins.choose_escalation(ticket, clock) or Escalation(
            who="the policy",
            why=notice.step,
            level=Level(str(notice.data.get("level", Level.L2))),
            account=ticket.vendor if notice.do == "escalate" else "",
        )
        if not chosen.account:
            await self._raise(notice, ticket, chosen)
            return
        try:
            await escalate(self._context, ticket.number, chosen.account, {}, who=chosen.who, why=chosen.why)
        except Conflict as already:
            await self._settle(notice, StepResult.DONE, already.message)
        except HubError as refused:
            log.warning("step %s on %s could not be carried out: %s", notice.step, notice.ticket, refused)
            await self._settle(notice, StepResult.PARKED, refused.message, tell=True)
        else:
            await self._settle(notice, StepResult.DONE, f"escalated to {chosen.account}")

    async def _raise(self, notice: Notice, ticket: Ticket, chosen: Escalation) -> None:
        """Raise the ticket to a higher level inside RjR, and notify that level."""
        async with self._context.storage.unit() as unit:
            watch = await unit.watches.get(ticket.number, lock=True)
            if chosen.level > watch.level:
                await unit.watches.change(ticket.number, level=chosen.level.value)
                raised = Raised(level=chosen.level, before=watch.level, who=chosen.who)
                unit.note(ticket.number, raised)
                await self._also_tell(unit, notice, chosen.level.value, "raised")
            await unit.notices.change([notice.id], state=NoticeState.DONE, settled_at=unit.now)

    async def _settle(self, notice: Notice, result: StepResult, reason: str, *, tell: bool = False) -> None:
        async with self._context.storage.unit() as unit:
            await unit.notices.change([notice.id], state=NoticeState(result), reason=reason, settled_at=unit.now)
            unit.note(notice.ticket, StepSettled(step=notice.step, state=result))
            if tell:
                await self._also_tell(unit, notice, "owner", "not_done")

    async def _also_tell(self, unit: Unit, notice: Notice, role: str, about: str) -> None:
        notification = notice.evolve(
            key=f"{notice.key}:told",
            do="notify",
            whom=(role,),
            due_at=unit.now,
            state=NoticeState.READY,
            id=0,
            data=notice.data | {"about": about},
        )
        await unit.notices.add([notification], unit.now)
