"""The checker: compares what was acknowledged with what the vendor stored and the hub kept, invariant by invariant."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from hub import insights
from hub.context import HubContext
from hub.model import Operation, OperationKind, OperationState
from tests.chaos.scene import ACCOUNT
from tests.chaos.told import PRIVATE, SECRET, Told

OURS = re.compile(r"comment \d+ of ticket \d+")
"""What our agents say, behind which comes what must be masked."""


@dataclass
class Verdict:
    """What was found about each invariant: how much was looked at, and what breaks it."""

    looked: Counter[str] = field(default_factory=Counter)
    breaches: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    doubtful: dict[str, list[Operation]] = field(default_factory=dict)
    """What still waits on bonds whose doubt only a person can settle, by key: the vendor can't be looked at."""

    def look(self, name: str, fine: object, what: str = "") -> None:
        """Count one look; `what` is the breach when it is not fine."""
        self.looked[name] += 1
        if not fine:
            self.breaches[name].append(what)

    @property
    def fine(self) -> bool:
        return not any(self.breaches.values())


async def check(context: HubContext, asked: Sequence[Told], ledger: Sequence[dict[str, Any]], logs: str) -> Verdict:
    """Everything that can be told from outside, once all is quiet.

    Where cases can be looked for, each escalation is one case. Where they can't, it is one case, or shown in doubt.
    """
    verdict = Verdict()
    if not context.vendor_account(ACCOUNT).can("find_case"):
        await _in_doubt(verdict, context, asked)
    _vendor_side(verdict, asked, ledger)
    for canary in (SECRET, PRIVATE):
        verdict.look("I9 nothing private leaves", canary not in str(ledger), f"{canary} reached the vendor")
        verdict.look("I9 nothing private leaves", canary not in logs, f"{canary} is in a log")
    await _hub_side(verdict, context, asked)
    await _journal(verdict, context)
    return verdict


async def _in_doubt(verdict: Verdict, context: HubContext, asked: Sequence[Told]) -> None:
    """What waits behind a doubt, which `hub parked list` shows with its reason and the ticket's owner as who acts."""
    shown = {
        one.operation.id: one.operation
        for one in await insights.aside(context.storage, [OperationState.PARKED], limit=10_000)
    }
    for told in asked:
        async with context.storage.unit() as unit:
            waiting = await unit.operations.pending((await unit.bonds.find(told.key))[0].id)
        if not waiting:
            continue
        verdict.doubtful[told.key] = waiting
        first = shown.get(waiting[0].id)
        told_why = (
            first and first.who_acts == "owner" and first.sent_at and f"whether {first.key} arrived" in first.reason
        )
        verdict.look("I7 doubt is shown, with who acts", told_why, f"{told.key} waits for {waiting[0]}")
        rest = {str(one.state) for one in waiting[1:]} - {"ready"}
        verdict.look("I3 in order", not rest, f"{told.key}: behind a doubt there are {rest}")


def _vendor_side(verdict: Verdict, asked: Sequence[Told], ledger: Sequence[dict[str, Any]]) -> None:
    cases: dict[str, list[str]] = defaultdict(list)
    notes: dict[str, list[str]] = defaultdict(list)
    for entry in ledger:
        again = entry["kind"] == "mail" and entry["values"]["again"]
        verdict.look("I1 nothing is said twice", not again, f"the mail {entry.get('id')} came again")
        if entry["kind"] == "case":
            cases[entry["key"]].append(entry["id"])
        elif entry["kind"] == "note" and (ours := OURS.search(entry.get("text", ""))):
            notes[entry["parent"]].append(ours[0])
    for told in asked:
        found = cases.pop(told.key, [])
        waiting = verdict.doubtful.get(told.key, [])
        opening = any(one.kind is OperationKind.OPEN_CASE for one in waiting)
        verdict.look("I1 nothing acknowledged is lost", found or opening, f"{told.key} has no case")
        verdict.look("I2 one case per bond", len(found) <= 1, f"{told.key} has {found}")
        there = notes[found[0]] if found else []
        wanted = [body.partition(",")[0] for body, _ in told.comments]
        sure = [body.partition(",")[0] for body in told.sure]
        kept = [str(one.payload.get("body")).partition(",")[0] for one in waiting]
        missing = [body for body in sure if body not in there + kept]
        verdict.look("I1 nothing acknowledged is lost", not missing, f"{told.key} lacks {missing}")
        twice = [body for body, times in Counter(there).items() if times > 1]
        verdict.look("I1 nothing is said twice", not twice, f"{told.key} says {twice} more than once")
        order = [wanted.index(body) for body in dict.fromkeys(there) if body in wanted]
        verdict.look("I3 in order", order == sorted(order), f"{told.key} was told {there}")
        strange = [body for body in there if body not in wanted]
        verdict.look("I9 nothing private leaves", not strange, f"{told.key} was told {strange}")
    verdict.look("I2 one case per bond", not cases, f"cases that nobody asked for: {dict(cases)}")


_LEFT = text(
    "SELECT bond.key, o.state FROM operation o JOIN bond ON bond.id = bond_id WHERE o.state NOT IN ('done', 'merged') "
    "UNION ALL SELECT bond.key, 'in the outbox' FROM outbox JOIN bond ON bond.id = bond_id"
)


async def _hub_side(verdict: Verdict, context: HubContext, asked: Sequence[Told]) -> None:
    vendor_account = context.vendor_account(ACCOUNT)
    async with context.storage.unit() as unit:
        found = [tuple(row) for row in await unit.connection.execute(_LEFT)]
    left = [(key, state) for key, state in found if key not in verdict.doubtful]
    verdict.look("I7 in step once faults stop", not left, f"not sent: {left}")
    for number, told in enumerate(asked):
        async with context.storage.unit() as unit:
            bond = (await unit.bonds.find(told.key))[0]
            heard = [
                one.body
                for one in await unit.comments.of_ticket(bond.ticket_id)
                if one.origin == "vendor" and not one.automatic
            ]
        verdict.look("I5 all news is taken in once", heard == told.answers, f"{told.key} heard {heard}")
        if number % 20 == 0 and bond.reference is not None and vendor_account.can("read_case"):
            case = await vendor_account.vendor.read_case(vendor_account.account, bond.reference)
            same = {"status": str(case.status)}
            if case.severity is not None:  # a case that is kept by mail tells its status at the most
                same |= {"severity": int(case.severity), "changed_at": case.changed_at.isoformat()}
            ours = {name: bond.picture.get(name) for name in same}
            verdict.look("I4 the picture is the latest", ours == same, f"{told.key}: {ours} is not {same}")


async def _journal(verdict: Verdict, context: HubContext) -> None:
    entries = 0
    async for count, faults in context.storage.verify():
        entries += count
        verdict.look("journal verified", not faults, str(faults[:3]))
    async with context.storage.unit() as unit:
        rows = await unit.connection.execute(
            text("SELECT kind, data->>'operation' AS operation FROM journal ORDER BY chain, position")
        )
        begun: set[str] = set()
        done: Counter[str] = Counter()
        for kind, operation in rows:
            if kind in {"sending", "looking"}:
                begun.add(operation)
            elif kind == "done":
                done[operation] += 1
                verdict.look("I6 journalled before the call", operation in begun, f"{operation} was never begun")
    for operation, times in done.items():
        verdict.look("epochs fence late writers", times == 1, f"{operation} was settled {times} times")
